/** What a stranger may send to an MQTT 3.1.1 endpoint, byte for byte, and what the standard has it get. */
import { connectPacket, PINGREQ, PINGRESP, packet, puback, publishPacket, subscribePacket, text } from './mqtt-raw.js';

export interface Who {
  readonly id: string;
  readonly password: string;
  readonly up: string;
  readonly down: string;
}

export interface Case {
  /** The clause, and what is sent. */
  readonly name: string;
  /** Behind a CONNECT that was accepted, or as the first bytes. */
  readonly connected: boolean;
  /** Each a write of its own. */
  readonly sends: readonly Uint8Array[];
  /** Whole packets, in their order. */
  readonly answers: readonly Uint8Array[];
  /** By the server; else it is still there and answers PINGREQ. */
  readonly closes: boolean;
}

export const connack = (code: number): Buffer => Buffer.from([0x20, 2, 0, code]);
const V5_REFUSAL = Buffer.from([0x20, 3, 0, 0x84, 0]);
const word = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const bytes = (...values: number[]): Buffer => Buffer.from(values);
const suback = (id: number, ...codes: number[]): Buffer => packet(0x90, Buffer.from([...word(id), ...codes]));
const unsuback = (id: number): Buffer => packet(0xb0, word(id));
const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

/** No UTF-8 at all, or text that MQTT forbids (§1.5.3). */
const badTexts: readonly (readonly [string, Buffer])[] = [
  ['U+0000', bytes(0x41, 0)],
  ['a high surrogate', bytes(0xed, 0xa0, 0x80)],
  ['a low surrogate', bytes(0xed, 0xbf, 0xbf)],
  ['a surrogate pair in CESU-8', bytes(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80)],
  ['an overlong slash', bytes(0xc0, 0xaf)],
  ['an overlong NUL', bytes(0xc0, 0x80)],
  ['a lone continuation byte', bytes(0x80)],
  ['a character cut short', bytes(0xe2, 0x82)],
  ['a code point over U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80)],
  ['bytes FE FF', bytes(0xfe, 0xff)],
  ['Latin-1', bytes(0x41, 0xe4, 0x42)],
];
/** Text that may be refused, and is (§1.5.3, §3.1.3.1). */
const oddTexts: readonly (readonly [string, string])[] = [
  ['U+0001', 'A\u0001'],
  ['a line feed', 'A\n'],
  ['DEL', 'A\u007f'],
  ['U+0085', 'A\u0085'],
  ['U+FFFE', 'A\ufffe'],
  ['U+FFFD', 'A\ufffd'],
  ['257 characters', 'A'.repeat(257)],
];

interface Fields {
  readonly name?: Uint8Array | string;
  readonly level?: number;
  readonly flags?: number;
  readonly keepAliveS?: number;
  readonly clientId?: Uint8Array | string;
  readonly username?: Uint8Array | string;
  readonly password?: Uint8Array | string;
  readonly tail?: Uint8Array;
}

function beforeConnect(who: Who): Case[] {
  const cases: Case[] = [];
  const first = (name: string, sends: readonly Uint8Array[], answers: readonly Uint8Array[], closes: boolean): void => {
    cases.push({ name, connected: false, sends, answers, closes });
  };
  const cut = (name: string, ...sends: Uint8Array[]): void => first(name, sends, [], true);
  const answered = (name: string, code: number, ...sends: Uint8Array[]): void =>
    first(name, sends, [connack(code)], code !== 0);
  const body = (f: Fields = {}): Buffer => {
    const flags = f.flags ?? 0xc2;
    const parts = [text(f.name ?? 'MQTT'), bytes(f.level ?? 4, flags), word(f.keepAliveS ?? 60)];
    parts.push(text(f.clientId ?? who.id));
    if ((flags & 0x04) !== 0) parts.push(text('a/will'), text('gone'));
    if ((flags & 0x80) !== 0) parts.push(text(f.username ?? who.id));
    if ((flags & 0x40) !== 0) parts.push(text(f.password ?? who.password));
    return Buffer.concat([...parts, f.tail ?? Buffer.alloc(0)]);
  };
  const connect = (f: Fields = {}): Buffer => packet(0x10, body(f));
  const whole = connect();

  for (let byte = 0; byte < 256; byte += 1) {
    if (byte !== 0x10) cut(`[MQTT-3.1.0-1] ${hex(byte)} comes before CONNECT`, bytes(byte, 0));
  }
  cut('[MQTT-3.1.0-1] HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  cut('[MQTT-3.1.0-1] a TLS ClientHello on the plain port', Buffer.from('16030100050100000100', 'hex'));
  cut('[MQTT-3.1.0-1] SSH', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'));
  cut('[MQTT-3.1.0-1] an upload without CONNECT', publishPacket({ topic: who.up, payload: bytes(1) }));

  cut('§2.2.3 a CONNECT of 4,097 bytes', bytes(0x10, 0x81, 0x20));
  cut('§2.2.3 a CONNECT of 256 MB', bytes(0x10, 0xff, 0xff, 0xff, 0x7f));
  cut('§2.2.3 a length of five bytes', bytes(0x10, 0xff, 0xff, 0xff, 0xff, 0x01));
  cut('§2.2.3 a length of zeros without end', bytes(0x10, 0x80, 0x80, 0x80, 0x80, 0x80));
  cut('§3.1 an empty CONNECT', bytes(0x10, 0));
  answered('§2.2.3 a length written longer than needed', 0, bytes(0x10, body().length | 0x80, 0), body());
  answered('§2.2 every byte by itself', 0, ...[...whole].map((byte) => bytes(byte)));

  for (const name of ['', 'mqtt', 'MQTX', 'MQT', 'MQTTT', 'MQIsdq', 'HTTP', 'AMQP']) {
    cut(`[MQTT-3.1.2-1] protocol name “${name}”`, connect({ name }));
  }
  for (const [what, name] of badTexts) cut(`[MQTT-1.5.3-1] the protocol name is ${what}`, connect({ name }));
  answered('[MQTT-3.1.2-2] MQTT 3.1', 1, connect({ name: 'MQIsdp', level: 3 }));
  for (let level = 0; level < 256; level += 1) {
    if (level !== 4 && level !== 5) answered(`[MQTT-3.1.2-2] protocol level ${level}`, 1, connect({ level }));
  }
  first('MQTT 5 §3.1.2.2 MQTT 5', [connectPacket({ clientId: who.id, level: 5 })], [V5_REFUSAL], true);
  first(
    'MQTT 5 §3.1.2.2 MQTT 5 with an upload behind it',
    [connect({ level: 5 }), bytes(0x32, 3, 0, 1, 65)],
    [V5_REFUSAL],
    true,
  );
  first(
    'MQTT 5 §3.1.2.2 MQTT 5 in two writes',
    [whole.subarray(0, 3), connect({ level: 5 }).subarray(3)],
    [V5_REFUSAL],
    true,
  );

  for (let flags = 0; flags < 256; flags += 1) {
    const will = (flags & 0x04) !== 0;
    const willQos = (flags >> 3) & 3;
    const clauses = [
      (flags & 0x01) !== 0 && '[MQTT-3.1.2-3]',
      !will && willQos !== 0 && '[MQTT-3.1.2-13]',
      willQos === 3 && '[MQTT-3.1.2-14]',
      !will && (flags & 0x20) !== 0 && '[MQTT-3.1.2-15]',
      (flags & 0x80) === 0 && (flags & 0x40) !== 0 && '[MQTT-3.1.2-22]',
    ].filter(Boolean);
    const name = `${clauses.join(' ') || '§3.1.2.3'} connect flags ${hex(flags)}`;
    if (clauses.length > 0) cut(name, connect({ flags }));
    else answered(name, (flags & 0xc0) === 0xc0 ? 0 : 5, connect({ flags }));
  }

  for (const [what, value] of badTexts) {
    cut(`[MQTT-1.5.3-1], -2 ${what} in the client id`, connect({ clientId: value }));
    cut(`[MQTT-1.5.3-1], -2 ${what} in the user name`, connect({ username: value }));
    const willed = Buffer.concat([text('MQTT'), bytes(4, 0xc6), word(60), text(who.id), text(value), text('x')]);
    cut(`[MQTT-1.5.3-1], -2 ${what} in the will topic`, packet(0x10, Buffer.concat([willed, text(who.id), text('p')])));
  }
  for (const [what, value] of oddTexts) {
    answered(`[MQTT-3.1.3-9] ${what} in the client id`, 2, connect({ clientId: value }));
    answered(`§3.2.2.3 ${what} in the user name`, 4, connect({ username: value, clientId: value }));
  }
  answered('[MQTT-3.1.3-8] no client id and a session to be kept', 2, connect({ clientId: '', flags: 0xc0 }));
  answered('[MQTT-3.1.3-6] no client id: a name of its own, and so no device', 5, connect({ clientId: '' }));
  answered('[MQTT-1.5.3-3] a byte order mark is part of the client id', 5, connect({ clientId: `\ufeff${who.id}` }));
  answered('§3.2.2.3 a client id in other letters', 5, connect({ clientId: who.id.toLowerCase() }));
  answered('§3.2.2.3 an empty user name', 4, connect({ username: '' }));
  answered('§3.2.2.3 another user name', 5, connect({ username: 'NOBODY-1' }));
  answered('§3.2.2.3 the names of what every object has', 5, connect({ clientId: '__proto__', username: '__proto__' }));
  answered('§3.2.2.3 an agency without a token', 5, connect({ clientId: 'x', username: 'agency:north', password: '' }));
  for (const password of ['', 'x', who.password.slice(1), `${who.password}A`, 'é'.repeat(1_900)]) {
    answered(`[MQTT-3.1.4-2] a wrong password of ${Buffer.byteLength(password)} bytes`, 5, connect({ password }));
  }
  answered('§3.1.3.5 a password is bytes, NUL too', 5, connect({ password: Buffer.alloc(32) }));
  for (const keepAliveS of [0, 1, 65_535]) answered(`§3.1.2.10 keep alive ${keepAliveS}`, 0, connect({ keepAliveS }));
  for (const wild of ['a/#', '+/b', '']) {
    const parts = [
      text('MQTT'),
      bytes(4, 0xc6),
      word(60),
      text(who.id),
      text(wild),
      text('x'),
      text(who.id),
      text(who.password),
    ];
    cut(`[MQTT-3.3.2-2] the will topic is “${wild}”`, packet(0x10, Buffer.concat(parts)));
  }
  cut('§3.1.3 bytes behind the last field', connect({ tail: bytes(0) }));
  for (let length = 0; length < body().length; length += 1) {
    cut(`§3.1.3 a CONNECT whose ${length} bytes end too soon`, packet(0x10, body().subarray(0, length)));
  }
  return cases;
}

function afterConnect(who: Who): Case[] {
  const cases: Case[] = [];
  const add = (name: string, sends: readonly Uint8Array[], answers: readonly Uint8Array[], closes: boolean): void => {
    cases.push({ name, connected: true, sends, answers, closes });
  };
  const cut = (name: string, ...sends: Uint8Array[]): void => add(name, sends, [], true);
  const served = (name: string, answers: readonly Uint8Array[], ...sends: Uint8Array[]): void =>
    add(name, sends, answers, false);

  for (let byte = 0; byte < 256; byte += 1) {
    const bare = bytes(byte, 0);
    if (byte === 0xc0) served('[MQTT-3.12.4-1] PINGREQ', [PINGRESP], bare);
    else if (byte === 0xe0) cut('[MQTT-3.14.4-1] DISCONNECT', bare);
    else cut(`[MQTT-2.2.2-2], [MQTT-4.8.0-1] an empty packet ${hex(byte)}`, bare);
  }
  cut('[MQTT-3.1.0-2] a second CONNECT', connectPacket({ clientId: who.id, username: who.id, password: who.password }));
  cut('[MQTT-3.1.0-2] half of a second CONNECT', bytes(0x10, 20, 0, 4));
  for (const [what, value] of [
    ['CONNACK', connack(0)],
    ['SUBACK', suback(1, 0)],
    ['UNSUBACK', unsuback(1)],
    ['PINGRESP', PINGRESP],
    ['PUBREC', bytes(0x50, 2, 0, 1)],
    ['PUBREL', bytes(0x62, 2, 0, 1)],
    ['PUBCOMP', bytes(0x70, 2, 0, 1)],
    ['AUTH of MQTT 5', bytes(0xf0, 0)],
  ] as const) {
    cut(`[MQTT-4.8.0-1] ${what} is not a client’s to send here`, value);
  }

  publishes(who, cut, served);
  subscribes(who, cut, served);

  served('§3.4 PUBACKs for what was never sent', [], bytes(0x40, 2, 0, 1), bytes(0x40, 2, 0xff, 0xff));
  cut('[MQTT-2.3.1-1] PUBACK for packet id 0', bytes(0x40, 2, 0, 0));
  for (const length of [0, 1, 3, 4, 100])
    cut(`§3.4.2 a PUBACK of ${length} bytes`, packet(0x40, Buffer.alloc(length, 1)));
  cut('§3.12 a PINGREQ that says something', packet(0xc0, bytes(1)));
  cut('§3.14 a DISCONNECT that says something', packet(0xe0, bytes(1)));
  cut('[MQTT-3.14.4-2] what comes behind DISCONNECT is not looked at', bytes(0xe0, 0, 0xc0, 0));
  served(
    '§3.12 a thousand pings',
    Array.from({ length: 1_000 }, () => PINGRESP),
    Buffer.concat(Array(1_000).fill(PINGREQ)),
  );
  return cases;
}

type Cut = (name: string, ...sends: Uint8Array[]) => void;
type Served = (name: string, answers: readonly Uint8Array[], ...sends: Uint8Array[]) => void;

function publishes({ up }: Who, cut: Cut, served: Served): void {
  const upload = (id: number, payload: Uint8Array = bytes(1), topic = up): Buffer =>
    publishPacket({ topic, payload, id });
  const one = upload(1);

  served('§3.3 an upload', [puback(1)], one);
  served('§3.3.1.1 an upload again (DUP)', [puback(7)], Buffer.concat([bytes(0x3a), upload(7).subarray(1)]));
  served('[MQTT-3.3.5] QoS 0 has no answer', [], publishPacket({ topic: up, payload: bytes(1), qos: 0 }));
  served('§3.3.3 an empty payload', [puback(2)], upload(2, Buffer.alloc(0)));
  served('[MQTT-2.3.1-1] the highest packet id', [puback(65_535)], upload(65_535));
  served('[MQTT-4.6.0-2] many in one write', [3, 1, 2].map(puback), Buffer.concat([3, 1, 2].map((id) => upload(id))));
  served('§2.2 every byte by itself', [puback(1)], ...[...one].map((byte) => bytes(byte)));
  served('§3.3 longer than an upload may be: taken, and kept apart', [puback(1)], upload(1, Buffer.alloc(65_537)));
  const most = 131_072 - 2 - Buffer.byteLength(up) - 2;
  served('§2.2.3 as long as a packet may be', [puback(1)], upload(1, Buffer.alloc(most)));
  cut('§2.2.3 one byte longer', upload(1, Buffer.alloc(most + 1)).subarray(0, 100));
  cut('§2.2.3 256 MB announced', bytes(0x32, 0xff, 0xff, 0xff, 0x7f));
  cut('§2.2.3 a length of five bytes', bytes(0x32, 0x80, 0x80, 0x80, 0x80, 0x01));
  cut('[MQTT-2.3.1-1] packet id 0', upload(0));
  for (let byte = 0x30; byte < 0x40; byte += 1) {
    if ([0x30, 0x32, 0x3a].includes(byte)) continue;
    cut(
      `[MQTT-3.3.1-2], -4, QoS 2 and retain are not served: flags ${hex(byte)}`,
      Buffer.concat([bytes(byte), one.subarray(1)]),
    );
  }
  const body = one.subarray(2, -1);
  for (let length = 0; length < body.length; length += 1) {
    cut(`§3.3 an upload whose ${length} bytes end too soon`, packet(0x32, body.subarray(0, length)), one);
  }
  cut('§1.5.3 a topic longer than its packet', packet(0x32, Buffer.concat([word(65_535), Buffer.alloc(64, 65)])), one);
  for (const topic of [
    '',
    '#',
    '+',
    `${up}/#`,
    'em/v1/d/+/up',
    up.toUpperCase(),
    `/${up}`,
    `${up}/`,
    '$SYS/x',
    'a'.repeat(65_535),
  ]) {
    cut(`[MQTT-3.3.2-2], §3.3.5 topic “${topic.slice(0, 20)}” (${topic.length})`, upload(1, bytes(1), topic));
  }
  for (const [what, value] of badTexts) {
    cut(`[MQTT-1.5.3-1], -2 ${what} as topic`, packet(0x32, Buffer.concat([text(value), word(1), bytes(1)])));
    const behind = Buffer.concat([text(Buffer.concat([Buffer.from(up), value])), word(1), bytes(1)]);
    cut(`[MQTT-1.5.3-1], -2 ${what} at the topic’s end`, packet(0x32, behind));
  }
}

function subscribes({ up, down }: Who, cut: Cut, served: Served): void {
  const raw = (body: Uint8Array, first = 0x82): Buffer => packet(first, body);
  const asked = (filter: string | Uint8Array, qos = 1): Buffer => Buffer.concat([text(filter), bytes(qos)]);
  const unsubscribe = (...filters: (string | Uint8Array)[]): Buffer =>
    packet(0xa2, Buffer.concat([word(9), ...filters.map((filter) => text(filter))]));

  for (const [qos, granted] of [
    [0, 0],
    [1, 1],
    [2, 1],
  ] as const) {
    served(`[MQTT-3.8.4-6] the own topic at QoS ${qos}`, [suback(1, granted)], subscribePacket(1, down, qos));
  }
  for (const filter of [
    '#',
    '+',
    '+/+',
    'em/v1/#',
    'em/v1/d/+/down',
    up,
    '$SYS/#',
    'em/v1/alerts/north',
    '/',
    'A\u0001',
    `\ufeff${down}`,
  ]) {
    served(`§3.9.3 not allowed: “${filter}”`, [suback(1, 0x80)], subscribePacket(1, filter));
  }
  const many = Array.from({ length: 50 }, (_, i) => asked(i === 25 ? down : `no/${i}`));
  const codes = Array.from({ length: 50 }, (_, i) => (i === 25 ? 1 : 0x80));
  served('[MQTT-3.8.4-5] fifty filters in one packet', [suback(5, ...codes)], raw(Buffer.concat([word(5), ...many])));
  served(
    '[MQTT-3.8.4-3] the same thrice',
    [suback(5, 1, 0, 1)],
    raw(Buffer.concat([word(5), asked(down), asked(down, 0), asked(down)])),
  );
  served('[MQTT-2.3.1-1] the highest packet id', [suback(65_535, 0x80)], subscribePacket(65_535, 'no'));
  cut('§2.2.3 a SUBSCRIBE of 4,097 bytes', raw(Buffer.alloc(4_097)).subarray(0, 64));
  cut('[MQTT-2.3.1-1] SUBSCRIBE with packet id 0', subscribePacket(0, down));
  cut('[MQTT-3.8.3-3] SUBSCRIBE without a filter', raw(word(1)));
  for (const qos of [3, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x81, 0xff]) {
    cut(`[MQTT-3.8.3-4] requested QoS ${hex(qos)}`, subscribePacket(1, down, qos));
  }
  const whole = subscribePacket(1, down).subarray(2);
  for (let length = 0; length < whole.length; length += 1) {
    cut(`§3.8.3 a SUBSCRIBE whose ${length} bytes end too soon`, raw(whole.subarray(0, length)), PINGREQ);
  }
  for (const filter of ['', 'a#', '#a', '#/a', 'a/#/b', 'a+', '+a', 'a/b+/c', 'a/+b', '##', '++', 'a/##']) {
    cut(`[MQTT-4.7.1-2], -3, [MQTT-4.7.3-1] filter “${filter}”`, subscribePacket(1, filter));
    cut(`[MQTT-4.7.1-2], -3, [MQTT-4.7.3-1] unsubscribe “${filter}”`, unsubscribe(filter));
  }
  for (const [what, value] of badTexts) {
    cut(`[MQTT-1.5.3-1], -2 ${what} as filter`, raw(Buffer.concat([word(1), asked(value)])));
    cut(`[MQTT-1.5.3-1], -2 ${what} as filter of UNSUBSCRIBE`, unsubscribe(value));
  }
  served('[MQTT-3.10.4-5] UNSUBSCRIBE from what was never subscribed', [unsuback(9)], unsubscribe('no'));
  served('[MQTT-3.10.4-6] several at once', [unsuback(9)], unsubscribe('no', down, '#', 'a/+/b'));
  cut('[MQTT-2.3.1-1] UNSUBSCRIBE with packet id 0', packet(0xa2, Buffer.concat([word(0), text('no')])));
  cut('[MQTT-3.10.3-2] UNSUBSCRIBE without a filter', packet(0xa2, word(1)));
  const left = unsubscribe(down).subarray(2);
  for (let length = 0; length < left.length; length += 1) {
    cut(`§3.10.3 an UNSUBSCRIBE whose ${length} bytes end too soon`, packet(0xa2, left.subarray(0, length)), PINGREQ);
  }
}

export const strangersCases = (who: Who): Case[] => [...beforeConnect(who), ...afterConnect(who)];
