/** What a device is to be told now, out of what was wished for it and what it has been told. Pure. */
import { type Downlink, NOTHING_TO_SAY, type SequenceRange, saysSomething } from '../domain/downlink.js';
import type { EnrolledDevice } from '../ports/device-registry.js';
import type { DownlinkState } from '../ports/downlinks.js';

export const RESEND_EVERY_MS = 60_000;
export const TIME_EVERY_MS = 86_400_000;
/** A clock that runs ahead is put right at once, but not with every upload. */
export const TIME_AGAIN_MS = 60_000;
/** A key that was offered and is not used is offered again. */
export const OFFER_AGAIN_MS = 3_600_000;
const sequenceMax = (1n << 64n) - 1n;

export interface Situation {
  readonly device: EnrolledDevice;
  readonly state: DownlinkState;
  readonly nowMs: number;
  /** The data was restored since the device's key was made: nothing but its successor may be sealed under it. */
  readonly keyOnly: boolean;
  /** How often the data was restored. */
  readonly generation: number;
  /** When the offered key was last told over this connection; null: not yet. */
  readonly offeredMs: number | null;
  readonly clockAhead: boolean;
  readonly ack: readonly SequenceRange[];
  /** The highest upload sequence taken in. */
  readonly newestSequence: bigint;
}

/** Nothing in it: there is nothing to tell now. */
export function contentsOf(s: Situation): Downlink {
  const { device, state, nowMs } = s;
  const key = device.offered?.jwe ?? null;
  if (s.keyOnly) return { ...NOTHING_TO_SAY, key: offerDue(s) ? key : null };
  const { config, notice } = device;
  const rest: Downlink = {
    ...NOTHING_TO_SAY,
    ack: s.ack,
    config: config != null && config.version > state.configVersion ? config.value : null,
    notice: notice != null && notice.version > state.noticeVersion ? notice.value : null,
    resend: resendOf(s),
    nextSequence: state.nextSequence,
    serverTimeMs: timeDue(s) ? nowMs : null,
  };
  // also with whatever else goes out, for as long as the device has not been seen to have it
  return saysSomething(rest) || offerDue(s) ? { ...rest, key } : rest;
}

/** What stands when the device has got that; `state` may have moved on since. */
export function toldTo(state: DownlinkState, s: Situation, told: Downlink): DownlinkState {
  const { config, notice } = s.device;
  const { resend } = told;
  return {
    ...state,
    configVersion: told.config === null ? state.configVersion : (config?.version ?? state.configVersion),
    noticeVersion: told.notice === null ? state.noticeVersion : (notice?.version ?? state.noticeVersion),
    resend: resend !== null && state.resend !== null && within(state.resend, resend) ? null : state.resend,
    resendAskedMs: resend === null ? state.resendAskedMs : s.nowMs,
    nextSequence: state.nextSequence === told.nextSequence ? null : state.nextSequence,
    timeSentMs: told.serverTimeMs ?? state.timeSentMs,
    generation: resend === null ? state.generation : s.generation,
  };
}

/** When there may be something to tell without anything happening. */
export function lookAgainMs({ device, state, nowMs, offeredMs }: Situation): number {
  return Math.min(
    state.resend === null || state.resendAskedMs === null ? Infinity : state.resendAskedMs + RESEND_EVERY_MS,
    device.offered == null ? Infinity : (offeredMs ?? nowMs) + OFFER_AGAIN_MS,
    (state.timeSentMs ?? nowMs) + TIME_EVERY_MS,
  );
}

/** Two ranges and what lies between: a device that has not got something there has nothing to send. */
export function joined(a: SequenceRange | null, b: SequenceRange): SequenceRange {
  if (a === null) return b;
  let { first, last } = b;
  if (a.first < first) first = a.first;
  if (a.last > last) last = a.last;
  return { first, last };
}

const within = (inner: SequenceRange, outer: SequenceRange): boolean =>
  outer.first <= inner.first && inner.last <= outer.last;

function resendOf({ state, nowMs, generation, newestSequence }: Situation): SequenceRange | null {
  // what was acknowledged after the backup is with nobody but devices that still hold it
  if (generation > state.generation) return joined(state.resend, { first: newestSequence + 1n, last: sequenceMax });
  return elapsed(nowMs, state.resendAskedMs, RESEND_EVERY_MS) ? state.resend : null;
}

function timeDue({ state, nowMs, clockAhead }: Situation): boolean {
  return elapsed(nowMs, state.timeSentMs, clockAhead ? TIME_AGAIN_MS : TIME_EVERY_MS);
}

function offerDue({ device, nowMs, offeredMs }: Situation): boolean {
  return device.offered != null && elapsed(nowMs, offeredMs, OFFER_AGAIN_MS);
}

/** A clock that was set back counts as one that has gone on: better told twice than put off by as much. */
const elapsed = (nowMs: number, sinceMs: number | null, everyMs: number): boolean =>
  sinceMs === null || nowMs - sinceMs >= everyMs || nowMs < sinceMs;
