/**
 * What a re-run found, against what was told: nothing told is edited; it is amended, raised or withdrawn by a version of
 * its own (§7), and what is derived again takes the identity of what it overlaps most (§8).
 */
import type { AlertVersion, Cause, Finding } from '../domain/alert.js';
import type { AlertId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { OpenAlert, SettledAlert, SubjectState } from '../domain/subject-state.js';
import { type AlertMeta, keepRecent, SETTLED_MARGIN_MS, versionOf } from './alerts.js';
import { handlingBeside } from './handling.js';
import { findingName } from './machine.js';
import { seenByGateway } from './same-judgement.js';

/** One stretch that the re-run found: running (no `endMs`) or over. */
export interface Episode {
  readonly name: string;
  readonly finding: Finding;
  /** Its name in the run; of an alert that ran at the base already, the alert's own. */
  readonly runId: AlertId;
  /** The order as it stood when this was found. */
  readonly order: Order | null;
  /** The moment that was judged when it ended; null: it runs. */
  readonly judgedMs: number | null;
}

export interface ReconcileInput {
  readonly base: SubjectState;
  /** From this state on all is as it was told; null: all of it was found anew. */
  readonly rejoined: SubjectState | null;
  readonly before: SubjectState;
  readonly episodes: readonly Episode[];
  readonly fromMs: number;
  readonly cause: Cause;
  readonly metaOf: (order: Order | null) => AlertMeta;
  readonly newAlertId: (finding: Finding) => AlertId;
}

export interface Reconciled {
  readonly book: Pick<SubjectState, 'open' | 'settled'>;
  readonly versions: readonly AlertVersion[];
  /** The run's names, and the alerts that they turned out to be. */
  readonly nameOf: Map<AlertId, OpenAlert>;
}

export function reconcile(input: ReconcileInput): Reconciled {
  const { base, rejoined, before, cause } = input;
  const untouched = ({ finding }: { finding: Finding }): boolean =>
    finding.endMs !== null && finding.eventMs < input.fromMs - SETTLED_MARGIN_MS;
  /** Neither over when the run began, nor told of what came after it ended. What was taken back may be told again. */
  const inQuestion = (alert: SettledAlert): boolean =>
    alert.withdrawn ||
    (!closedBy(base, alert) && !untouched(alert) && (rejoined === null || closedBy(rejoined, alert)));
  const running = Object.values(before.open).filter(({ finding }) => !seenByGateway(finding.type));
  const standing = [
    ...(rejoined === null ? running.map((alert) => ({ ...alert, withdrawn: false, judgedMs: 0 })) : []),
    ...before.settled.filter(inQuestion),
  ].sort(byStart);
  const episodes = input.episodes.filter((episode) => !untouched(episode));
  const pairs = pair(standing, episodes, before.atMs ?? 0);

  const versions: AlertVersion[] = [];
  const open: Record<string, OpenAlert> = rejoined === null ? {} : { ...before.open };
  const settled: SettledAlert[] = before.settled.filter((alert) => !inQuestion(alert));
  const nameOf = new Map<AlertId, OpenAlert>();
  const told = (finding: Finding): Finding => ({ ...finding, cause });
  for (const alert of standing) {
    if (pairs.some(([, taken]) => taken === alert)) continue;
    const version = alert.version + (alert.withdrawn ? 0 : 1);
    const judgedMs = alert.finding.endMs === null ? alert.finding.startMs : alert.judgedMs;
    const handling = handlingBeside(alert.handling, alert.finding, true);
    settled.push({ ...alert, version, judgedMs, withdrawn: true, ...handling });
    if (alert.withdrawn) continue;
    const o = { withdrawn: true, ...handling };
    versions.push(versionOf(told(alert.finding), alert.alertId, version, input.metaOf(null), o));
  }
  for (const [{ name, finding, runId, order, judgedMs }, alert] of pairs) {
    const same = alert !== null && !alert.withdrawn && sameContent(alert.finding, finding);
    const alertId = alert?.alertId ?? input.newAlertId(finding);
    const version = same ? alert.version : (alert?.version ?? 0) + 1;
    const handling = handlingBeside(alert?.handling, finding, false);
    if (!same) versions.push(versionOf(told(finding), alertId, version, input.metaOf(order), handling));
    const is: OpenAlert = { alertId, version, finding, ...handling };
    nameOf.set(runId, is);
    if (judgedMs === null) open[name] = is;
    else settled.push({ ...is, judgedMs, withdrawn: false });
  }
  // What the gateway itself saw no re-run sees again.
  for (const [name, alert] of Object.entries(before.open)) {
    if (seenByGateway(alert.finding.type)) open[name] = alert;
  }
  return { book: { open, settled: settled.length === 0 ? settled : keepRecent(settled) }, versions, nameOf };
}

/** Whether the alert was over in a state of its stream. Of the very moment of that state the state itself must say. */
function closedBy({ atMs, settled }: SubjectState, { judgedMs, finding }: SettledAlert): boolean {
  if (atMs === null || judgedMs > atMs) return false;
  if (judgedMs < atMs) return true;
  const name = nameOfFinding(finding);
  return settled.some(
    (other) =>
      nameOfFinding(other.finding) === name &&
      other.finding.startMs === finding.startMs &&
      other.finding.endMs === finding.endMs,
  );
}

const nameOfFinding = (f: Finding): string => findingName(f.type, f.conditionId, f.deviceId);

/**
 * Which episode is which alert: it takes the identity of the alert of the same condition, kind and device that it overlaps
 * most, ties to the earliest (§8), and of one that stands rather than of one that was taken back: people may have decided
 * on it. Null: it is a new one. Where the run began makes no difference, for a run that is done again may begin elsewhere.
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
  const candidates = episodes
    .flatMap((episode) => standing.map((alert) => ({ episode, alert, ms: overlapMs(episode, alert, nowMs) })))
    .filter(({ ms }) => ms >= 0)
    .sort((a, b) => rank(a) - rank(b) || b.ms - a.ms || a.alert.finding.startMs - b.alert.finding.startMs);
  for (const { episode, alert } of candidates) if (free.has(alert) && !taken.has(episode)) give(episode, alert);
  return episodes
    .map((episode): [Episode, SettledAlert | null] => [episode, taken.get(episode) ?? null])
    .sort(([a], [b]) => byStart(a, b));
}

/** Books may hold the same alerts in another order when an entry is done again; what is told of them keeps its own. */
function byStart(a: { readonly finding: Finding }, b: { readonly finding: Finding }): number {
  const [nameA, nameB] = [nameOfFinding(a.finding), nameOfFinding(b.finding)];
  return a.finding.startMs - b.finding.startMs || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0);
}

/** What stands before what was taken back, what overlaps before what touches. */
const rank = ({ alert, ms }: { readonly alert: SettledAlert; readonly ms: number }): number =>
  (ms > 0 ? 0 : 2) + (alert.withdrawn ? 1 : 0);

/** Negative where they are apart, or not of one name; touching is enough, for a violation may have no length. */
function overlapMs({ name, finding }: Episode, { finding: told }: SettledAlert, nowMs: number): number {
  if (nameOfFinding(told) !== name) return -1;
  const endMs = (f: Finding): number => f.endMs ?? Math.max(nowMs, f.startMs);
  return Math.min(endMs(finding), endMs(told)) - Math.max(finding.startMs, told.startMs);
}

/** What people were told of; evidence and the moment of telling aside. */
function sameContent(a: Finding, b: Finding): boolean {
  const content = ({ startMs, endMs, endedBy, codes, confidence, marginM, mechanism, count }: Finding) =>
    JSON.stringify([startMs, endMs, endedBy, codes, confidence, marginM, mechanism, count]);
  return content(a) === content(b);
}
