/** Who signed in at the alert topics: told by the tier that lets them in, taken over into the audit log by the one that has it. */
import type { AgencyId } from '../domain/ids.js';
import type { Role } from '../domain/role.js';

/** One bearer token that was shown at the MQTT endpoint, and is somebody's. */
export interface SignIn {
  readonly atMs: number;
  /** Whom the token names. */
  readonly user: string;
  readonly role: Role;
  readonly agency: AgencyId;
  /** Whose alerts were asked for. */
  readonly topicOf: AgencyId;
  /** False: this role or this agency does not read that topic. */
  readonly allowed: boolean;
  /** When the token ends, and the session with it. */
  readonly untilMs: number;
}

export interface PlacedSignIn {
  /** Consecutive from 1. */
  readonly place: number;
  readonly signIn: SignIn;
}

export interface SignIns {
  /** Durable when it resolves: before it nobody is let in. */
  note(signIn: SignIn): Promise<void>;
  /** Those after a place, oldest first, at most `max`. */
  after(place: number, max: number): PlacedSignIn[];
  /** Removes those from before; returns how many. */
  expire(beforeMs: number): Promise<number>;
  close(): Promise<void>;
}

/** For the process that takes them over, while another one writes. */
export type SignInsReader = Pick<SignIns, 'after' | 'close'>;
