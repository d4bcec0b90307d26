/** Which of a device's session keys seals what goes down to it. */
import type { EnrolledDevice, StoredSessionKey } from '../ports/device-registry.js';

/**
 * The newest that the device is known to have and that may still seal. Where none may any more, the one that it was
 * offered: it may have that, and an old key never seals. Null: it has no key.
 */
export function sealingKey({ keys, offered }: EnrolledDevice, nowMs: number): StoredSessionKey | null {
  const newestFirst = [...keys].sort((a, b) => b.keyId - a.keyId);
  const known = newestFirst.filter(({ keyId }) => keyId !== offered?.keyId);
  const may = ({ notBeforeMs, notAfterMs }: StoredSessionKey): boolean =>
    notBeforeMs <= nowMs && (notAfterMs === null || nowMs <= notAfterMs);
  return known.find(may) ?? newestFirst.find(may) ?? null;
}
