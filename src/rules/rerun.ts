/**
 * Late data: a stream is run again from a snapshot, its records in event order through the same `step`, and what comes
 * out is compared with what was told (§7). Nothing told is edited: it is amended or withdrawn by a version of its own.
 */
import { type AlertVersion, type Finding, INTEGRITY_TYPES } from '../domain/alert.js';
import type { AlertId, DeviceId } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';
import type { OpenAlert, SettledAlert, SubjectState } from '../domain/subject-state.js';
import { type AlertMeta, keepRecent, SETTLED_MARGIN_MS, versionOf } from './alerts.js';
import type { OrderPolicy } from './compile.js';
import { findingName } from './machine.js';
import { type Stepped, step } from './step.js';

export interface RerunRecord {
  readonly deviceId: DeviceId;
  readonly receivedMs: number;
  readonly record: DeviceRecord;
}

export interface RerunInput {
  readonly editions: readonly OrderPolicy[];
  /** Where it begins: a state that has judged nothing at or after the earliest of `records`. */
  readonly base: SubjectState;
  /** Every record since, each once, in event order. */
  readonly records: readonly RerunRecord[];
  /** Event time of the earliest record that was late. */
  readonly fromMs: number;
  /** What was told so far, and how far time had come. */
  readonly before: SubjectState;
  /** The book with what the gateway itself saw, which no re-run sees again. */
  readonly counted: SubjectState;
  readonly meta: AlertMeta;
  readonly newAlertId: (finding: Finding) => AlertId;
}

/** One stretch that the re-run found: running (no `endMs`) or over. */
interface Episode {
  readonly name: string;
  readonly finding: Finding;
  /** Of an alert that ran at the base already. */
  readonly alertId: AlertId | null;
}

/** Location jumps come of the records; what else is counted comes of the gateway, at arrival, and stays as it is. */
const SEEN_BY_GATEWAY: ReadonlySet<string> = new Set(INTEGRITY_TYPES.filter((t) => t !== 'integrity.location_jump'));

/** The state that the stream would have had, with the identities of what was told, and the versions that make it so. */
export function rerun(input: RerunInput): { readonly state: SubjectState; readonly versions: readonly AlertVersion[] } {
  const { base, before, counted, meta } = input;
  const settledAtBase = new Set(base.settled.map(({ alertId }) => alertId));
  const untouched = ({ finding }: { finding: Finding }): boolean =>
    finding.endMs !== null && finding.eventMs < input.fromMs - SETTLED_MARGIN_MS;
  const isOver = (alert: SettledAlert): boolean => settledAtBase.has(alert.alertId) || untouched(alert);

  const { state, episodes } = runAgain(input);
  const standing: SettledAlert[] = [
    ...Object.values(before.open).map((alert) => ({ ...alert, withdrawn: false })),
    ...before.settled.filter((alert) => !isOver(alert)),
  ].filter(({ finding }) => !SEEN_BY_GATEWAY.has(finding.type));
  const pairs = pair(
    standing,
    episodes.filter((episode) => !untouched(episode)),
    before.atMs ?? 0,
  );

  const versions: AlertVersion[] = [];
  const open: Record<string, OpenAlert> = {};
  const settled: SettledAlert[] = before.settled.filter(isOver);
  for (const told of standing) {
    if (pairs.some(([, alert]) => alert === told)) continue;
    const version = told.version + (told.withdrawn ? 0 : 1);
    settled.push({ ...told, version, withdrawn: true });
    if (!told.withdrawn) versions.push(versionOf(late(told.finding), told.alertId, version, meta, 'withdrawn'));
  }
  for (const [{ name, finding }, told] of pairs) {
    const same = told !== null && !told.withdrawn && sameContent(told.finding, finding);
    const alertId = told?.alertId ?? input.newAlertId(finding);
    const version = same ? told.version : (told?.version ?? 0) + 1;
    if (!same) versions.push(versionOf(late(finding), alertId, version, meta));
    if (finding.endMs === null) open[name] = { alertId, version, finding };
    else settled.push({ alertId, version, finding, withdrawn: false });
  }
  for (const [name, alert] of Object.entries(counted.open)) {
    if (SEEN_BY_GATEWAY.has(alert.finding.type)) open[name] = alert;
  }
  return { state: { ...state, open, settled: settled.length === 0 ? settled : keepRecent(settled) }, versions };
}

function runAgain({ editions, base, records, before }: RerunInput): { state: SubjectState; episodes: Episode[] } {
  const episodes: Episode[] = [];
  const real = new Set(Object.values(base.open).map(({ alertId }) => alertId));
  const episodeOf = (name: string, { alertId }: OpenAlert, finding: Finding): Episode => ({
    name,
    finding,
    alertId: real.has(alertId) ? alertId : null,
  });
  let state = base;
  let unnamed = 0;
  const take = (stepped: Stepped): void => {
    const book: Record<string, OpenAlert> = { ...stepped.state.open };
    for (const finding of stepped.findings) {
      const name = findingName(finding.type, finding.conditionId, finding.deviceId);
      const running = book[name];
      if (running === undefined) {
        book[name] = { alertId: `rerun-${unnamed++}` as AlertId, version: 0, finding };
      } else if (finding.op === 'close') {
        episodes.push(episodeOf(name, running, finding));
        delete book[name];
      } else book[name] = { ...running, finding };
    }
    state = { ...stepped.state, open: book };
  };
  for (const record of records) take(step(editions, state, { kind: 'record', ...record }));
  // Time had come further than the last record: what has fallen due since then has fallen due.
  if (before.firedMs !== null) take(step(editions, state, { kind: 'tick', atMs: before.firedMs, cause: 'timer' }));
  for (const [name, alert] of Object.entries(state.open)) episodes.push(episodeOf(name, alert, alert.finding));
  return { state, episodes: episodes.filter(({ finding }) => !SEEN_BY_GATEWAY.has(finding.type)) };
}

/**
 * Which episode is which alert: an alert that ran at the base is itself; another takes the identity of the alert of the
 * same condition, kind and device that it overlaps most, ties to the earliest (§8). Null: it is a new one.
 */
function pair(
  standing: readonly SettledAlert[],
  episodes: readonly Episode[],
  nowMs: number,
): [Episode, SettledAlert | null][] {
  const taken = new Map<Episode, SettledAlert>();
  const free = new Set(standing);
  const give = (episode: Episode, alert: SettledAlert): void => {
    taken.set(episode, alert);
    free.delete(alert);
  };
  for (const episode of episodes) {
    const self = standing.find(({ alertId }) => alertId === episode.alertId);
    if (self !== undefined) give(episode, self);
  }
  const candidates = episodes
    .flatMap((episode) => standing.map((alert) => ({ episode, alert, ms: overlapMs(episode, alert, nowMs) })))
    .filter(({ ms }) => ms >= 0)
    .sort((a, b) => b.ms - a.ms || a.alert.finding.startMs - b.alert.finding.startMs);
  for (const { episode, alert } of candidates) if (free.has(alert) && !taken.has(episode)) give(episode, alert);
  return episodes
    .map((episode): [Episode, SettledAlert | null] => [episode, taken.get(episode) ?? null])
    .sort(([a], [b]) => a.finding.startMs - b.finding.startMs);
}

/** Negative where they are apart, or not of one name; touching is enough, for a violation may have no length. */
function overlapMs({ name, finding }: Episode, { finding: told }: SettledAlert, nowMs: number): number {
  if (findingName(told.type, told.conditionId, told.deviceId) !== name) return -1;
  const endMs = (f: Finding): number => f.endMs ?? Math.max(nowMs, f.startMs);
  return Math.min(endMs(finding), endMs(told)) - Math.max(finding.startMs, told.startMs);
}

const late = (finding: Finding): Finding => ({ ...finding, cause: 'late_data' });

/** What people were told of; evidence and the moment of telling aside. */
function sameContent(a: Finding, b: Finding): boolean {
  const content = ({ startMs, endMs, endedBy, codes, confidence, marginM, mechanism, count }: Finding) =>
    JSON.stringify([startMs, endMs, endedBy, codes, confidence, marginM, mechanism, count]);
  return content(a) === content(b);
}
