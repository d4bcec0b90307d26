/** What the gateway says of itself: whether uploads are taken and judged, and what is not as it should be. */

/** Why it is not ready. Stable words: supervisors and dashboards rely on them. */
export const REASONS = {
  stopping: 'it was told to stop and finishes what is under way',
  failed: 'it can do nothing more that is right, and ends',
  journal_stuck: 'an append does not return: nothing can be acknowledged',
  engine_stuck: 'entries wait, and the engine does not move: nothing is judged',
  timers_late: 'a due time has passed, and its tick has not been taken in',
  engine_not_alive: 'the process that takes in and judges shows no sign of life',
  disk_low: 'there is hardly any room left: soon nothing can be acknowledged',
  hour_key_missing:
    "this hour's key could not be made: what comes in lies under an older one, and lives longer than it may",
  broker_unreachable: 'the broker does not answer: no uploads come in',
  broker_refuses_publish: 'the broker takes no alerts from the gateway: check what it may publish',
} as const;

/** What wants a look while uploads are taken and judged all the same. */
export const DEGRADATIONS = {
  engine_behind: 'the engine moves, and is more than a minute behind the journal',
  timers_waiting: 'due times wait after an interruption, so that a backlog speaks first',
  states_not_saved: 'the hot store (Redis) does not take the states; nothing is lost, a restart takes longer',
  disk_getting_low: 'less than eight times what must stay free is left',
  hours_not_turned: 'the work of the minute has failed three times: keys of the hours, retention of the hot stores',
  hours_ahead:
    'the clock was set forward and back: what comes in lies under the key of an hour to come, and lives longer than it may',
  archiving_failing: 'the archive has taken nothing three times',
  office_failing: 'the work of the office has failed three times: retention, deadlines of incidents',
} as const;

export type Degradation = keyof typeof DEGRADATIONS;

export interface Readiness {
  readonly ready: boolean;
  /** Of `REASONS`, or a word of the door's own; empty: ready. */
  readonly reasons: readonly string[];
  /** Of `DEGRADATIONS`. */
  readonly degraded: readonly string[];
}

/** Nothing reaches the centre although the API answers: its subscribers are told, for silence would look like calm. */
export const isStall = (reason: string): boolean => !NO_STALL.has(reason);
const NO_STALL: ReadonlySet<string> = new Set(['stopping', 'disk_low', 'hour_key_missing']);

export interface Stall {
  /** When it was noticed, UTC. */
  readonly sinceMs: number;
  readonly reasons: readonly string[];
}
