/** The identity of a new alert: the same journal gives the same one, on any machine, however often an entry is done. */
import { createHash } from 'node:crypto';
import type { Finding } from '../domain/alert.js';
import { type AlertId, parseAlertId, type StreamKey } from '../domain/ids.js';

/**
 * 128 bits of SHA-256 over the stream, the finding's name and start, and the journal position it came from; hex. What is
 * over when it is told has its end too: of appointments that begin at one moment several can be missed in one entry.
 */
export function alertIdOf(stream: StreamKey, position: number, finding: Finding): AlertId {
  const { type, conditionId, deviceId, startMs, endMs } = finding;
  const over = endMs === null ? [] : [endMs];
  const text = JSON.stringify([stream, position, type, conditionId, deviceId, startMs, ...over]);
  const parsed = parseAlertId(`A-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}
