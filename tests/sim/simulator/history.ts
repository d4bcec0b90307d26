/** What happened in a run, as the simulator saw it: what every invariant is judged from. */
import type { AlertVersion } from '../../../src/domain/alert.js';
import type { PlacedEntry, TickEntry } from '../../../src/domain/entry.js';
import type { CommandOutcome } from '../../../src/ports/commands.js';
import type { PlacedVersion } from '../../../src/ports/ledger.js';
import type { Quarantined } from '../../../src/ports/quarantine.js';
import type { HeardAlert } from '../../../src/sim/truth.js';
import type { Plan } from './plan.js';

/** One life of the gateway. True times. */
export interface LifeSpan {
  readonly epoch: number;
  readonly startedMs: number;
  /** Recovered, and open to devices; null: it never came so far. */
  openedMs: number | null;
  /** Null: it lives at the end. */
  endedMs: number | null;
  /** Ticks wait until then, unless the gateway's clock is changed meanwhile; null: they need not. */
  holdUntilMs: number | null;
}

/** Something a device sent, and the gateway said that it has. */
export interface Acknowledged {
  readonly deviceId: string;
  /** Null: poison, or the records of another one once more. */
  readonly upload: number | null;
  readonly poison: boolean;
  readonly payload: Buffer;
  /** As the journal's entries have it. */
  readonly digest: string;
  /** The first time, true time. */
  readonly atMs: number;
}

/** An event of the alert stream, as its subscriber read it. */
export interface HeardEvent {
  readonly id: string;
  readonly cursor: string;
  readonly subject: string;
  readonly data: HeardAlert;
}

/** The gateway's clock was ahead of the true time by this from then on. */
export interface ClockOffset {
  readonly fromMs: number;
  readonly byMs: number;
}

/** A tick as it was handed to the journal. */
export interface ToldTick {
  readonly epoch: number;
  /** True time. */
  readonly atMs: number;
  readonly dueMs: number;
  readonly cause: TickEntry['cause'];
}

export interface Counts {
  crashes: number;
  powerCuts: number;
  takeOvers: number;
  restarts: number;
  lost: number;
  acksLost: number;
  delayed: number;
  twice: number;
  repeated: number;
  poison: number;
  clockSteps: number;
  redisLosses: number;
  diskFull: number;
  readerCuts: number;
  revised: number;
  acts: number;
  actsRefused: number;
  records: number;
  uploads: number;
  versions: number;
  lateVersions: number;
  calls: number;
}

export interface History {
  readonly plan: Plan;
  /** The moment at which the picture was taken: records and timers up to and at it count. */
  readonly atMs: number;
  readonly versions: readonly PlacedVersion[];
  /** When each place of the ledger was filled, true time. */
  readonly toldMs: readonly number[];
  readonly heard: readonly HeardEvent[];
  readonly acknowledged: readonly Acknowledged[];
  readonly journal: readonly PlacedEntry[];
  /** What people did about alerts, and what they were answered. */
  readonly acts: readonly {
    readonly alertId: string;
    readonly reason: string;
    readonly outcome: CommandOutcome | null;
  }[];
  readonly quarantine: readonly Quarantined[];
  readonly ticks: readonly ToldTick[];
  readonly lives: readonly LifeSpan[];
  readonly clock: readonly ClockOffset[];
  /** Versions that were said once more, and otherwise. */
  readonly contradictions: readonly { readonly stood: AlertVersion; readonly said: AlertVersion }[];
  /** What had been acknowledged, and was not in the journal when the next gateway started. */
  readonly lost: readonly string[];
  /** What went wrong, and no fault explains. */
  readonly surprises: readonly string[];
  readonly counts: Counts;
  /** Nothing was settled though nothing more was to happen. */
  readonly restless: string | null;
}
