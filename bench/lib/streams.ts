/** People ready to be stepped, what arrives of them, and one pass over it: the rules as the engine runs them. */
import { type AlertId, parseAlertId } from '../../src/domain/ids.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import { type AlertMeta, recordFindings } from '../../src/rules/alerts.js';
import { type Calm, calmOf, staysCalm } from '../../src/rules/calm.js';
import { type Move, moved, movedOn, moveOf } from '../../src/rules/calm-move.js';
import { compileOrder, type OrderPolicy } from '../../src/rules/compile.js';
import { radiusM } from '../../src/rules/plausibility.js';
import { initialState, RULES_VERSION, type StepInput, step } from '../../src/rules/step.js';
import { type Said, sayings } from './days.js';
import { makePopulation, type Person, type PopulationOptions } from './people.js';

interface LastHeard {
  timeMs: number;
  lonE7: number;
  latE7: number;
  radiusM: number;
  heardMs: number;
}

/** One person. `state` moves on; `before` is where each pass begins. */
export interface Stream {
  readonly editions: readonly OrderPolicy[];
  readonly meta: AlertMeta;
  before: SubjectState;
  state: SubjectState;
  /** Null: the next record takes the full step. */
  calm: Calm | null;
  /** What was calm and is not in the state yet; null: there is none. */
  move: Move | null;
  /** Of all. */
  last: LastHeard;
}

export interface Arrival extends Said {
  readonly stream: Stream;
}

/** What a pass did: the same in every pass, or what was measured is not what was meant. */
export interface Passed {
  readonly records: number;
  /** Of them, those that were calm. */
  readonly calm: number;
  readonly ticks: number;
  readonly late: number;
  readonly versions: number;
  /** Over every version, in order. */
  readonly digest: number;
}

export interface Arrivals {
  readonly streams: readonly Stream[];
  /** As they arrive: everybody's first, then everybody's second, and so on. */
  readonly arrivals: readonly Arrival[];
}

/** Lived through before the first pass, so that every unit has called and every person stands somewhere. */
const KNOWN_MIN = 70;
const KNOWN_FIX_EVERY_MIN = 10;
const DAY_MIN = 1_440;
/** The median of the field. */
const UPLOAD_DELAY_MS = 14_000;

/**
 * `minutes` of everybody's time. People stand all over the day, evenly, so that a short stretch of many people sees as
 * many nights and mornings as a long one of few.
 */
export function makeArrivals(options: PopulationOptions & { readonly minutes: number }): Arrivals {
  const { people, shared } = makePopulation(options);
  const lists = people.map((person, i) => {
    const stream = makeStream(person, (zoneId) => shared.get(zoneId) ?? null);
    const fromMin = DAY_MIN + Math.floor((i * DAY_MIN) / people.length);
    pass(arrivalsOf(stream, sayings(person, fromMin - KNOWN_MIN, KNOWN_MIN, KNOWN_FIX_EVERY_MIN)));
    stream.before = stream.state;
    return arrivalsOf(stream, sayings(person, fromMin, options.minutes));
  });
  return { streams: lists.flatMap(([first]) => (first === undefined ? [] : [first.stream])), arrivals: woven(lists) };
}

/**
 * Takes every arrival, and before each the ticks that a gateway would have given that person by then. `withCalm`: a fix
 * that can change nothing but time and place waits beside the state, as in the engine; else each takes the full step.
 */
export function pass(arrivals: readonly Arrival[], withCalm = false): Passed {
  let [calm, ticks, late, versions, digest] = [0, 0, 0, 0, 0];
  const take = (stream: Stream, input: StepInput, derivedMs: number): void => {
    const stepped = step(stream.editions, stream.state, input);
    if (stepped.late) late += 1;
    if (stepped.findings.length === 0) {
      stream.state = stepped.state;
      return;
    }
    const told = recordFindings(stepped.state, stepped.findings, { ...stream.meta, derivedMs }, () =>
      alertId(versions),
    );
    stream.state = told.state;
    versions += told.versions.length;
    for (const { type, version, startMs, endMs } of told.versions) {
      digest = mixed(digest, `${stream.meta.orderId} ${type} ${version} ${startMs} ${endMs}`);
    }
  };
  for (const { stream, deviceId, record } of arrivals) {
    const receivedMs = record.timeMs + UPLOAD_DELAY_MS;
    if (stream.calm !== null && staysCalm(stream.calm, stream.last, deviceId, record, receivedMs)) {
      calm += 1;
      const move = moveOf(stream.calm, [record]);
      stream.move = stream.move === null ? move : movedOn(stream.move, move);
      note(stream.calm, stream.last, record);
      continue;
    }
    settle(stream);
    for (let { dueMs } = stream.state; dueMs !== null && dueMs < record.timeMs; { dueMs } = stream.state) {
      ticks += 1;
      take(stream, { kind: 'tick', atMs: dueMs, cause: 'timer' }, dueMs);
    }
    take(stream, { kind: 'record', deviceId, receivedMs, record }, receivedMs);
    if (withCalm) lookForCalm(stream);
  }
  return { records: arrivals.length, calm, ticks, late, versions, digest };
}

/** Puts what was calm into the state. */
function settle(stream: Stream): void {
  if (stream.move !== null) stream.state = moved(stream.state, stream.move);
  stream.move = null;
}

function lookForCalm(stream: Stream): void {
  const calm = calmOf(stream.editions, stream.state);
  const tag = calm === null ? undefined : stream.state.equipment[calm.tagId];
  stream.calm = null;
  if (tag?.lastMs == null || tag.lastFix === null) return;
  const { timeMs, lonE7, latE7, radiusM } = tag.lastFix;
  stream.calm = calm;
  stream.last = { timeMs, lonE7, latE7, radiusM, heardMs: tag.lastMs };
}

function note(calm: Calm, last: LastHeard, { timeMs, body }: DeviceRecord): void {
  last.heardMs = timeMs;
  if (body.kind !== 'fix') return;
  last.timeMs = timeMs;
  last.lonE7 = body.lonE7;
  last.latE7 = body.latE7;
  last.radiusM = radiusM(body, calm);
}

/** What the states have come to, in bytes. */
export function statesDigest({ streams }: Arrivals): number {
  let digest = 0;
  for (const stream of streams) {
    settle(stream);
    digest = mixed(digest, JSON.stringify(sorted(stream.state)));
  }
  return digest;
}

/** Fields in one order, whoever put them together. */
const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, sorted(one)]),
      );

/** `withCalm`: as in a gateway that runs, the last full step has said already how far it is calm. */
export function rewind({ streams }: Arrivals, withCalm = false): void {
  for (const stream of streams) {
    stream.state = stream.before;
    stream.calm = null;
    stream.move = null;
    if (withCalm) lookForCalm(stream);
  }
}

function makeStream({ order }: Person, shapeOf: Parameters<typeof compileOrder>[1]): Stream {
  const policy = compileOrder(order, shapeOf, DEFAULT_POLICY, { edition: '1', effectiveMs: order.startMs });
  const { orderId, subjectId, supervisor: agency, revision: policyRevision } = order;
  const meta = { orderId, subjectId, agency, derivedMs: 0, policyRevision, rulesVersion: RULES_VERSION };
  const [before, last] = [initialState(), { timeMs: 0, lonE7: 0, latE7: 0, radiusM: 0, heardMs: 0 }];
  return { editions: [policy], meta, before, state: before, calm: null, move: null, last };
}

function arrivalsOf(stream: Stream, said: readonly Said[]): Arrival[] {
  return said.map(({ deviceId, record }) => ({ stream, deviceId, record }));
}

function woven(lists: readonly (readonly Arrival[])[]): Arrival[] {
  const out: Arrival[] = [];
  const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
  for (let i = 0; i < longest; i++) {
    for (const list of lists) {
      const arrival = list[i];
      if (arrival !== undefined) out.push(decoded(arrival));
    }
  }
  return out;
}

/** A record of its own, beside those that arrive with it: a gateway has just decoded it, and it is not what is cold. */
function decoded({ stream, deviceId, record: { timeMs, hash, body } }: Arrival): Arrival {
  return { stream, deviceId, record: { timeMs, hash, body: { ...body } } };
}

function alertId(n: number): AlertId {
  const parsed = parseAlertId(`A-${n}`);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}

/** FNV-1a. */
function mixed(digest: number, text: string): number {
  let hash = digest ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash >>> 0;
}
