/** What a connection is late with. What waits for room here is not the client's fault and costs it no time. */
import type { ConnectionLimits } from './endpoint-options.js';

/** All times monotonic ms. */
export interface Times {
  /** Infinity: no keep-alive. */
  readonly keepAliveMs: number;
  /** When the last bytes came, or were waited for again. */
  readonly heardMs: number;
  /** When the packet under way began; null: none is under way. */
  readonly packetMs: number | null;
  /** Since when answers wait for a client that does not read; null: none do. */
  readonly blockedMs: number | null;
  readonly paused: boolean;
}

/** The word for it; null: it is in time. */
export function overdue(times: Times, limits: ConnectionLimits, nowMs: number): string | null {
  const { keepAliveMs, heardMs, packetMs, blockedMs, paused } = times;
  // [MQTT-3.1.2-24]; bytes of a long packet on a slow link are signs of life, within the packet's own time
  if (!paused && nowMs - heardMs > keepAliveMs) return 'keep_alive';
  if (!paused && packetMs !== null && nowMs - packetMs > limits.packetTimeoutMs) return 'packet_timeout';
  return blockedMs !== null && nowMs - blockedMs > limits.answerTimeoutMs ? 'slow_subscriber' : null;
}
