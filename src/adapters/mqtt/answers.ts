/** The packets that the endpoint sends (MQTT 3.1.1 §3), as bytes. */

/** §3.2.2.3: session present 0, for no session outlives its connection ([MQTT-3.2.2-1], [MQTT-3.2.2-4]). */
const connack = (code: number): Buffer => Buffer.from([0x20, 2, 0, code]);

export const CONNACK = Object.freeze({
  accepted: connack(0),
  unacceptableVersion: connack(1),
  identifierRejected: connack(2),
  serverUnavailable: connack(3),
  badUserName: connack(4),
  notAuthorized: connack(5),
});

/** MQTT 5 §3.2: no flags, Unsupported Protocol Version, no properties. */
export const CONNACK_V5_UNSUPPORTED = Buffer.from([0x20, 3, 0, 0x84, 0]);

export const PINGRESP = Buffer.from([0xd0, 0]);

/** PUBACKs (§3.4) of several uploads, in one piece. */
export function pubacks(ids: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(4 * ids.length);
  for (let i = 0; i < ids.length; i += 1) {
    out.writeUInt16BE(0x4002, 4 * i);
    out.writeUInt16BE(ids[i] as number, 4 * i + 2);
  }
  return out;
}

/** SUBACK (§3.9): a code for each filter, in their order. */
export const suback = (id: number, codes: readonly number[]): Buffer =>
  packet(0x90, Buffer.from([id >> 8, id & 0xff, ...codes]));

/** UNSUBACK (§3.11). */
export const unsuback = (id: number): Buffer => Buffer.from([0xb0, 2, id >> 8, id & 0xff]);

/** PUBLISH (§3.3); with a packet id at QoS 1, without (null) at QoS 0. */
export function publishPacket(topic: string, payload: Uint8Array, id: number | null): Buffer {
  const name = Buffer.from(topic, 'utf8');
  const ids = id === null ? [] : [id >> 8, id & 0xff];
  const body = [Buffer.from([name.length >> 8, name.length & 0xff]), name, Buffer.from(ids), payload];
  return packet(id === null ? 0x30 : 0x32, ...body);
}

function packet(first: number, ...body: readonly Uint8Array[]): Buffer {
  const length: number[] = [];
  let rest = body.reduce((sum, part) => sum + part.length, 0);
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    length.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), ...body]);
}
