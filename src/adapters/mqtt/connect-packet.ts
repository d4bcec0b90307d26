/** CONNECT (MQTT 3.1.1 §3.1): what it says, or how it is to be refused. */
import { CONNACK, CONNACK_V5_UNSUPPORTED } from './answers.js';
import { FieldReader } from './fields.js';

export interface ConnectPacket {
  readonly clientId: string;
  /** Null: none was given. */
  readonly username: string | null;
  readonly password: Buffer | null;
  readonly will: boolean;
  /** 0: the client may be silent for ever. */
  readonly keepAliveS: number;
}

/** `answer` null: the connection is closed without one, as the standard has it for what is no proper CONNECT. */
export interface ConnectRefusal {
  readonly refused: 'not_mqtt' | 'protocol_version' | 'malformed' | 'identifier';
  readonly answer: Buffer | null;
}

const malformed: ConnectRefusal = { refused: 'malformed', answer: null };

/** `body`: all behind the fixed header. */
export function readConnect(body: Buffer): ConnectPacket | ConnectRefusal {
  const fields = new FieldReader(body);
  const name = fields.text();
  const level = fields.byte();
  // [MQTT-3.1.2-1] another protocol; but MQTT 3.1 ("MQIsdp") understands what its successor answers
  if (level === null || (name !== 'MQTT' && name !== 'MQIsdp')) return { refused: 'not_mqtt', answer: null };
  // [MQTT-3.1.2-2]; MQTT 5 is answered in its own form (MQTT 5 §3.1.2.2: reason code 0x84)
  if (name === 'MQIsdp' || level !== 4) {
    const v5 = name === 'MQTT' && level === 5;
    return { refused: 'protocol_version', answer: v5 ? CONNACK_V5_UNSUPPORTED : CONNACK.unacceptableVersion };
  }
  const flags = fields.byte();
  const keepAliveS = fields.word();
  if (flags === null || keepAliveS === null || !soundFlags(flags)) return malformed;

  // [MQTT-3.1.3-1] client id, will topic, will message, user name, password, each if flagged, in this order
  const clientId = fields.text();
  if (clientId === null) return malformed;
  const will = (flags & WILL) !== 0;
  if (will) {
    const topic = fields.text();
    // [MQTT-3.3.2-2], [MQTT-4.7.3-1]: a will's topic is the topic of a PUBLISH to come
    if (topic === null || topic === '' || /[+#]/.test(topic) || fields.binary() === null) return malformed;
  }
  const username = (flags & USERNAME) !== 0 ? fields.text() : null;
  const password = (flags & PASSWORD) !== 0 ? fields.binary() : null;
  if (((flags & USERNAME) !== 0 && username === null) || ((flags & PASSWORD) !== 0 && password === null)) {
    return malformed;
  }
  if (fields.left > 0) return malformed;
  // [MQTT-3.1.3-8]: who has no name of its own cannot be found again
  if (clientId === '' && (flags & CLEAN) === 0) {
    return { refused: 'identifier', answer: CONNACK.identifierRejected };
  }
  return { clientId, username, password, will, keepAliveS };
}

const CLEAN = 0x02;
const WILL = 0x04;
const WILL_QOS = 0x18;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USERNAME = 0x80;

function soundFlags(flags: number): boolean {
  if ((flags & 0x01) !== 0) return false; // [MQTT-3.1.2-3]
  if ((flags & WILL) === 0 && (flags & (WILL_QOS | WILL_RETAIN)) !== 0) return false; // [MQTT-3.1.2-13], [-15]
  if ((flags & WILL_QOS) === WILL_QOS) return false; // [MQTT-3.1.2-14]
  return (flags & USERNAME) !== 0 || (flags & PASSWORD) === 0; // [MQTT-3.1.2-22]
}
