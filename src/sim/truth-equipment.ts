/** Equipment alerts of one device, read from the whole of its record. */
import type { TagFlag, UnitFlag } from '../domain/record.js';
import type { TruthItem } from './truth.js';

/** One moment of a device: a record of it, or what a home unit reports of its tag. */
export interface DeviceMoment {
  readonly atMs: number;
  readonly flags: readonly (TagFlag | UnitFlag)[];
  readonly batteryPct: number | null;
}

export interface EquipmentFacts {
  readonly orderId: string;
  readonly deviceId: string;
  readonly kind: 'tag' | 'rf_tag' | 'home_unit';
  /** In event order. */
  readonly moments: readonly DeviceMoment[];
  /** Null: its silence says nothing (an RF tag is heard only at home). */
  readonly silenceMs: number | null;
  readonly atMs: number;
}

type Flag = TagFlag | UnitFlag;

const spansOfTags: readonly [type: string, from: Flag, to: Flag, codes: readonly string[]][] = [
  ['tamper.strap', 'STRAP_TAMPER_START', 'STRAP_TAMPER_END', []],
  ['tamper.case', 'CASE_OPEN_START', 'CASE_OPEN_END', []],
  ['tamper.shielding', 'SHIELDING_START', 'SHIELDING_END', []],
  ['tamper.jamming', 'JAMMING_START', 'JAMMING_END', []],
  ['device.fault', 'SELF_TEST_FAULT', 'SELF_TEST_OK', ['AL24']],
];

const spansOfUnits: readonly [type: string, from: Flag, to: Flag, codes: readonly string[]][] = [
  ['unit.power_off', 'MAINS_LOST', 'MAINS_RESTORED', ['AL04']],
  ['unit.moved', 'MOVED', 'RESET', ['AL05']],
  ['tamper.unit_case', 'CASE_OPEN_START', 'CASE_OPEN_END', []],
  ['device.fault', 'SELF_TEST_FAULT', 'SELF_TEST_OK', ['AL24']],
];

const LOW_PCT = 20;
const CRITICAL_PCT = 10;
const DEAD_PCT = 3;
const MARGIN_PCT = 5;

export function equipmentTruth(facts: EquipmentFacts): TruthItem[] {
  const spans = facts.kind === 'home_unit' ? spansOfUnits : spansOfTags;
  return [
    ...spans.flatMap(([type, from, to, codes]) =>
      episodes(
        facts.moments,
        (m) => m.flags.includes(from),
        (m) => m.flags.includes(to),
      ).map((span) => item(facts, type, codes, span)),
    ),
    ...battery(facts, 'battery.low', LOW_PCT),
    ...battery(facts, 'battery.critical', CRITICAL_PCT),
    ...silences(facts),
  ];
}

function battery(facts: EquipmentFacts, type: string, thresholdPct: number): TruthItem[] {
  return episodes(
    facts.moments,
    (m) => m.batteryPct !== null && m.batteryPct <= thresholdPct,
    (m) => m.flags.includes('CHARGING_START') || (m.batteryPct !== null && m.batteryPct >= thresholdPct + MARGIN_PCT),
  ).map((span) => item(facts, type, ['AL21'], span));
}

/** From the first moment that begins to the first later one that ends; what begins again meanwhile changes nothing. */
function episodes(
  moments: readonly DeviceMoment[],
  begins: (moment: DeviceMoment) => boolean,
  ends: (moment: DeviceMoment) => boolean,
): { startMs: number; endMs: number | null }[] {
  const found: { startMs: number; endMs: number | null }[] = [];
  let after = Number.NEGATIVE_INFINITY;
  moments.forEach((start, i) => {
    if (start.atMs <= after || !begins(start)) return;
    let end: DeviceMoment | null = null;
    for (let j = i + 1; j < moments.length && end === null; j++) {
      const moment = moments[j] as DeviceMoment;
      if (moment.atMs > start.atMs && ends(moment)) end = moment;
    }
    found.push({ startMs: start.atMs, endMs: end?.atMs ?? null });
    after = end?.atMs ?? Number.POSITIVE_INFINITY;
  });
  return found;
}

/** Silence, and beside it a dead battery when the last status before it was as good as empty. */
function silences(facts: EquipmentFacts): TruthItem[] {
  const { silenceMs, moments, atMs } = facts;
  if (silenceMs === null) return [];
  return moments.flatMap((moment, i) => {
    const startMs = moment.atMs + silenceMs;
    const next = moments[i + 1];
    if ((next?.atMs ?? Number.POSITIVE_INFINITY) <= startMs || startMs > atMs) return [];
    const span = { startMs, endMs: next?.atMs ?? null };
    const status = moments.slice(0, i + 1).findLast((earlier) => earlier.batteryPct !== null);
    const dead = status !== undefined && (status.batteryPct ?? 100) <= DEAD_PCT;
    return [item(facts, 'device.silent', [], span), ...(dead ? [item(facts, 'battery.dead', ['AL23'], span)] : [])];
  });
}

function item(
  facts: EquipmentFacts,
  type: string,
  codes: readonly string[],
  span: { startMs: number; endMs: number | null },
): TruthItem {
  return {
    orderId: facts.orderId,
    kind: 'alert',
    type,
    conditionId: null,
    deviceId: facts.deviceId,
    startMs: span.startMs,
    endMs: span.endMs,
    codes,
    endedBy: null,
    dueMs: span.startMs,
  };
}
