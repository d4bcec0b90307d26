/** The topics that one connection was granted (MQTT 3.1.1 §3.8.4): exact names, each once, a bounded number. */
import { isCleanText } from './session-name.js';

const minuteMs = 60_000;
/** §3.9.3. */
export const SUBACK_FAILURE = 0x80;

export interface SubscriptionLimits {
  readonly subscriptionsMax: number;
  readonly subscribesPerMinuteMax: number;
}

export class Subscriptions {
  readonly #limits: SubscriptionLimits;
  readonly #granted = new Map<string, 0 | 1>();
  #packets = 0;
  #sinceMs = -minuteMs;

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits;
  }

  get topics(): Iterable<string> {
    return this.#granted.keys();
  }

  qosOf(topic: string): 0 | 1 | undefined {
    return this.#granted.get(topic);
  }

  /** Counts a SUBSCRIBE or UNSUBSCRIBE: each may look up in stores what waits for the client. */
  tooOften(nowMs: number): boolean {
    if (nowMs - this.#sinceMs > minuteMs) {
      this.#packets = 0;
      this.#sinceMs = nowMs;
    }
    this.#packets += 1;
    return this.#packets > this.#limits.subscribesPerMinuteMax;
  }

  /** The code of SUBACK: the lower of what is asked and what is served ([MQTT-3.8.4-6]), or a refusal. */
  add(filter: string, qos: number, allowed: (filter: string) => boolean): number {
    const room = this.#granted.has(filter) || this.#granted.size < this.#limits.subscriptionsMax;
    if (!room || !isCleanText(filter) || !allowed(filter)) return SUBACK_FAILURE;
    const granted = qos === 0 ? 0 : 1;
    this.#granted.set(filter, granted); // [MQTT-3.8.4-3]: in the place of an equal one
    return granted;
  }

  /** False: there was none. */
  remove(filter: string): boolean {
    return this.#granted.delete(filter);
  }
}
