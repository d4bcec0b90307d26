/** What the gateway tells a device. */

/** To tell the wearer, by vibration or voice: "your tag suggests …". The numbers are the wire's. */
export const NOTICES = { CHARGE_BATTERY: 1, CONTACT_CENTRE: 2, RETURN_HOME: 3, LEAVE_ZONE: 4 } as const;
export type Notice = keyof typeof NOTICES;
export const NOTICE_NAMES = Object.keys(NOTICES) as [Notice, ...Notice[]];

/** Seconds; 0 = as it is. */
export interface DeviceConfig {
  readonly reportIntervalS: number;
  readonly violationIntervalS: number;
  readonly heartbeatS: number;
}

/** Upload sequences; both ends belong to it. */
export interface SequenceRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Null or empty: not said. */
export interface Downlink {
  /** Upload sequences received and durable. */
  readonly ack: readonly SequenceRange[];
  /** A new session key, as a JWE that only the device opens. */
  readonly key: string | null;
  readonly config: DeviceConfig | null;
  readonly notice: Notice | null;
  /** Stored uploads to send again. */
  readonly resend: SequenceRange | null;
  /** For a device that has lost its counter. */
  readonly nextSequence: bigint | null;
  /** UTC. */
  readonly serverTimeMs: number | null;
}

export const NOTHING_TO_SAY: Downlink = Object.freeze({
  ack: [],
  key: null,
  config: null,
  notice: null,
  resend: null,
  nextSequence: null,
  serverTimeMs: null,
});

export function saysSomething(downlink: Downlink): boolean {
  const { ack, ...others } = downlink;
  return ack.length > 0 || Object.values(others).some((value) => value !== null);
}
