/** The intake: MQTT endpoint, authentication, acceptance and the journal, joined into what a gateway starts and stops. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import { type DeviceId, parseDeviceId, type StreamKey } from '../domain/ids.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { DeviceRecord } from '../domain/record.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceRegistry } from '../ports/device-registry.js';
import type { Journal } from '../ports/journal.js';
import type { MqttEndpoint, MqttHandlers } from '../ports/mqtt-endpoint.js';
import type { Quarantined } from '../ports/quarantine.js';
import type { RetryOutcome } from '../ports/retry.js';
import type { SignIns } from '../ports/sign-ins.js';
import type { Telemetry } from '../ports/telemetry.js';
import { Acceptance } from './accept.js';
import { ADMISSION_LIMITS, Admission, type AdmissionLimits } from './admission.js';
import { Authentication, type VerifyAgencyToken } from './authenticate.js';
import { CommitQueue } from './commit-queue.js';
import { Downward, type DownwardSettings } from './downward.js';
import { Fates } from './fates.js';
import { KeyRing } from './key-ring.js';
import { OFFENDER_LIMITS, type OffenderLimits } from './offenders.js';
import { SequenceWindow } from './sequences.js';

export interface IntakeLimits {
  /** A hole in the sequences is judged this long after the last upload that moved anything. */
  readonly sequenceGapGraceMs: number;
  /** Nor before it has been there for so long while its device went on; 0: as soon as the device could have filled it. */
  readonly gapPersistsMs: number;
  readonly gapSweepMs: number;
  /** Devices whose keys are kept unwrapped. */
  readonly keyDevicesMax: number;
  readonly amendHorizonS: number;
  readonly offenders: OffenderLimits;
  readonly admission: Partial<AdmissionLimits>;
}

export const INTAKE_LIMITS: IntakeLimits = Object.freeze({
  sequenceGapGraceMs: 5_000,
  gapPersistsMs: 0,
  gapSweepMs: 1_000,
  keyDevicesMax: 1_048_576,
  amendHorizonS: DEFAULT_POLICY.amendHorizonS,
  offenders: OFFENDER_LIMITS,
  admission: ADMISSION_LIMITS,
});

/** Whether a device is there cannot be seen; what the broker lost it sends again after a patience of its own. */
const BEHIND_BROKER = { sequenceGapGraceMs: 30_000, gapPersistsMs: 120_000 } as const;

export interface IntakeOptions {
  readonly clock: Clock;
  readonly registry: DeviceRegistry;
  readonly journal: Pick<Journal, 'append'>;
  readonly route: (deviceId: DeviceId, records: readonly DeviceRecord[]) => Map<StreamKey, DeviceRecord[]>;
  readonly streamOf: (deviceId: DeviceId, atMs: number) => StreamKey;
  /** Takes durable entries in position order (the engine). */
  readonly deliver: (entries: readonly PlacedEntry[]) => void;
  /** Resolves when it has judged up to a position; rejects when it never will. Absent: what is durable counts as judged. */
  readonly whenReached?: (position: number) => Promise<void>;
  /** Monotonic ms: how long the engine takes is measured with it. Absent: it is not. */
  readonly steadyMs?: (() => number) | undefined;
  /** Builds the endpoint on these handlers. */
  readonly endpoint: (handlers: MqttHandlers) => MqttEndpoint;
  readonly telemetry: Telemetry;
  readonly verifyAgencyToken: VerifyAgencyToken;
  /** Devices must present a client certificate. */
  readonly certificatesRequired?: boolean;
  readonly noteSignIn: SignIns['note'];
  /** Opens a stored session key. */
  readonly unwrap: (jwe: string) => Promise<Buffer>;
  /** Without it nothing is sent down, and no key is replaced. */
  readonly down?: DownwardSettings;
  readonly limits?: Partial<IntakeLimits>;
  /** An append failed: the journal takes nothing more until it is opened anew. */
  readonly onFatal?: (error: unknown) => void;
}

const hourMs = 3_600_000;
/** A sweep that comes later than this tells that the event loop stood still (SIGSTOP, a starved machine). */
const STILL_MS = 1_000;

export class Intake {
  readonly handlers: MqttHandlers;
  readonly endpoint: MqttEndpoint;
  readonly #o: IntakeOptions;
  readonly #limits: IntakeLimits;
  readonly #keys: KeyRing;
  readonly #sequences: SequenceWindow;
  readonly #queue: CommitQueue;
  readonly #admission: Admission;
  readonly #fates: Fates;
  readonly #acceptance: Acceptance;
  readonly #down: Downward | null;
  readonly #authentication: Authentication;
  #sweep: NodeJS.Timeout | null = null;
  readonly #sweeping = new Set<Promise<void>>();
  #stopWatching: (() => void) | null = null;

  constructor(options: IntakeOptions) {
    const { clock, registry, journal, telemetry, deliver } = options;
    this.#o = options;
    const behindBroker = options.down?.acknowledge === true;
    this.#limits = { ...INTAKE_LIMITS, ...(behindBroker ? BEHIND_BROKER : {}), ...options.limits };
    this.#fates = new Fates(telemetry);
    this.#sequences = new SequenceWindow(this.#limits.sequenceGapGraceMs, this.#limits.gapPersistsMs);
    const openAfterMs = this.#limits.amendHorizonS * 1_000 + hourMs;
    this.#keys = new KeyRing({
      registry,
      unwrap: options.unwrap,
      openAfterMs,
      devicesMax: this.#limits.keyDevicesMax,
    });
    this.#queue = new CommitQueue({
      journal,
      deliver,
      failed: (error) => {
        telemetry.log('error', 'journal_append_failed', { error: nameOf(error) });
        options.onFatal?.(error);
      },
      broken: (error) => telemetry.log('error', 'upload_not_routed', { error: nameOf(error) }),
      acknowledged: (seconds) => telemetry.observe('fairwatch_ack_seconds', seconds),
      entered: (weight, position) => this.#admission.entered(weight, position),
    });
    this.#admission = new Admission({
      limits: this.#limits.admission,
      enter: (item) => this.#queue.enter(item),
      whenJudged: options.whenReached ?? (() => Promise.resolve()),
      steadyMs: options.steadyMs,
      telemetry,
    });
    this.#down =
      options.down === undefined
        ? null
        : new Downward({
            ...options,
            ...options.down,
            openAfterMs,
            endpoint: () => this.endpoint,
            newestSequence: (deviceId) => this.#sequences.newest(deviceId),
          });
    this.#acceptance = new Acceptance({
      clock,
      route: options.route,
      streamOf: options.streamOf,
      keys: this.#keys,
      sequences: this.#sequences,
      admission: this.#admission,
      fates: this.#fates,
      down: this.#down,
      behindBroker,
      keyBroken: (error) => telemetry.log('error', 'session_key_unwrap_failed', { error: nameOf(error) }),
    });
    this.#authentication = new Authentication({ ...options, offenders: this.#limits.offenders });
    this.handlers = this.#handle();
    this.endpoint = options.endpoint(this.handlers);
  }

  /** Begins to serve; resolves with the port (0 asks for a free one). Replay the journal first. */
  async start(host: string, port: number): Promise<number> {
    const { telemetry } = this.#o;
    this.#stopWatching = this.#o.registry.onChange((deviceId) => this.#changed(deviceId));
    const listening = await this.endpoint.listen(host, port);
    // One sweep for all devices, not a timer each.
    let sweptMs = performance.now();
    this.#sweep = setInterval(() => {
      const sinceMs = performance.now() - sweptMs;
      sweptMs += sinceMs;
      // a topic is read for as long as the token says, as a stream is; tokens go by the machine's clock
      for (const session of this.#authentication.expired(Date.now())) this.endpoint.disconnect(session);
      const sweeping = this.onTime(this.#o.clock.nowMs(), sinceMs > this.#limits.gapSweepMs + STILL_MS);
      this.#sweeping.add(sweeping);
      void sweeping.finally(() => this.#sweeping.delete(sweeping));
      telemetry.gauge('fairwatch_connections', this.endpoint.connections());
    }, this.#limits.gapSweepMs);
    this.#sweep.unref();
    return listening;
  }

  /** Takes no more, settles what is under way. What waits for its turn is not acknowledged: its device sends it again. */
  async stop(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    this.#stopWatching?.();
    this.#admission.close();
    await this.endpoint.close();
    await this.#queue.idle();
    // a sweep reads the registry, which is closed after this
    await Promise.allSettled(this.#sweeping);
    await this.#down?.stop();
  }

  /** What the journal held at the start, oldest first. */
  replayed(entry: JournalEntry): void {
    this.#sequences.replayed(entry);
  }

  /** Takes what was quarantined for what it is now, without a device and without another alert. */
  retry(item: Quarantined): Promise<RetryOutcome> {
    return this.#acceptance.retry(item);
  }

  /** Resolves when what is live and waits now has gone into the journal's queue, or as much as may be ahead of it. */
  liveLetIn(): Promise<void> {
    return this.#admission.liveLetIn();
  }

  /**
   * The time is `nowMs`: judges what is due. Resolves when what that led to is durable. `stoodStill`: nothing was read for
   * longer than between two calls, so that nobody's silence since the last one says anything.
   */
  async onTime(nowMs: number, stoodStill = false): Promise<void> {
    const gaps = this.#sequences.dueGaps(
      nowMs,
      // what waits here, or came while this process stood still, may be what is missing
      (deviceId) => !stoodStill && this.endpoint.reads(deviceId) && !this.#admission.waits(deviceId),
    );
    await Promise.all(gaps.map(({ deviceId }) => this.#acceptance.note(deviceId, 'integrity.sequence_gap')));
    for (const { deviceId, missing } of gaps) this.#down?.missing(deviceId, missing);
    await this.#down?.onTime(nowMs);
  }

  /** Messages by fate, and refusals by reason, since the start. */
  counts(): Readonly<Record<string, number>> {
    return this.#fates.counts();
  }

  #handle(): MqttHandlers {
    const authentication = this.#authentication;
    return {
      authenticate: async (session, username, password, remote, certifiedName) => {
        const accepted = await authentication.authenticate(session, username, password, remote, certifiedName);
        const device = parseDeviceId(session);
        if (accepted && device.ok) await this.#keys.prepare(device.value);
        return accepted;
      },
      mayPublish: (session, topic) => authentication.mayPublish(session, topic),
      maySubscribe: (session, filter) => authentication.maySubscribe(session, filter),
      subscribed: (session, filter) => {
        const device = parseDeviceId(session);
        if (device.ok) this.#down?.subscribed(device.value, filter);
      },
      message: (message, settle) => this.#acceptance.take(message, settle),
      takenOver: (session) => {
        // A monitoring centre that opens a second window tells nothing about a device.
        const device = parseDeviceId(session);
        if (device.ok) void this.#acceptance.note(device.value, 'integrity.double_session');
      },
      refused: (reason) => this.#fates.refused(reason),
    };
  }

  #changed(deviceId: DeviceId): void {
    this.#keys.invalidate(deviceId);
    const device = this.#o.registry.get(deviceId);
    if (device === null || device.disabledMs !== null) this.endpoint.disconnect(deviceId);
    else this.#down?.changed(deviceId);
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
