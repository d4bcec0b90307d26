/** The way of one upload from its payload to its acknowledgement, which comes last. */
import type { IntegrityType } from '../domain/alert.js';
import type { IntegrityEntry, QuarantinedEntry, QuarantineReason, UploadEntry } from '../domain/entry.js';
import { type DeviceId, parseDeviceId, type StreamKey } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { DeviceRecord, Upload } from '../domain/record.js';
import type { Clock } from '../ports/clock.js';
import type { InboundMessage, Verdict } from '../ports/mqtt-endpoint.js';
import type { Quarantined } from '../ports/quarantine.js';
import type { RetryOutcome } from '../ports/retry.js';
import type { Admission } from './admission.js';
import { Arriving, type Steps } from './arriving.js';
import type { Commit } from './commit-queue.js';
import type { Downward } from './downward.js';
import type { Fates } from './fates.js';
import type { KeyRing } from './key-ring.js';
import { KnownPoison } from './known-poison.js';
import {
  classOf,
  decodeOpened,
  digestOf,
  type GoodReading,
  type Opened,
  openUpload,
  type PoisonReading,
  type Reading,
  readUpload,
} from './read-upload.js';
import type { SequenceWindow } from './sequences.js';

export interface AcceptOptions {
  readonly clock: Clock;
  /** Splits records by the stream each concerns; read in the same tick as the append (`rules/assignments`). */
  readonly route: (deviceId: DeviceId, records: readonly DeviceRecord[]) => Map<StreamKey, DeviceRecord[]>;
  readonly streamOf: (deviceId: DeviceId, atMs: number) => StreamKey;
  readonly keys: KeyRing;
  readonly sequences: SequenceWindow;
  readonly admission: Admission;
  readonly fates: Fates;
  /** What devices are told for what they send; null: nothing. */
  readonly down: Downward | null;
  /** A broker stands between: there is no connection to close, and nothing may come back for ever. */
  readonly behindBroker: boolean;
  /** A stored key could not be unwrapped. */
  readonly keyBroken: (error: unknown) => void;
}

/** What each kind of poison says of the device. */
const integrityOf: Readonly<Record<QuarantineReason, IntegrityType>> = {
  too_large: 'integrity.malformed',
  not_an_envelope: 'integrity.malformed',
  malformed_upload: 'integrity.malformed',
  out_of_bounds: 'integrity.malformed',
  sequence_mismatch: 'integrity.malformed',
  unknown_key: 'integrity.unknown_key',
  expired_key: 'integrity.unknown_key',
  bad_seal: 'integrity.bad_seal',
  sequence_reused: 'integrity.replayed',
};

export class Acceptance {
  readonly #o: AcceptOptions;
  readonly #known: KnownPoison | null;
  readonly #steps: Steps;

  constructor(options: AcceptOptions) {
    this.#o = options;
    this.#steps = {
      place: (deviceId, opened) => this.#place(deviceId, decodeOpened(opened)),
      repeated: (verdict) => options.fates.message(verdict === 'ack' ? 'repeated' : 'failed'),
    };
    this.#known = options.behindBroker ? new KnownPoison() : null;
  }

  /**
   *   open      bound → envelope → key → open                    (`read-upload`; touches nothing)
   *   wait      its device's turn, as far as the engine keeps up (`admission`)
   *   place     decode → repeat? reused? → route → entries       (in one tick with:)
   *   append    the journal makes them durable, all or none      (`commit-queue`)
   *   deliver   the engine gets them, in the journal's order
   *   ack       or fail: then the connection closes, and the device keeps what it has
   */
  take(message: InboundMessage, settle: (verdict: Verdict) => void): void {
    const device = parseDeviceId(message.clientId);
    if (!device.ok) {
      settle('fail');
      return;
    }
    const deviceId = device.value;
    let opened: Opened | Promise<Opened>;
    try {
      opened = openUpload(deviceId, message.payload, this.#o.keys, this.#o.clock.nowMs());
    } catch (error) {
      this.#keyBroken(error, deviceId, message, settle);
      return;
    }
    // At once in all but a device's first message: a promise less on the hot path.
    if (opened instanceof Promise) {
      opened
        .then(
          (is) => this.#wait(deviceId, is, message, settle),
          (error: unknown) => this.#keyBroken(error, deviceId, message, settle),
        )
        .catch(() => settle('fail'));
    } else this.#wait(deviceId, opened, message, settle);
  }

  #wait(deviceId: DeviceId, opened: Opened, { gone }: InboundMessage, settle: (verdict: Verdict) => void): void {
    const { live, weight } = classOf(opened, this.#o.clock.nowMs());
    const arriving = new Arriving(this.#steps, deviceId, opened, live, weight, settle, gone);
    if (this.#isRepeat(deviceId, opened)) this.#o.admission.pass(arriving);
    else this.#o.admission.put(arriving);
  }

  /**
   * What was acknowledged and kept goes the same way once more. Its key is judged by when it came; its records are
   * entered as of now, when they are first known, so that no alert claims to have been known before. A number that was
   * taken already stands for these same bytes or is refused, and a record that was taken already changes nothing.
   */
  async retry({ deviceId, receivedMs: arrivedMs, bytes, reason }: Quarantined): Promise<RetryOutcome> {
    // only its beginning was kept
    if (reason === 'too_large') return { kind: 'left', reason };
    const reading = await readUpload(deviceId, Buffer.from(bytes), this.#o.keys, arrivedMs);
    if (reading.kind === 'poison') return { kind: 'left', reason: reading.reason };
    const { upload, digest } = reading;
    let reused = false;
    const verdict = await this.#o.admission.straight(() => {
      const taking = this.#o.sequences.take(deviceId, upload.sequence, digest);
      reused = taking === 'reused';
      if (reused) return { entries: [], settled: () => {} };
      const routed = this.#o.route(deviceId, upload.records);
      return {
        entries: entriesOf(deviceId, upload, digest, routed, this.#o.clock.nowMs()),
        settled: (settled) => {
          this.#o.fates.message(settled === 'ack' ? 'retried' : 'failed', '', upload.records.length);
          if (settled === 'fail' && taking === 'new') this.#o.sequences.forget(deviceId, upload.sequence);
        },
      };
    });
    if (reused) return { kind: 'left', reason: 'sequence_reused' };
    return { kind: verdict === 'ack' ? 'accepted' : 'failed' };
  }

  /** Something the gateway saw of a device; it takes its place among the uploads. */
  note(deviceId: DeviceId, type: IntegrityType): Promise<Verdict> {
    return this.#o.admission.straight(() => ({
      entries: [this.#integrity(deviceId, type, this.#o.clock.nowMs())],
      settled: () => {},
    }));
  }

  /**
   * The gateway's own fault, not the device's: nothing is acknowledged, and nothing quarantined as poison. Behind a broker
   * it would come again with every connection and take others' room: there it is kept until the key is mended.
   */
  #keyBroken(error: unknown, deviceId: DeviceId, message: InboundMessage, settle: (verdict: Verdict) => void): void {
    this.#o.keyBroken(error);
    if (this.#o.behindBroker) {
      const { payload } = message;
      this.#wait(deviceId, { kind: 'poison', reason: 'unknown_key', payload, authentic: null }, message, settle);
      return;
    }
    this.#o.fates.message('failed');
    settle('fail');
  }

  /** What is in the journal, or on its way there, waits for nobody: a device that is not answered in time sends it again. */
  #isRepeat(deviceId: DeviceId, opened: Opened): boolean {
    if (opened.kind === 'poison' || opened.sequence === null) return false;
    const { sequences } = this.#o;
    return (
      sequences.wasTaken(deviceId, opened.sequence) &&
      sequences.isRepeat(deviceId, opened.sequence, digestOf(opened.payload))
    );
  }

  #place(deviceId: DeviceId, reading: Reading): Commit {
    return reading.kind === 'upload' ? this.#placeUpload(deviceId, reading) : this.#placePoison(deviceId, reading);
  }

  #placeUpload(deviceId: DeviceId, { upload, digest, payload, key }: GoodReading): Commit {
    const { sequences, clock, down } = this.#o;
    const { sequence, records, oldestHeld } = upload;
    const routed = this.#o.route(deviceId, records);
    const taking = sequences.take(deviceId, sequence, digest);
    if (taking === 'repeated') return this.#repeated(deviceId, sequence);
    if (taking === 'reused') return this.#reused(deviceId, payload);
    const receivedMs = clock.nowMs();
    sequences.noted(deviceId, oldestHeld, receivedMs);
    const entries = entriesOf(deviceId, upload, digest, routed, receivedMs);
    return {
      entries,
      settled: (verdict) => {
        this.#o.fates.message(verdict === 'ack' ? 'accepted' : 'failed', '', records.length);
        if (verdict === 'fail') sequences.forget(deviceId, sequence);
        else down?.received(deviceId, upload, key, receivedMs);
      },
    };
  }

  #placePoison(deviceId: DeviceId, { reason, payload, authentic }: PoisonReading): Commit {
    if (authentic === null) return this.#poison(deviceId, reason, payload);
    const { sequence, digest } = authentic;
    const taking = this.#o.sequences.take(deviceId, sequence, digest);
    if (taking === 'repeated') return this.#repeated(deviceId, sequence);
    if (taking === 'reused') return this.#reused(deviceId, payload);
    return this.#poison(deviceId, reason, payload, (verdict) => {
      if (verdict === 'fail') this.#o.sequences.forget(deviceId, sequence);
      else this.#o.down?.settled(deviceId, sequence);
    });
  }

  #repeated(deviceId: DeviceId, sequence: bigint): Commit {
    return {
      entries: [],
      settled: (verdict) => {
        this.#o.fates.message(verdict === 'ack' ? 'repeated' : 'failed');
        if (verdict === 'ack') this.#o.down?.settled(deviceId, sequence);
      },
    };
  }

  /** One number for two uploads: the device has lost its counter, or somebody else has its key. */
  #reused(deviceId: DeviceId, payload: Buffer): Commit {
    return this.#poison(deviceId, 'sequence_reused', payload, (verdict) => {
      if (verdict === 'ack') this.#o.down?.counterLost(deviceId);
    });
  }

  /** Kept, and told, in one append. */
  #poison(
    deviceId: DeviceId,
    reason: QuarantineReason,
    payload: Buffer,
    then: (verdict: Verdict) => void = () => {},
  ): Commit {
    const digest = this.#known === null ? '' : KnownPoison.digestOf(deviceId, payload);
    if (this.#known?.has(digest) === true) {
      return {
        entries: [],
        settled: (verdict) => {
          this.#o.fates.message(verdict === 'ack' ? 'repeated' : 'failed');
          then(verdict);
        },
      };
    }
    const receivedMs = this.#o.clock.nowMs();
    const integrity = this.#integrity(deviceId, integrityOf[reason], receivedMs);
    // Copied: it outlives the chunk of the socket that it is a part of, and only its first bytes are kept if too long.
    const bytes = Buffer.from(payload.subarray(0, LIMITS.uploadBytesMax));
    const kept: QuarantinedEntry = {
      kind: 'quarantined',
      stream: integrity.stream,
      receivedMs,
      deviceId,
      reason,
      bytes,
    };
    return {
      entries: [kept, integrity],
      settled: (verdict) => {
        if (verdict === 'ack') this.#o.fates.message('quarantined', reason);
        else this.#o.fates.message('failed');
        if (verdict === 'ack') this.#known?.add(digest);
        then(verdict);
      },
    };
  }

  #integrity(deviceId: DeviceId, type: IntegrityType, receivedMs: number): IntegrityEntry {
    return { kind: 'integrity', stream: this.#o.streamOf(deviceId, receivedMs), receivedMs, deviceId, type };
  }
}

/** One for each stream that its records concern. */
function entriesOf(
  deviceId: DeviceId,
  { sequence }: Upload,
  digest: string,
  routed: ReadonlyMap<StreamKey, DeviceRecord[]>,
  receivedMs: number,
): UploadEntry[] {
  const entries: UploadEntry[] = [];
  for (const [stream, records] of routed) {
    const index = entries.length;
    entries.push({ kind: 'upload', stream, receivedMs, deviceId, sequence, index, digest, records });
  }
  if (entries.length === 0) throw new Error('an upload was routed to no stream');
  return entries;
}
