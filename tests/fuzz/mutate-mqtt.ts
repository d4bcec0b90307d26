/** Changes to a stream of MQTT packets: packets gone, twice, moved, of another type, with parts changed and lengths right. */
import type { Chance } from './chance.js';
import { mutateBytes } from './mutate-bytes.js';

interface Packet {
  readonly first: number;
  readonly body: Buffer;
}

const FIRSTS = [
  0x10, 0x20, 0x30, 0x31, 0x32, 0x33, 0x34, 0x3a, 0x3b, 0x36, 0x40, 0x50, 0x62, 0x70, 0x82, 0x80, 0x90, 0xa2, 0xb0,
  0xc0, 0xd0, 0xe0, 0xf0, 0x00,
];
const WORDS = ['MQTT', 'MQIsdp', 'up/FUZZ', 'down/FUZZ', '#', '+', '$SYS/#', 'FUZZ', '\0', '\u0001', '\ufeff'].map(
  (word) => lengthed(Buffer.from(word)),
);
const MORE_WORDS = [
  '00044d51545404',
  '00044d51545405',
  '00',
  'ffff',
  '0000',
  '0001',
  'eda080',
  '02',
  'c2',
  'f6',
  '80808001',
  'ffffff7f',
  'ffffffff',
].map((hex) => Buffer.from(hex, 'hex'));
const DICTIONARY = [...WORDS, ...MORE_WORDS];

function lengthed(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** The packets up to the first that is none, and what follows. */
export function packetsOf(bytes: Buffer): { readonly packets: Packet[]; readonly rest: Buffer } {
  const packets: Packet[] = [];
  let at = 0;
  for (;;) {
    let length = 0;
    let head = at + 1;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[head++];
      if (byte === undefined) return { packets, rest: bytes.subarray(at) };
      length += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
      if (shift === 21) return { packets, rest: bytes.subarray(at) };
    }
    if (head + length > bytes.length) return { packets, rest: bytes.subarray(at) };
    packets.push({ first: bytes[at] as number, body: bytes.subarray(head, head + length) });
    at = head + length;
  }
}

function bytesOf(packets: readonly Packet[], rest: Buffer): Buffer {
  const parts = packets.flatMap(({ first, body }) => {
    const length: number[] = [];
    let left = body.length;
    do {
      length.push((left % 128) | (left >= 128 ? 0x80 : 0));
      left = Math.floor(left / 128);
    } while (left > 0);
    return [Buffer.from([first, ...length]), body];
  });
  return Buffer.concat([...parts, rest]);
}

export function mutateMqtt(input: Buffer, other: Buffer, chance: Chance): Buffer {
  if (chance.oneIn(4)) return mutateBytes(input, other, chance, DICTIONARY);
  const { packets, rest } = packetsOf(input);
  const others = packetsOf(other).packets;
  let list: readonly Packet[] = packets;
  for (let left = 1 + chance.small(3); left > 0; left--) list = changed(list, others, chance);
  return bytesOf(list, chance.oneIn(8) ? mutateBytes(rest, other, chance, DICTIONARY) : rest);
}

function changed(packets: readonly Packet[], others: readonly Packet[], chance: Chance): readonly Packet[] {
  const at = chance.int(packets.length + 1);
  const packet = packets[at];
  if (packet === undefined) return others.length === 0 ? packets : [...packets, chance.pick(others)];
  const by = (...instead: readonly Packet[]): Packet[] => packets.toSpliced(at, 1, ...instead);
  switch (chance.int(8)) {
    case 0:
      return by();
    case 1:
      return by(...Array<Packet>(chance.oneIn(10) ? 300 : 2).fill(packet));
    case 2:
      return others.length === 0 ? packets : by(packet, chance.pick(others));
    case 3:
      return by({ ...packet, first: chance.oneIn(3) ? chance.int(256) : chance.pick(FIRSTS) });
    case 4: {
      const second = chance.int(packets.length);
      return by(packets[second] as Packet).toSpliced(second, 1, packet);
    }
    default:
      return by({ ...packet, body: mutateBytes(packet.body, others[0]?.body ?? Buffer.alloc(0), chance, DICTIONARY) });
  }
}
