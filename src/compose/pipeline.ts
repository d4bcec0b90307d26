/** The way of a record through one gateway: intake, journal, engine and timers joined on stores that are given. */
import { type DeviceId, type OrderId, type StreamKey, streamOfDevice } from '../domain/ids.js';
import type { Policy } from '../domain/policy.js';
import type { DeviceRecord } from '../domain/record.js';
import { CommandFollower } from '../engine/command-follower.js';
import { Decisions } from '../engine/decisions.js';
import { DueTimes } from '../engine/due-times.js';
import { Engine } from '../engine/engine.js';
import { lastAliveMs, replayRecent } from '../engine/history.js';
import { LateTimes, takeUpLate } from '../engine/late-times.js';
import { Policies } from '../engine/policies.js';
import { Pulse } from '../engine/pulse.js';
import { QuarantineRetry } from '../engine/quarantine-retry.js';
import { StateKeeper } from '../engine/state-keeper.js';
import { Ticker } from '../engine/ticker.js';
import type { AdmissionLimits } from '../intake/admission.js';
import type { VerifyAgencyToken } from '../intake/authenticate.js';
import type { DownwardSettings } from '../intake/downward.js';
import { Intake } from '../intake/intake.js';
import type { Clock } from '../ports/clock.js';
import type { CommandLog } from '../ports/commands.js';
import type { DeviceRegistry } from '../ports/device-registry.js';
import type { Journal } from '../ports/journal.js';
import type { Ledger } from '../ports/ledger.js';
import type { MqttEndpoint, MqttHandlers } from '../ports/mqtt-endpoint.js';
import type { Quarantine } from '../ports/quarantine.js';
import type { RecentLog } from '../ports/recent-log.js';
import type { SignIns } from '../ports/sign-ins.js';
import type { SubjectStates } from '../ports/subject-states.js';
import type { Telemetry } from '../ports/telemetry.js';
import { AssignmentIndex } from '../rules/assignments.js';
import { HOT_STATE, type Step, unbounded } from './stopping.js';

export interface PipelineParts {
  /** Higher than that of every owner before. */
  readonly epoch: number;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly quarantine: Quarantine;
  readonly recentLog: RecentLog;
  readonly hot: SubjectStates;
  /** Null: the hot store is itself on disk. */
  readonly checkpoints: SubjectStates | null;
  /** By this clock states forget where tags were (¶17); absent: they do not. */
  readonly forgetsBy?: () => number;
  /** Of how many people the state and the order are kept ready; absent: as many as is good. */
  readonly readyMax?: number;
  readonly commands: CommandLog;
  readonly registry: DeviceRegistry;
  /** `aliveMs`: when the gateway last showed itself before this start; null: never. */
  readonly clock: (aliveMs: number | null) => Clock;
  readonly policy: Policy;
  readonly reconnectGraceMs: number;
  readonly endpoint: (handlers: MqttHandlers) => MqttEndpoint;
  readonly verifyAgencyToken: VerifyAgencyToken;
  readonly certificatesRequired?: boolean;
  readonly noteSignIn: SignIns['note'];
  readonly unwrap: (jwe: string) => Promise<Buffer>;
  /** Without it nothing is sent down to devices, and no key of theirs is replaced. */
  readonly down?: DownwardSettings;
  /** Removes what is stored of an order that nobody is watched under any more; done twice it changes nothing. */
  readonly erase: (orderId: OrderId) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Instead of `LIMITS`: how far the engine may fall behind what is let in. */
  readonly admission?: Partial<AdmissionLimits>;
  /** Monotonic ms: backlog is let in as fast as the engine goes. Absent: as far as the limits say. */
  readonly steadyMs?: () => number;
  /** May be called more than once. */
  readonly onFatal: (error: unknown) => void;
}

export interface Pipeline {
  readonly clock: Clock;
  readonly intake: Intake;
  readonly engine: Engine;
  readonly dueTimes: DueTimes;
  readonly ticker: Ticker;
  readonly follower: CommandFollower;
  readonly decisions: Decisions;
  readonly pulse: Pulse;
  readonly states: StateKeeper;
  /** Whose a record is, as far as is known now. */
  readonly streamOf: (deviceId: DeviceId, record: DeviceRecord) => StreamKey;
  /** No more is taken in; what is under way is committed, unless the engine has failed. Closes no store. */
  stop(step?: Step): Promise<void>;
}

/** Claims the stores and recovers what they hold. Nothing runs yet but what is called. */
export async function openPipeline(p: PipelineParts): Promise<Pipeline> {
  const { epoch, journal, ledger, quarantine, recentLog, telemetry, onFatal } = p;
  await ledger.claim(epoch);
  await recentLog.claim(epoch);
  const policies = new Policies(p.policy, p.readyMax);
  const dueTimes = new DueTimes();
  const lateTimes = new LateTimes();
  const states = new StateKeeper({
    epoch,
    hot: p.hot,
    checkpoints: p.checkpoints,
    telemetry,
    ...(p.readyMax === undefined ? {} : { readyMax: p.readyMax }),
    ...(p.forgetsBy === undefined ? {} : { nowMs: p.forgetsBy }),
  });
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
  });
  const assignments = new AssignmentIndex();
  await engine.recover(assignments);

  const aliveMs = await lastAliveMs(journal);
  takeUpLate(states, lateTimes, aliveMs);
  const clock = p.clock(aliveMs);
  const shared = {
    clock,
    journal,
    telemetry,
    deliver: engine.deliver.bind(engine),
    whenReached: engine.whenReached.bind(engine),
    onFatal,
  };
  const ticker = new Ticker({
    ...shared,
    dueTimes,
    lateTimes,
    arrivedIn: () => intake.liveLetIn(),
    reconnectGraceMs: p.reconnectGraceMs,
    lastAliveMs: aliveMs,
  });
  const quarantineRetry = new QuarantineRetry({ quarantine, retry: (item) => intake.retry(item) });
  const decisions = new Decisions({ ...shared, ledger });
  const follower = new CommandFollower({
    ...shared,
    commands: p.commands,
    policies,
    decisions,
    assignments,
    quarantineRetry,
    erase: p.erase,
  });
  const pulse = new Pulse({ ...shared, engine });
  const intake = new Intake({
    ...shared,
    registry: p.registry,
    route: assignments.route.bind(assignments),
    streamOf: assignments.streamOf.bind(assignments),
    endpoint: p.endpoint,
    verifyAgencyToken: p.verifyAgencyToken,
    certificatesRequired: p.certificatesRequired ?? false,
    noteSignIn: p.noteSignIn,
    unwrap: p.unwrap,
    ...(p.down === undefined ? {} : { down: p.down }),
    steadyMs: p.steadyMs,
    ...(p.admission === undefined ? {} : { limits: { admission: p.admission } }),
  });
  await replayRecent(journal, clock.nowMs(), (entry) => intake.replayed(entry));

  const stop = async (step: Step = unbounded): Promise<void> => {
    await step('uploads', 3_000, () => intake.stop());
    await step('commands', 1_000, () => follower.stop());
    await step('decisions', 1_000, () => decisions.settled());
    await step('timers', 1_000, () => ticker.stop());
    await step('pulse', 1_000, () => pulse.stop());
    // what is not judged by then is judged after the next start: the journal has it
    await step('judging', 2_000, () => engine.whenReached(journal.last).catch(() => undefined));
    // Redis holds up no thread; the states on disk do
    await step(p.checkpoints === null ? 'states' : HOT_STATE, 1_000, () => states.settled());
    await step('engine', 2_000, () => engine.stop());
  };
  const streamOf = (deviceId: DeviceId, record: DeviceRecord): StreamKey =>
    assignments.route(deviceId, [record]).keys().next().value ?? streamOfDevice(deviceId);
  return { clock, intake, engine, dueTimes, ticker, follower, decisions, pulse, states, streamOf, stop };
}
