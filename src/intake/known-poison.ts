/**
 * Poison that is kept already. Behind a broker nobody tells a device that what does not open under its key was taken (the
 * number in it proves nothing), so a device that waits for that sends it again and again: kept once, it is a repeat.
 */
import { hash } from 'node:crypto';
import type { DeviceId } from '../domain/ids.js';

/** The oldest are forgotten first; what they stand for would be kept once more. */
const ITEMS_MAX = 16_384;

export class KnownPoison {
  readonly #digests = new Set<string>();

  static digestOf(deviceId: DeviceId, payload: Uint8Array): string {
    return `${deviceId} ${hash('sha256', payload, 'base64url')}`;
  }

  has(digest: string): boolean {
    return this.#digests.has(digest);
  }

  /** It is durable. */
  add(digest: string): void {
    this.#digests.add(digest);
    if (this.#digests.size <= ITEMS_MAX) return;
    for (const oldest of this.#digests) {
      this.#digests.delete(oldest);
      return;
    }
  }
}
