/** Who may connect, and to which topics: devices by password or certificate, monitoring centres by a bearer token. */
import { passwordMatches } from '../crypto/password.js';
import { type AgencyId, type DeviceId, parseAgencyId, parseDeviceId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { DeviceRegistry } from '../ports/device-registry.js';
import type { SignIn } from '../ports/sign-ins.js';
import { OFFENDER_LIMITS, type OffenderLimits, Offenders } from './offenders.js';

/** Whom a token names, until when (UTC ms), and whether their role reads their agency's alerts; null: nobody. */
export type VerifyAgencyToken = (
  token: string,
) => Promise<(Pick<SignIn, 'user' | 'role' | 'agency'> & { expiresMs: number; readsAlerts: boolean }) | null>;

export interface AuthenticationOptions {
  readonly clock: Clock;
  readonly registry: Pick<DeviceRegistry, 'get'>;
  readonly verifyAgencyToken: VerifyAgencyToken;
  /** Durable when it resolves: nobody reads an alert without a trace (¶15; DPA 2018 s.62). */
  readonly noteSignIn: (signIn: SignIn) => Promise<void>;
  /** A password alone lets no device in, whichever way it comes. */
  readonly certificatesRequired?: boolean;
  readonly offenders?: OffenderLimits;
  /** Put-off answers that may wait at once; beyond, they are given straight away. */
  readonly waitingMax?: number;
  /** How an answer is put off; a timer where nothing else is given. */
  readonly wait?: (ms: number) => Promise<void>;
}

const agencyPrefix = 'agency:';
const tokenBytesMax = 4_096;

export class Authentication {
  readonly #o: AuthenticationOptions;
  readonly #offenders: Offenders;
  readonly #waitingMax: number;
  #waiting = 0;
  /** When the token that an agency's session was opened with ends, by the machine's clock. */
  readonly #expiresMs = new Map<string, number>();

  constructor(options: AuthenticationOptions) {
    this.#o = options;
    this.#offenders = new Offenders(options.offenders ?? OFFENDER_LIMITS);
    this.#waitingMax = options.waitingMax ?? 1_000;
  }

  /**
   * Right credentials are never made to wait for another's wrong ones: behind a TLS terminator everyone has the same
   * address, and a device that is kept out is a person who is not seen. Only refusals are put off, longer each time,
   * and agencies' tokens from an offending address, for these cost a signature check.
   */
  async authenticate(
    session: string,
    username: string,
    password: Buffer | null,
    remote: string,
    certifiedName: string | null = null,
  ): Promise<boolean> {
    const known = username.startsWith(agencyPrefix)
      ? await this.#agency(session, username, password, remote)
      : this.#device(session, username, password, certifiedName);
    if (known) return true;
    const nowMs = this.#o.clock.nowMs();
    const keys = [`address ${remote}`, `user ${username}`];
    for (const key of keys) this.#offenders.failed(key, nowMs);
    await this.#putOff(Math.max(...keys.map((key) => this.#offenders.delayMs(key, nowMs))));
    return false;
  }

  /** A device to its own `up`, and nobody else to anything. */
  mayPublish(session: string, topic: string): boolean {
    return topic === topicUp(session) && parseDeviceId(session).ok;
  }

  /** A device its own `down`; an agency its own alerts. */
  maySubscribe(session: string, filter: string): boolean {
    const agency = agencyOf(session);
    if (agency !== null) return filter === `em/v1/alerts/${agency}`;
    return parseDeviceId(session).ok && filter === topicDown(session);
  }

  /** Agencies' sessions whose token has ended: each is named once, and is to be closed. */
  expired(nowMs: number): string[] {
    const ended = [...this.#expiresMs].filter(([, expiresMs]) => expiresMs <= nowMs).map(([session]) => session);
    for (const session of ended) this.#expiresMs.delete(session);
    return ended;
  }

  /** A certificate that names another device is no mistake of a device's: its password does not mend it. */
  #device(session: string, username: string, password: Buffer | null, certifiedName: string | null): boolean {
    const parsed = parseDeviceId(username);
    const device = parsed.ok ? this.#o.registry.get(parsed.value) : null;
    const matches =
      certifiedName !== null
        ? certifiedName === username
        : passwordMatches(password ?? Buffer.alloc(0), device?.passwordHash ?? nobody) &&
          this.#o.certificatesRequired !== true;
    return matches && device !== null && device.disabledMs === null && session === username;
  }

  async #agency(session: string, username: string, password: Buffer | null, remote: string): Promise<boolean> {
    const agency = parseAgencyId(username.slice(agencyPrefix.length));
    if (!agency.ok || agencyOf(session) !== agency.value) return false;
    if (password === null || password.length > tokenBytesMax) return false;
    await this.#putOff(this.#offenders.delayMs(`address ${remote}`, this.#o.clock.nowMs()));
    try {
      const verified = await this.#o.verifyAgencyToken(password.toString('utf8'));
      if (verified === null) return false;
      const { readsAlerts, expiresMs: untilMs, ...who } = verified;
      const allowed = readsAlerts && who.agency === agency.value;
      const atMs = this.#o.clock.nowMs();
      await this.#o.noteSignIn({ ...who, atMs, topicOf: agency.value, allowed, untilMs });
      if (allowed) this.#expiresMs.set(session, untilMs);
      return allowed;
    } catch {
      return false;
    }
  }

  async #putOff(delayMs: number): Promise<void> {
    if (delayMs <= 0 || this.#waiting >= this.#waitingMax) return;
    this.#waiting += 1;
    await (this.#o.wait ?? timer)(delayMs);
    this.#waiting -= 1;
  }
}

const timer = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

/** A hash that no password has: an unknown device takes as long to refuse as a known one. */
const nobody = Buffer.alloc(32).toString('base64url');

export const topicDown = (deviceId: DeviceId | string): string => `em/v1/d/${deviceId}/down`;
export const topicUp = (deviceId: DeviceId | string): string => `em/v1/d/${deviceId}/up`;

/** `agency:{agency}` or `agency:{agency}/{client id}`; neither is a device id. */
function agencyOf(session: string): AgencyId | null {
  if (!session.startsWith(agencyPrefix)) return null;
  const end = session.indexOf('/');
  const parsed = parseAgencyId(session.slice(agencyPrefix.length, end < 0 ? undefined : end));
  return parsed.ok ? parsed.value : null;
}
