/**
 * What has been taken in of each device: repeats, reused sequences, and gaps.
 *
 * Repeats. A sequence is recorded when its upload is handed to the journal; the caller lets a repeat wait for the same
 * commit, and calls `forget` when that fails. Same digest: a repeat. Another digest: the device (or somebody with its
 * key) used one number for two uploads. Only for payloads that opened under the device's key, or anyone could burn a
 * number.
 *
 * Gaps. `oldest_held` is the lowest sequence that the device still holds, so whatever is missing from there up to the
 * newest seen should be on its way. Firmware reserves numbers in ranges and may send the newest first, so a hole is
 * judged only when nothing has moved for `graceMs`: the check is due that long after the last upload that was new
 * (filled a hole or went on). If a sequence in `[oldest_held, newest)` is then missing, that is one gap, whatever its
 * width; the same numbers are not reported again. While a device is not connected it cannot fill anything (a backlog cut
 * by a tunnel is no gap), so its check waits until it has been back for as long. `oldest_held` only ever grows on a device, so the largest that was
 * said counts: an old upload sent again does not bring back what has since been acknowledged. 0 means not said: then
 * nothing is judged.
 *
 * Where it cannot be seen whether a device is connected (`persistsMs` > 0: behind a broker) a hole must have been there for
 * so long, and its device have spoken after that without filling any of it, before it is judged: silence may be a tunnel.
 */
import type { SequenceRange } from '../domain/downlink.js';
import type { JournalEntry } from '../domain/entry.js';
import type { DeviceId } from '../domain/ids.js';
import { RecentDigests } from './recent-digests.js';
import { SequenceRanges } from './sequence-ranges.js';

export type Taking = 'new' | 'repeated' | 'reused';

export interface SequenceGap {
  readonly deviceId: DeviceId;
  /** From the lowest missing number to the highest; some between may have come. */
  readonly missing: SequenceRange;
}

interface DeviceSequences {
  readonly taken: SequenceRanges;
  readonly digests: RecentDigests;
  oldestHeld: bigint;
  /** Below this, gaps have been reported. */
  judgedTo: bigint;
  /** Since when nothing of what is missing has come; null: nothing is missing. */
  hole: (SequenceRange & { readonly sinceMs: number }) | null;
}

export class SequenceWindow {
  readonly #graceMs: number;
  readonly #persistsMs: number;
  readonly #devices = new Map<DeviceId, DeviceSequences>();
  /** When each device's holes are to be judged. */
  readonly #due = new Map<DeviceId, number>();

  constructor(graceMs: number, persistsMs = 0) {
    this.#graceMs = graceMs;
    this.#persistsMs = persistsMs;
  }

  /** Looks a sequence up and, when it is new, records it. `digest`: base64url, as in `UploadEntry`. */
  take(deviceId: DeviceId, sequence: bigint, digest: string): Taking {
    const device = this.#of(deviceId);
    const short = shortDigest(digest);
    if (device.taken.has(sequence)) {
      const before = device.digests.of(sequence);
      if (before !== null) return before === short ? 'repeated' : 'reused';
    }
    device.taken.add(sequence);
    device.digests.put(sequence, short);
    return 'new';
  }

  wasTaken(deviceId: DeviceId, sequence: bigint): boolean {
    return this.#devices.get(deviceId)?.taken.has(sequence) === true;
  }

  /** Whether it would be a repeat. */
  isRepeat(deviceId: DeviceId, sequence: bigint, digest: string): boolean {
    const before = this.wasTaken(deviceId, sequence) ? this.#devices.get(deviceId)?.digests.of(sequence) : null;
    return before === shortDigest(digest);
  }

  /** What a new upload said of the ones before it, and when it was taken in; call after `take` gave `new`. */
  noted(deviceId: DeviceId, oldestHeld: bigint, nowMs: number): void {
    const device = this.#of(deviceId);
    if (oldestHeld > device.oldestHeld) device.oldestHeld = oldestHeld;
    const gap = gapOf(device);
    const hole = gap === null ? null : { ...gap, sinceMs: sinceMs(device.hole, gap, nowMs) };
    device.hole = hole;
    if (hole === null) this.#due.delete(deviceId);
    else if (this.#persistsMs === 0) this.#due.set(deviceId, nowMs + this.#graceMs);
    else if (hole.sinceMs === nowMs) this.#due.delete(deviceId);
    else if (nowMs - hole.sinceMs >= this.#persistsMs && !this.#due.has(deviceId)) {
      this.#due.set(deviceId, nowMs + this.#graceMs);
    }
  }

  /** The upload did not become durable: when it comes again it is new. */
  forget(deviceId: DeviceId, sequence: bigint): void {
    const device = this.#devices.get(deviceId);
    device?.taken.remove(sequence);
    device?.digests.remove(sequence);
  }

  /** Rebuilds, at a start, from what the journal holds. */
  replayed(entry: JournalEntry): void {
    if (entry.kind === 'upload') this.take(entry.deviceId, entry.sequence, entry.digest);
  }

  /** The highest that was taken in, as far as is remembered; 0 = none. */
  newest(deviceId: DeviceId): bigint {
    return this.#devices.get(deviceId)?.taken.newest ?? 0n;
  }

  /** The gaps that are to be reported now; each is given once. `canFill`: is the device connected? */
  dueGaps(nowMs: number, canFill: (deviceId: DeviceId) => boolean = () => true): SequenceGap[] {
    const gaps: SequenceGap[] = [];
    for (const [deviceId, dueMs] of this.#due) {
      // a clock that was set back must not put a check off by as much
      if (dueMs > nowMs + this.#graceMs || !canFill(deviceId)) this.#due.set(deviceId, nowMs + this.#graceMs);
      else if (dueMs <= nowMs) {
        this.#due.delete(deviceId);
        const device = this.#of(deviceId);
        const missing = gapOf(device);
        if (missing === null) continue;
        device.judgedTo = device.taken.newest;
        gaps.push({ deviceId, missing });
      }
    }
    return gaps;
  }

  #of(deviceId: DeviceId): DeviceSequences {
    let device = this.#devices.get(deviceId);
    if (device === undefined) {
      device = { taken: new SequenceRanges(), digests: new RecentDigests(), oldestHeld: 0n, judgedTo: 0n, hole: null };
      this.#devices.set(deviceId, device);
    }
    return device;
  }
}

function gapOf({ taken, oldestHeld, judgedTo }: DeviceSequences): SequenceRange | null {
  return oldestHeld === 0n ? null : taken.spanMissingFrom(oldestHeld > judgedTo ? oldestHeld : judgedTo);
}

/** It counts anew when any of it has come, or the clock was set back. */
function sinceMs(before: DeviceSequences['hole'], gap: SequenceRange, nowMs: number): number {
  const less = before === null || gap.first > before.first || gap.last < before.last;
  return less || before.sinceMs > nowMs ? nowMs : before.sinceMs;
}

const digestBytes = Buffer.alloc(8);

/** 8 of its 16 bytes tell two uploads of one device apart. */
function shortDigest(digest: string): bigint {
  digestBytes.write(digest, 'base64url');
  return digestBytes.readBigUInt64BE(0);
}
