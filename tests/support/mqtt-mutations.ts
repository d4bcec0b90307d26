/** Valid conversations, changed at random: seeded, so that one that breaks something can be played again. */
import type { Random } from '../../src/sim/random.js';
import { connectPacket, PINGREQ, packet, publishPacket, subscribePacket, text } from './mqtt-raw.js';
import type { Who } from './mqtt-strangers.js';

/** Each is what a device may say, from CONNECT to DISCONNECT. */
function conversations(who: Who): Buffer[] {
  const { id, password, up, down } = who;
  const hello = connectPacket({ clientId: id, username: id, password });
  const willed = connectPacket({ clientId: id, username: id, password, will: { topic: up, payload: 'gone' } });
  const upload = (packetId: number, length: number): Buffer =>
    publishPacket({ topic: up, payload: Buffer.alloc(length, packetId), id: packetId });
  const unsubscribe = packet(0xa2, Buffer.concat([Buffer.from([0, 9]), text(down)]));
  const bye = Buffer.from([0xe0, 0]);
  return [
    Buffer.concat([hello, upload(1, 10), upload(2, 200), PINGREQ, bye]),
    Buffer.concat([willed, subscribePacket(1, down), upload(3, 1), unsubscribe, PINGREQ]),
    Buffer.concat([hello, subscribePacket(1, down, 0), subscribePacket(2, 'no/#'), Buffer.from([0x40, 2, 0, 1]), bye]),
    Buffer.concat([hello, publishPacket({ topic: up, payload: Buffer.alloc(3), qos: 0 }), upload(65_535, 3_000), bye]),
  ];
}

const LIKELY = [0x00, 0x01, 0x02, 0x04, 0x10, 0x20, 0x30, 0x32, 0x36, 0x40, 0x7f, 0x80, 0x82, 0xa2, 0xc0, 0xe0, 0xff];

/** One conversation with one to six changes: bytes changed, dropped, doubled, exchanged, cut off, put in. `greeted`: behind CONNECT alone. */
export function mutated(random: Random, who: Who, greeted = false): Buffer {
  let bytes = random.pick(conversations(who));
  const from = greeted ? 2 + (bytes[1] as number) : 0;
  for (let changes = random.whole(1, 6); changes > 0; changes -= 1) {
    const at = random.whole(from, bytes.length);
    const length = random.whole(1, random.chance(0.25) ? 40 : 3);
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at);
    const part = bytes.subarray(at, at + length);
    const junk = Buffer.from(Array.from({ length }, () => random.pick([...LIKELY, random.whole(0, 255)])));
    bytes = random.pick([
      () => Buffer.concat([before, junk.subarray(0, part.length), after.subarray(part.length)]),
      () => Buffer.concat([before, after.subarray(part.length)]),
      () => Buffer.concat([before, part, after]),
      () => Buffer.concat([before, junk, after]),
      () => Buffer.concat([bytes.subarray(0, from), after, before.subarray(from)]),
      () => Buffer.concat([before, random.pick(conversations(who))]),
      () => Buffer.from(before.length === 0 ? bytes : before),
    ])();
  }
  return bytes;
}

/** What is wrong with what a server said to a client that may have said anything; null: nothing. */
export function strayAnswer(packets: readonly Buffer[], rest: Buffer): string | null {
  if (rest.length > 0) return `${rest.length} bytes that are no packet`;
  const types = packets.map((answer) => (answer[0] as number) >> 4);
  if (types.length > 0 && types[0] !== 2) return `type ${types[0]} before CONNACK`;
  if (types.slice(1).includes(2)) return 'a second CONNACK';
  if (types.length > 1 && packets[0]?.[3] !== 0) return 'an answer behind a refusal';
  const stray = types.find((type) => ![2, 3, 4, 9, 11, 13].includes(type));
  return stray === undefined ? null : `type ${stray}, which is not a server’s`;
}
