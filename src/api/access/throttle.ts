/**
 * Holds back who asks too often: known callers by themselves, strangers by their address. Behind a TLS proxy that is not
 * named by `TRUSTED_PROXY` all strangers are one address, so no stranger's flood may cost a known caller anything: a token
 * that was good before is checked however many are refused meanwhile.
 */
import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Action } from './actions.js';
import { OPEN_RATE, RATE_OF, RATES, type Rate, type RateKind, STRANGERS_RATE } from './rates.js';
import { TokenBuckets } from './token-buckets.js';
import type { Caller } from './tokens.js';

export interface ThrottleLimits {
  readonly rates: Readonly<Record<RateKind, Rate | null>>;
  readonly strangers: Rate;
  readonly open: Rate;
}
export const THROTTLE_LIMITS: ThrottleLimits = Object.freeze({
  rates: RATES,
  strangers: STRANGERS_RATE,
  open: OPEN_RATE,
});

/** Names that are remembered of each kind, at 200 bytes or so. */
const namesMax = 10_000;

export class Throttle {
  readonly #callers = new TokenBuckets(namesMax * 4);
  readonly #addresses = new TokenBuckets(namesMax);
  /** Digests of tokens that were good; no right hangs on it, only that they are checked again. */
  readonly #seen = new Set<string>();

  constructor(
    private readonly limits: ThrottleLimits,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Milliseconds to wait before a token of this address is worth a look; 0: look. `token` null: there is none. */
  beforeLooking(address: string, token: string | null): number {
    if (token !== null && this.#seen.has(digestOf(token))) return 0;
    return this.#addresses.wait(networkOf(address), this.limits.strangers, this.nowMs());
  }

  /** Milliseconds to wait with what asks for no token; 0: none. */
  open(address: string): number {
    return this.#addresses.take(`open ${networkOf(address)}`, this.limits.open, this.nowMs());
  }

  /** The token, or that there was none, has been refused. */
  refused(address: string, token: string | null): void {
    this.#addresses.take(networkOf(address), this.limits.strangers, this.nowMs());
    if (token !== null) this.#seen.delete(digestOf(token));
  }

  /** Milliseconds that a caller must wait with an action; 0: none. */
  known({ user, agency }: Caller, token: string, action: Action): number {
    const digest = digestOf(token);
    this.#seen.delete(digest);
    this.#seen.add(digest);
    const oldest = this.#seen.size > namesMax ? this.#seen.values().next().value : undefined;
    if (oldest !== undefined) this.#seen.delete(oldest);
    const kind = RATE_OF[action];
    const rate = this.limits.rates[kind];
    return rate === null ? 0 : this.#callers.take(`${kind} ${agency} ${user}`, rate, this.nowMs());
  }
}

const digestOf = (token: string): string => hash('sha256', token, 'base64url');

/** An IPv6 subscriber has a /64 to choose addresses from: that is one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [before = '', after] = (address.split('%', 1)[0] ?? '').split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
