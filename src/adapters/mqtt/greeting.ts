/** From a CONNECT packet to the session it asks for, or to the answer that refuses it (MQTT 3.1.1 §3.1.4). */
import type { MqttHandlers } from '../../ports/mqtt-endpoint.js';
import { CONNACK } from './answers.js';
import { type ConnectPacket, readConnect } from './connect-packet.js';
import { isCleanText, sessionName } from './session-name.js';

export interface Greeting {
  /** The session's name. */
  readonly name: string;
  readonly packet: ConnectPacket;
}

/** `answer` null: closed without one. `refused`: why, for the counters. */
export interface Refusal {
  readonly refused: string;
  readonly answer: Buffer | null;
}

export function readGreeting(body: Buffer): Greeting | Refusal {
  const packet = readConnect(body);
  if ('refused' in packet) return packet;
  const { username, clientId } = packet;
  const name = sessionName(username ?? '', clientId);
  if (name !== null) return { name, packet };
  // §3.2.2.3: nobody's name, a malformed one, or a client id that is not taken ([MQTT-3.1.3-9])
  if (username === null) return { refused: 'identifier', answer: CONNACK.notAuthorized };
  const answer = isCleanText(username) ? CONNACK.identifierRejected : CONNACK.badUserName;
  return { refused: 'identifier', answer };
}

/** Null: it may come in. */
export async function refusalOf(
  { name, packet: { username, password } }: Greeting,
  handlers: Pick<MqttHandlers, 'authenticate'>,
  remote: string,
  certifiedName: string | null,
): Promise<Refusal | null> {
  try {
    const known = await handlers.authenticate(name, username ?? '', password, remote, certifiedName);
    return known ? null : { refused: 'credentials', answer: CONNACK.notAuthorized };
  } catch {
    // not known who it is: it may come again
    return { refused: 'unavailable', answer: CONNACK.serverUnavailable };
  }
}
