/** The numbers that decide, with the defaults that hold unless an order or the configuration says otherwise. */

export interface Policy {
  /** An absence, or a stay outside an inclusion zone, this long is no violation yet. */
  readonly toleranceS: number;
  /** Consecutive leaning fixes that begin or end a visit. */
  readonly k: number;
  /** A next fix later than this ends a visit at its last fix that leans in. */
  readonly gapS: number;
  /** Silence of a home unit after which presence is unknown, and it is reported silent: two hourly calls and a margin. */
  readonly silenceS: number;
  /** Silence of a tag, and of an alcohol tag, after which it is reported silent. */
  readonly tagSilenceS: number;
  readonly alcoholSilenceS: number;
  /** Unknown presence longer than this inside a window is an alert. */
  readonly unverifiedS: number;
  /** A record further ahead of its arrival than this is used by no rule. */
  readonly clockAheadS: number;
  /** A record further behind its arrival than this is used by no rule. */
  readonly amendHorizonS: number;
  /** Radii assumed where the device gives none, metres. */
  readonly gnssRadiusM: number;
  readonly wifiRadiusM: number;
  readonly otherRadiusM: number;
  /** Faster than this, less both radii, a fix is implausible. */
  readonly jumpMS: number;
  /** Two fixes at most this far apart can show that the way between them led through a zone. */
  readonly crossingS: number;
  readonly batteryLowPct: number;
  readonly batteryCriticalPct: number;
  readonly batteryDeadPct: number;
  /** A battery alert closes this far above its threshold. */
  readonly batteryMarginPct: number;
  /** This much motion, within this time, without a fix of at most this radius, metres: the tag finds no position. */
  readonly noFixMotionS: number;
  readonly noFixWithinS: number;
  readonly noFixRadiusM: number;
  /** A fix further than this from the address at which RF says the person is present contradicts it, metres. */
  readonly contradictionM: number;
}

export const DEFAULT_POLICY: Policy = Object.freeze({
  toleranceS: 300,
  k: 3,
  gapS: 600,
  silenceS: 7_500,
  tagSilenceS: 3_900,
  alcoholSilenceS: 90_000,
  unverifiedS: 900,
  clockAheadS: 120,
  amendHorizonS: 72 * 3_600,
  gnssRadiusM: 20,
  wifiRadiusM: 100,
  otherRadiusM: 1_500,
  jumpMS: 100,
  crossingS: 120,
  batteryLowPct: 20,
  batteryCriticalPct: 10,
  batteryDeadPct: 3,
  batteryMarginPct: 5,
  noFixMotionS: 600,
  noFixWithinS: 3_600,
  noFixRadiusM: 100,
  contradictionM: 500,
});
