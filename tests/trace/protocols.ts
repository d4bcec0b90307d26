/** The frames of MQTT 3.1.1, server-sent events and Redis commands in what was traced, each with its line. */
import { type Connection, Stream } from './sockets.js';

export interface Frame {
  /** The first byte: type and flags. */
  readonly head: number;
  readonly body: Buffer;
  /** In: the line on which the call with its last byte had returned. Out: on which the call with its first byte began. */
  readonly at: number;
}

export function framesOf(pieces: Connection['in'], way: 'in' | 'out'): Frame[] {
  const stream = new Stream(pieces);
  const { bytes } = stream;
  const frames: Frame[] = [];
  for (let start = 0; start < bytes.length; ) {
    let length = 0;
    let at = start + 1;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) return frames;
      length += (byte & 127) * scale;
      if (byte < 128) break;
    }
    const end = at + length;
    if (end > bytes.length) break;
    const head = bytes[start] as number;
    frames.push({ head, body: bytes.subarray(at, end), at: stream.at(way === 'in' ? end - 1 : start) });
    start = end;
  }
  return frames;
}

export interface Publish {
  readonly topic: string;
  readonly qos: number;
  readonly id: number;
  readonly payload: Buffer;
}

/** §3.3, in MQTT 5 with properties between id and payload; null: it is another packet. */
export function publishOf({ head, body }: Frame, level: 4 | 5 = 4): Publish | null {
  if (head >> 4 !== 3) return null;
  const qos = (head >> 1) & 3;
  const length = body.readUInt16BE(0);
  const after = 2 + length;
  const id = qos === 0 ? 0 : body.readUInt16BE(after);
  let from = after + (qos === 0 ? 0 : 2);
  if (level === 5) {
    const properties = body[from] ?? 0;
    if (properties > 127) throw new Error('properties longer than this reader knows');
    from += 1 + properties;
  }
  return { topic: body.toString('utf8', 2, after), qos, id, payload: body.subarray(from) };
}

/** §3.4: the packet that is acknowledged; null: it is another packet. */
export const pubackOf = ({ head, body }: Frame): number | null => (head === 0x40 ? body.readUInt16BE(0) : null);

export interface ToldEvent {
  readonly cursor: string;
  readonly at: number;
}

/** Events of every response of a connection: `id:` is the cursor. Those of alerts alone: others rest on no version. */
export function eventsOf({ out }: Connection): ToldEvent[] {
  const stream = new Stream(out);
  const text = stream.bytes.toString('latin1');
  const told = /(?:^|\n)id: ?([A-Za-z0-9_-]{22})\n(?=(?:[a-z]+:.*\n)*data:[^\n]{0,300}"type":"uk\.fairwatch\.alert\.)/g;
  return [...text.matchAll(told)].map((found) => ({
    cursor: found[1] ?? '',
    at: stream.at(found.index),
  }));
}

/** RESP2 arrays of bulk strings, as clients send them. */
export function commandsOf({ out }: Connection): { readonly words: readonly Buffer[]; readonly at: number }[] {
  const stream = new Stream(out);
  const { bytes } = stream;
  const commands: { words: Buffer[]; at: number }[] = [];
  const number = (at: number, sign: string): { value: number; after: number } => {
    const end = bytes.indexOf('\r\n', at);
    if (bytes.toString('latin1', at, at + 1) !== sign || end < 0)
      throw new Error(`no ${sign} at byte ${at} of a command`);
    return { value: Number(bytes.toString('latin1', at + 1, end)), after: end + 2 };
  };
  for (let at = 0; at < bytes.length; ) {
    const first = at;
    const { value: count, after } = number(at, '*');
    at = after;
    const words: Buffer[] = [];
    for (let word = 0; word < count; word += 1) {
      const { value: length, after: from } = number(at, '$');
      words.push(bytes.subarray(from, from + length));
      at = from + length + 2;
    }
    if (at > bytes.length) break;
    commands.push({ words, at: stream.at(first) });
  }
  return commands;
}
