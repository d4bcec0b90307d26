/**
 * Answers devices behind a broker: who has spoken is told which uploads are durable, within about a second, one downlink a
 * device however much it sent; and with that, what else waits for it.
 *
 * Nobody is spoken to unasked: a device that speaks is there, and whatever the broker loses is made good by its next
 * upload. An answer is not kept until it arrives. One that is lost costs the device a repeat, and a repeat is answered again.
 *
 * Told, and not told again, is what the device has been seen to have. It lets go of an upload when it hears that this is
 * durable, so an `oldest_held` above a number that only that downlink acknowledged says that the downlink arrived. Until
 * then its contents go out again, a minute apart and at most `TRIES_MAX` times: a wearer who is told to go home three times
 * can bear it, and one who is never told cannot do it. Of a device that says no `oldest_held` the broker's word must do.
 */
import { type Downlink, NOTHING_TO_SAY, type SequenceRange, saysSomething } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';
import { contentsOf, joined, type Situation, toldTo } from './downlink-contents.js';
import type { DownlinkSenderOptions } from './downlink-sender.js';
import { sealingKey } from './sealing-key.js';

export interface AnswersOptions extends DownlinkSenderOptions {
  /** Whether anything can be sent now; what is to be told waits until then. */
  readonly reachable: () => boolean;
}

/** A device that has spoken and waits for its answer. */
interface Spoken {
  readonly acks: Set<bigint>;
  /** The highest of them that was never acknowledged before; 0 = none. */
  newest: bigint;
  /** The highest that was said; 0 = a device that does not say, null = only repeats came. */
  oldestHeld: bigint | null;
  clockAhead: boolean;
}

/** What a device was told and has not been seen to have. */
interface Tried {
  readonly what: string;
  readonly situation: Situation;
  readonly contents: Downlink;
  readonly tries: number;
  /** Sent again from then on. */
  againMs: number;
  /** It has it when it holds nothing up to here; 0 = that would say nothing. */
  proof: bigint;
}

/** Devices that wait; what one more sends is not noted, and acknowledged when it sends it again. */
const DEVICES_MAX = 65_536;
const ACKS_MAX = 4_096;
/** Of one downlink: about a kilobyte. What is over comes with the next. */
const RANGES_MAX = 64;
/** Each waits for the broker's answer, which may lie behind a second or two of uploads. */
const AT_ONCE_MAX = 1_024;
const AGAIN_MS = 60_000;
const TRIES_MAX = 3;

export class Answers {
  readonly #o: AnswersOptions;
  readonly #spoken = new Map<DeviceId, Spoken>();
  readonly #tried = new Map<DeviceId, Tried>();
  readonly #underWay = new Map<DeviceId, Promise<void>>();
  /** Whose turn it is, of those that had spoken when the turn began. */
  #turn: Iterator<DeviceId> | null = null;
  #stopped = false;

  constructor(options: AnswersOptions) {
    this.#o = options;
  }

  /** An upload is durable; what it said it still held. */
  received(deviceId: DeviceId, sequence: bigint, oldestHeld: bigint): Promise<void> | null {
    const spoken = this.#note(deviceId, sequence);
    if (spoken !== null) {
      if (sequence > spoken.newest) spoken.newest = sequence;
      if (spoken.oldestHeld === null || oldestHeld > spoken.oldestHeld) spoken.oldestHeld = oldestHeld;
    }
    const tried = this.#tried.get(deviceId);
    const arrived = tried !== undefined && tried.proof > 0n && oldestHeld > tried.proof;
    return arrived ? this.#arrived(deviceId, tried) : null;
  }

  /** It was durable before: its answer was lost, or is under way. */
  repeated(deviceId: DeviceId, sequence: bigint): void {
    this.#note(deviceId, sequence);
    const tried = this.#tried.get(deviceId);
    if (tried === undefined || (tried.proof > 0n && sequence > tried.proof)) return;
    tried.proof = 0n;
    tried.againMs = Number.NEGATIVE_INFINITY;
  }

  async missing(deviceId: DeviceId, range: SequenceRange): Promise<void> {
    await this.#o.store.update(deviceId, (state) => ({ ...state, resend: joined(state.resend, range) }));
  }

  async counterLost(deviceId: DeviceId): Promise<void> {
    const nextSequence = this.#o.newestSequence(deviceId) + 1n;
    await this.#o.store.update(deviceId, (state) => ({ ...state, nextSequence }));
  }

  async clockAhead(deviceId: DeviceId): Promise<void> {
    const spoken = this.#spoken.get(deviceId);
    if (spoken !== undefined) spoken.clockAhead = true;
  }

  /** What was wished waits until the device speaks. */
  look(): void {}
  subscribed(): void {}

  /** Once a second: those who have spoken get their answers. */
  onTime(): void {
    if (this.#stopped || !this.#o.reachable()) return;
    this.#turn ??= [...this.#spoken.keys()][Symbol.iterator]();
    this.#goOn();
  }

  /** Tells no more; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#underWay.values());
  }

  #note(deviceId: DeviceId, sequence: bigint): Spoken | null {
    let spoken = this.#spoken.get(deviceId);
    if (spoken === undefined) {
      if (this.#spoken.size >= DEVICES_MAX) return null;
      spoken = { acks: new Set(), newest: 0n, oldestHeld: null, clockAhead: false };
      this.#spoken.set(deviceId, spoken);
    }
    if (spoken.acks.size < ACKS_MAX) spoken.acks.add(sequence);
    return spoken;
  }

  #goOn(): void {
    while (this.#turn !== null && !this.#stopped && this.#underWay.size < AT_ONCE_MAX) {
      const { value: deviceId, done } = this.#turn.next();
      if (done === true) {
        this.#turn = null;
        return;
      }
      const spoken = this.#spoken.get(deviceId);
      if (spoken === undefined || this.#underWay.has(deviceId)) continue;
      const answering = this.#answer(deviceId, spoken)
        .catch((error: unknown) => this.#failed(error))
        .finally(() => {
          this.#underWay.delete(deviceId);
          this.#goOn();
        });
      this.#underWay.set(deviceId, answering);
    }
  }

  async #answer(deviceId: DeviceId, spoken: Spoken): Promise<void> {
    this.#spoken.delete(deviceId);
    const situation = this.#situation(deviceId, spoken);
    const key = situation === null ? null : sealingKey(situation.device, situation.nowMs);
    if (situation === null || key === null) return;
    const all = contentsOf(situation);
    const what = saidIn(situation, all);
    const before = this.#tried.get(deviceId);
    const again = before?.what === what ? before : undefined;
    const waits = what !== NOTHING && again !== undefined && situation.nowMs < again.againMs;
    const contents = waits ? { ...NOTHING_TO_SAY, ack: all.ack, key: all.key } : all;
    if (!saysSomething(contents)) return;
    const sent = await this.#o.post.send(deviceId, key, contents);
    this.#o.telemetry.count('fairwatch_downlinks_total', { fate: sent ? 'delivered' : 'not_delivered' });
    if (!sent || what === NOTHING || waits) return;
    const tries = (again?.tries ?? 0) + 1;
    const proof = contents.ack.some(({ last }) => last >= spoken.newest) ? spoken.newest : 0n;
    const tried = { what, situation, contents, tries, proof, againMs: situation.nowMs + AGAIN_MS };
    if (spoken.oldestHeld === 0n || tries >= TRIES_MAX) await this.#arrived(deviceId, tried);
    else this.#try(deviceId, tried);
  }

  #try(deviceId: DeviceId, tried: Tried): void {
    this.#tried.delete(deviceId);
    this.#tried.set(deviceId, tried);
    if (this.#tried.size <= DEVICES_MAX) return;
    for (const oldest of this.#tried.keys()) {
      this.#tried.delete(oldest);
      return;
    }
  }

  async #arrived(deviceId: DeviceId, { situation, contents }: Tried): Promise<void> {
    this.#tried.delete(deviceId);
    await this.#o.store.update(deviceId, (state) => toldTo(state, situation, contents));
  }

  #situation(deviceId: DeviceId, spoken: Spoken): Situation | null {
    const { registry, store, clock } = this.#o;
    const device = registry.get(deviceId);
    if (device === null || device.disabledMs !== null) return null;
    const nowMs = clock.nowMs();
    return {
      device,
      state: store.state(deviceId),
      nowMs,
      keyOnly: (sealingKey(device, nowMs)?.generation ?? 0) < store.generation,
      generation: store.generation,
      // with every answer, until the device uses it
      offeredMs: null,
      clockAhead: spoken.clockAhead,
      ack: this.#rangesOf(deviceId, spoken),
      newestSequence: this.#o.newestSequence(deviceId),
    };
  }

  /** The lowest come first; what is over waits for the next turn. */
  #rangesOf(deviceId: DeviceId, { acks }: Spoken): SequenceRange[] {
    const ranges: { first: bigint; last: bigint }[] = [];
    for (const sequence of [...acks].sort((a, b) => (a < b ? -1 : 1))) {
      const newest = ranges.at(-1);
      if (newest !== undefined && newest.last + 1n === sequence) newest.last = sequence;
      else if (ranges.length < RANGES_MAX) ranges.push({ first: sequence, last: sequence });
      else this.#note(deviceId, sequence);
    }
    return ranges;
  }

  #failed(error: unknown): void {
    this.#o.telemetry.count('fairwatch_downlinks_total', { fate: 'failed' });
    this.#o.telemetry.log('error', 'downlink_failed', { error: error instanceof Error ? error.name : typeof error });
  }
}

/** What is in a downlink besides acknowledgements and a key: the same text for the same contents. */
function saidIn({ device }: Situation, { config, notice, resend, nextSequence, serverTimeMs }: Downlink): string {
  const said = [
    config === null ? '' : `c${device.config?.version}`,
    notice === null ? '' : `n${device.notice?.version}`,
    resend === null ? '' : `r${resend.first}-${resend.last}`,
    nextSequence === null ? '' : `s${nextSequence}`,
    serverTimeMs === null ? '' : 't',
  ];
  return said.join('');
}
const NOTHING = '';
