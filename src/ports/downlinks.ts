/** What intake has told each device and still has to, and the numbers under which it tells it. */
import type { SequenceRange } from '../domain/downlink.js';
import type { DeviceId } from '../domain/ids.js';

/**
 * Numbers for what goes down: with the key's id they are the nonce, so none is ever used twice. Who draws them reserves a
 * range first; what is left of it after a crash is skipped.
 */
export interface DownlinkSequences {
  /** The first of `count` consecutive numbers that nobody was given before; durable when it resolves. ≥ 1. */
  reserve(deviceId: DeviceId, count: number): Promise<bigint>;
}

export interface DownlinkState {
  /** Versions of the newest wishes that the device has (`EnrolledDevice.config`, `.notice`); 0 = none. */
  readonly configVersion: number;
  readonly noticeVersion: number;
  /** Waits to be asked for; null: nothing. */
  readonly resend: SequenceRange | null;
  /** When something was last asked for again; null: never. */
  readonly resendAskedMs: number | null;
  /** Waits to be told to a device that lost its counter. */
  readonly nextSequence: bigint | null;
  /** When the device was last told the time; null: never. */
  readonly timeSentMs: number | null;
  /** The restore after which the device was asked for everything that it still holds. */
  readonly generation: number;
  /** Uploads under a key, counted in steps; a newer key begins at 0. */
  readonly uses: { readonly keyId: number; readonly count: number };
}

export const FRESH_DOWNLINK_STATE: DownlinkState = Object.freeze({
  configVersion: 0,
  noticeVersion: 0,
  resend: null,
  resendAskedMs: null,
  nextSequence: null,
  timeSentMs: null,
  generation: 0,
  uses: { keyId: 0, count: 0 },
});

export interface Downlinks extends DownlinkSequences {
  /** How often this data was restored from a backup. A key that was made before the last time seals nothing but its successor. */
  readonly generation: number;
  state(deviceId: DeviceId): DownlinkState;
  /** Durable when it resolves with what stands then; `change` runs alone. */
  update(deviceId: DeviceId, change: (state: DownlinkState) => DownlinkState): Promise<DownlinkState>;
  /**
   * What is here was restored from a backup: numbers may have been used that it knows nothing of. From now on they are
   * drawn from above any that can have been, for `nowMs` (the machine's time) is in them, and every device gets a new key
   * before anything else. Durable when it resolves.
   */
  rotateBeforeDownlink(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
