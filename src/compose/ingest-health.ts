/** Joins what the ingest tier can say of its own health: the pipeline's vitals, room on the disk, the work of the minutes. */
import { PipelineStatusFile, type StatusOwner } from '../adapters/files/pipeline-status.js';
import { DiskSpace } from '../adapters/system/disk-space.js';
import { type StallTopicOptions, tellStalls } from '../api/stall-topic.js';
import { epochAt } from '../crypto/epoch-seals.js';
import type { Clock } from '../ports/clock.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Minutes } from './minutes.js';
import type { Pipeline } from './pipeline.js';
import type { GatewaySettings } from './settings.js';
import { Vitals } from './vitals.js';
import type { WatchedJournal } from './watched-journal.js';

export interface IngestHealthParts {
  readonly settings: Pick<GatewaySettings, 'dataDir' | 'vaultDir' | 'stallS' | 'diskFloorMb' | 'clock'>;
  /** Where its beats are written. */
  readonly statusPath: string;
  readonly lock: StatusOwner;
  readonly clock: Clock;
  readonly journal: WatchedJournal;
  readonly pipeline: Pick<Pipeline, 'engine' | 'ticker' | 'states'>;
  readonly minutes: Pick<Minutes, 'failures'>;
  readonly archiving: Pick<Minutes, 'failures'>;
  /** The hours whose keys are at hand. */
  readonly hours: () => number[];
  /** Why nothing comes in by the door. */
  readonly doorReasons: () => readonly string[];
  /** Where the centre is told. */
  readonly topic: Pick<StallTopicOptions, 'endpoint' | 'monitoringAgency' | 'source'>;
  readonly telemetry: Telemetry;
  readonly onFatal: (error: unknown) => void;
}

/** The pipeline has stood still for minutes: a new start is the only thing left to try. */
export class PipelineStuck extends Error {
  override readonly name = 'PipelineStuck';
}

/** A failure is tried again in a minute; three in a row are no accident. */
export const FAILURES_TOLD = 3;

export async function openIngestHealth(p: IngestHealthParts) {
  const { settings: c, journal, pipeline, clock, telemetry } = p;
  const disk = new DiskSpace({
    folders: { data: c.dataDir, vault: c.vaultDir },
    floorBytes: c.diskFloorMb * 1_048_576,
    telemetry,
  });
  // a clock that is moved by hand stands still on purpose
  const timed = c.clock === 'system';
  const newestHour = (): number => Math.max(...p.hours());
  const hourMissing = (): boolean => timed && newestHour() < epochAt(clock.nowMs());
  // one is made ahead, and the clock may stand at the very end of an hour
  const hoursAhead = (): boolean => timed && newestHour() > epochAt(clock.nowMs()) + 2;
  const vitals = new Vitals({
    look: () => ({
      journalLast: journal.last,
      engineReached: pipeline.engine.reached,
      journalWaitingMs: journal.waitingMs(),
      timersLateMs: timed ? pipeline.ticker.lateMs(clock.nowMs()) : 0,
      timersWait: timed && pipeline.ticker.holding,
      reasons: [...disk.reasons, ...p.doorReasons(), ...(hourMissing() ? ['hour_key_missing'] : [])],
      degraded: [
        ...disk.degraded,
        ...(pipeline.states.failing ? ['states_not_saved'] : []),
        ...(p.minutes.failures >= FAILURES_TOLD ? ['hours_not_turned'] : []),
        ...(hoursAhead() ? ['hours_ahead'] : []),
        ...(p.archiving.failures >= FAILURES_TOLD ? ['archiving_failing'] : []),
      ],
    }),
    stallMs: c.stallS * 1_000,
    nowMs: Date.now,
    steadyMs: () => performance.now(),
    telemetry,
    onDead: (reasons) => p.onFatal(new PipelineStuck(reasons.join(', '))),
  });
  const status = await PipelineStatusFile.open(p.statusPath, p.lock);
  let stopTelling = (): void => {};
  let beating: NodeJS.Timeout | null = null;
  let unwritten = false;
  const beat = async (): Promise<void> => {
    try {
      await status.write(vitals.vitality);
      unwritten = false;
    } catch {
      // the API's process says by then that it hears nothing
      if (!unwritten) telemetry.log('error', 'pipeline_status_not_written');
      unwritten = true;
    }
  };
  return {
    vitals,
    async start(): Promise<void> {
      await disk.start();
      stopTelling = tellStalls({ ...p.topic, stalls: vitals.stalls, telemetry });
      vitals.start();
      await beat();
      beating = setInterval(() => void beat(), BEAT_MS).unref();
    },
    /** Before the stores are closed: what stands still from here on is meant to. */
    async stop(): Promise<void> {
      if (beating !== null) clearInterval(beating);
      stopTelling();
      vitals.stop();
      disk.stop();
      await status.write({ reasons: ['stopping'], degraded: [] }).catch(() => undefined);
      await status.close();
    },
  };
}

const BEAT_MS = 1_000;
