/** The engine with its real stores in a folder, and small stand-ins for intake and API: what they hand over, no more. */
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { LmdbCommandLog } from '../../src/adapters/lmdb/lmdb-command-log.js';
import { RedisSubjectStates } from '../../src/adapters/redis/redis-states.js';
import type { JournalEntry } from '../../src/domain/entry.js';
import type { DeviceId, OrderId } from '../../src/domain/ids.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import { EngineSteppedClock } from '../../src/engine/clock-step.js';
import { CommandFollower } from '../../src/engine/command-follower.js';
import { Decisions } from '../../src/engine/decisions.js';
import { DueTimes } from '../../src/engine/due-times.js';
import { Engine, type EngineOptions } from '../../src/engine/engine.js';
import { lastAliveMs } from '../../src/engine/history.js';
import { LateTimes, takeUpLate } from '../../src/engine/late-times.js';
import { Policies } from '../../src/engine/policies.js';
import { Pulse } from '../../src/engine/pulse.js';
import { QuarantineRetry } from '../../src/engine/quarantine-retry.js';
import { StateKeeper } from '../../src/engine/state-keeper.js';
import { Ticker } from '../../src/engine/ticker.js';
import type { Command, CommandOutcome } from '../../src/ports/commands.js';
import type { Journal } from '../../src/ports/journal.js';
import type { Ledger, PlacedVersion } from '../../src/ports/ledger.js';
import type { RecentLog } from '../../src/ports/recent-log.js';
import type { SubjectStates } from '../../src/ports/subject-states.js';
import { AssignmentIndex } from '../../src/rules/assignments.js';
import { engineKeys, oneKey, testSeals } from '../support/folder.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';

export interface RoomOptions {
  readonly redisUrl?: string;
  readonly limits?: NonNullable<EngineOptions['limits']>;
  /** Where the stepped clock begins; the journal's last time where it has one. */
  readonly startMs?: number;
  readonly graceMs?: number;
  /** Puts something between the engine and a store. */
  readonly wrapJournal?: (journal: Journal) => Journal;
  readonly wrapLedger?: (ledger: Ledger) => Ledger;
  readonly wrapStates?: (states: SubjectStates) => SubjectStates;
  readonly wrapRecentLog?: (log: RecentLog) => RecentLog;
  readonly wrapCheckpoints?: (states: SubjectStates) => SubjectStates;
  /** Recovers at once. */
  readonly recover?: boolean;
}

export async function openRoom(folder: string, epoch: number, o: RoomOptions = {}) {
  const seals = testSeals();
  const telemetry = new RecordingTelemetry();
  const failures: unknown[] = [];
  const onFatal = (error: unknown): void => void failures.push(error);
  const files = await FileJournal.open({ folder: `${folder}/journal`, seals, epoch, telemetry });
  const journal = o.wrapJournal?.(files) ?? files;
  const stores = await openEngineStores(`${folder}/engine`, engineKeys(seals));
  await stores.ledger.claim(epoch);
  await stores.recentLog.claim(epoch);
  const ledger = o.wrapLedger?.(stores.ledger) ?? stores.ledger;
  const redis =
    o.redisUrl === undefined
      ? null
      : await RedisSubjectStates.open({ url: o.redisUrl, partition: stores.ledger.ledgerId, seals, telemetry });
  const hot = redis ?? stores.states;
  const states = new StateKeeper({
    epoch,
    hot: o.wrapStates?.(hot) ?? hot,
    checkpoints: redis === null ? null : (o.wrapCheckpoints?.(stores.states) ?? stores.states),
    telemetry,
  });
  const policies = new Policies(DEFAULT_POLICY);
  const dueTimes = new DueTimes();
  const lateTimes = new LateTimes();
  const { quarantine } = stores;
  const recentLog = o.wrapRecentLog?.(stores.recentLog) ?? stores.recentLog;
  const engine = new Engine({
    epoch,
    journal,
    ledger,
    quarantine,
    recentLog,
    policies,
    states,
    dueTimes,
    lateTimes,
    telemetry,
    onFatal,
    ...(o.limits === undefined ? {} : { limits: o.limits }),
  });
  const assignments = new AssignmentIndex();
  if (o.recover ?? true) await engine.recover(assignments);
  const aliveMs = await lastAliveMs(journal);
  takeUpLate(states, lateTimes, aliveMs);
  const clock = new EngineSteppedClock(aliveMs ?? o.startMs ?? 0);
  const commands = LmdbCommandLog.open(`${folder}/commands`, oneKey(seals));
  const deliver = engine.deliver.bind(engine);
  const whenReached = engine.whenReached.bind(engine);
  const shared = { clock, journal, telemetry, deliver, whenReached, onFatal };
  const ticker = new Ticker({ ...shared, dueTimes, lateTimes, reconnectGraceMs: o.graceMs ?? 0, lastAliveMs: aliveMs });
  const pulse = new Pulse({ ...shared, engine });
  // nobody takes anything in here
  const erase = async (orderId: OrderId): Promise<void> => void (await ledger.removeOrder(orderId));
  const quarantineRetry = new QuarantineRetry({ quarantine, retry: async () => ({ kind: 'failed' }) });
  const decisions = new Decisions({ ...shared, ledger });
  const follower = new CommandFollower({
    ...shared,
    commands,
    policies,
    decisions,
    assignments,
    quarantineRetry,
    erase,
  });
  clock.drive(
    ticker,
    () => engine.whenReached(journal.last),
    (atMs) => pulse.mark(atMs),
  );

  /** Appends and hands over, as intake does; resolves when it is durable. */
  async function enter(...entries: JournalEntry[]): Promise<number> {
    const first = await journal.append(entries);
    engine.deliver(entries.map((entry, i) => ({ position: first + i, entry })));
    return first + entries.length - 1;
  }

  return {
    engine,
    journal,
    ledger,
    quarantine,
    policies,
    dueTimes,
    states,
    telemetry,
    failures,
    clock,
    ticker,
    pulse,
    follower,
    decisions,
    commands,
    assignments,
    redis,
    enter,
    /** One upload, split by the streams that its records concern. */
    upload(deviceId: DeviceId, sequence: number, records: readonly DeviceRecord[]): Promise<number> {
      const entries = [...assignments.route(deviceId, records)].map(
        ([stream, its], index): JournalEntry => ({
          kind: 'upload',
          stream,
          receivedMs: clock.nowMs(),
          deviceId,
          sequence: BigInt(sequence),
          index,
          digest: Buffer.alloc(16, sequence % 256).toString('base64url'),
          records: its,
        }),
      );
      return enter(...entries);
    },
    /** As the API: logged, carried out, answered. */
    async command(command: Command): Promise<CommandOutcome> {
      const outcome = await commands.awaitOutcome(await commands.append(command, clock.nowMs()), 10_000);
      if (outcome === null) throw new Error('the command was not settled');
      return outcome;
    },
    settled: () => engine.whenReached(journal.last),
    /** Every version in the ledger, in its order. */
    told: (): PlacedVersion[] => stores.ledger.versionsAfter(0, 1_000_000),
    async close(): Promise<void> {
      await follower.stop();
      await ticker.stop();
      await pulse.stop();
      await engine.stop();
      await journal.close();
      await Promise.all([
        stores.ledger.close(),
        quarantine.close(),
        recentLog.close(),
        stores.states.close(),
        commands.close(),
      ]);
      await redis?.close();
    },
  };
}

export type Room = Awaited<ReturnType<typeof openRoom>>;
