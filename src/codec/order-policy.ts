/** The policy numbers of an order or of the configuration, in the contract's snake case. */
import type { Policy } from '../domain/policy.js';
import type { Problem } from '../domain/problem.js';
import { bad, ok, type Result } from '../domain/result.js';
import { Fields, number, Place, type Read } from './order-reader.js';

const DAY_S = 86_400;
const seconds = (min: number, max: number) => number({ min, max, whole: true, unit: 'seconds' });
const metres = number({ min: 1, max: 100_000, whole: false, unit: 'metres' });
const percent = number({ min: 0, max: 100, whole: true, unit: 'percent' });

/** Bounds that keep a slip of the keyboard from switching a rule off. */
const READERS: { readonly [K in keyof Policy]: Read<number> } = {
  toleranceS: seconds(0, DAY_S),
  k: number({ min: 1, max: 100, whole: true, unit: 'fixes' }),
  gapS: seconds(10, DAY_S),
  silenceS: seconds(60, 7 * DAY_S),
  tagSilenceS: seconds(60, 7 * DAY_S),
  alcoholSilenceS: seconds(60, 14 * DAY_S),
  unverifiedS: seconds(0, DAY_S),
  clockAheadS: seconds(0, 3_600),
  // what is older than 72 h cannot be opened again: the epoch keys are gone
  amendHorizonS: seconds(3_600, 3 * DAY_S),
  gnssRadiusM: metres,
  wifiRadiusM: metres,
  otherRadiusM: metres,
  jumpMS: number({ min: 10, max: 1_000, whole: false, unit: 'metres a second' }),
  crossingS: seconds(10, 3_600),
  batteryLowPct: percent,
  batteryCriticalPct: percent,
  batteryDeadPct: percent,
  batteryMarginPct: percent,
  noFixMotionS: seconds(60, DAY_S),
  noFixWithinS: seconds(60, DAY_S),
  noFixRadiusM: metres,
  contradictionM: metres,
};

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `tolerance_s` … `battery_margin_pct`, each optional. */
export const readPolicy: Read<Partial<Policy>> = (value, at) => {
  const fields = new Fields(value, at);
  const given: Partial<Record<keyof Policy, number>> = {};
  for (const [name, read] of Object.entries(READERS) as [keyof Policy, Read<number>][]) {
    const it = fields.optional(snake(name), read, null);
    if (it !== null) given[name] = it;
  }
  fields.done();
  return given;
};

/** Of the configuration: the policy for all orders that say nothing else. */
export function parsePolicy(json: unknown): Result<Partial<Policy>, Problem[]> {
  const at = Place.root();
  const policy = readPolicy(json, at);
  return at.problems.length === 0 ? ok(policy) : bad(at.problems);
}

export const policyJson = (policy: Partial<Policy>): Record<string, number> =>
  Object.fromEntries(Object.entries(policy).map(([name, value]) => [snake(name), value]));
