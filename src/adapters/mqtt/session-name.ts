/** Names a session from what CONNECT says, so that nobody can take over another user's session by its client id. */
import { randomUUID } from 'node:crypto';

const nameLengthMax = 256;
/** Controls, lone surrogates, non-characters, and U+FFFD, which is what UTF-8 that is none decodes to ([MQTT-1.5.3-1], -2). */
const forbidden = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\ufffd]/u;

/** Text that may be a client id, user name or topic: not empty, not endless, nothing unprintable. */
export function isCleanText(text: string): boolean {
  return text.length > 0 && text.length <= nameLengthMax && !forbidden.test(text);
}

/**
 * The client id itself where it equals the user name (a device); else `username/clientId`: a monitoring centre may
 * choose any client id, and must not reach a device's session with it. An empty client id gets one of its own
 * ([MQTT-3.1.3-6]). Null: not acceptable text.
 */
export function sessionName(username: string, clientId: string): string | null {
  if (!isCleanText(username)) return null;
  if (clientId === username) return clientId;
  if (clientId === '') return `${username}/${randomUUID()}`;
  return isCleanText(clientId) ? `${username}/${clientId}` : null;
}
