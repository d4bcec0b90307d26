/** PUBLISH, SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1 §3.3, §3.8, §3.10): what they say; null where they are malformed. */
import { FieldReader } from './fields.js';

export interface PublishPacket {
  readonly topic: string;
  /** Null at QoS 0. */
  readonly id: number | null;
  /** A view into what was read. */
  readonly payload: Buffer;
}

/** A topic that was read before, and its field: length and text as they came. */
export interface KnownTopic {
  readonly field: Buffer;
  readonly topic: string;
}

/** `first`: the first byte of the fixed header, whose flags were checked when it came. */
export function readPublish(first: number, body: Buffer, known: KnownTopic | null = null): PublishPacket | null {
  const again = known !== null && beginsWith(body, known.field);
  const topic = again ? known.topic : topicOf(body);
  if (topic === null) return null;
  const at = 2 + body.readUInt16BE(0);
  if ((first & 0x06) === 0) return { topic, id: null, payload: body.subarray(at) };
  const id = at + 2 > body.length ? 0 : body.readUInt16BE(at);
  // a packet identifier of 0 is none ([MQTT-2.3.1-1])
  return id === 0 ? null : { topic, id, payload: body.subarray(at + 2) };
}

const beginsWith = (body: Buffer, field: Buffer): boolean =>
  body.length >= field.length && field.compare(body, 0, field.length) === 0;

function topicOf(body: Buffer): string | null {
  const topic = new FieldReader(body).text();
  // [MQTT-4.7.3-1] at least one character; [MQTT-3.3.2-2] no wildcards
  return topic === null || topic === '' || /[+#]/.test(topic) ? null : topic;
}

export interface SubscribePacket {
  readonly id: number;
  readonly wanted: readonly { readonly filter: string; readonly qos: number }[];
}

export function readSubscribe(body: Buffer): SubscribePacket | null {
  const fields = new FieldReader(body);
  const id = fields.packetId();
  if (id === null) return null;
  const wanted: { filter: string; qos: number }[] = [];
  do {
    const filter = fields.text();
    const qos = fields.byte();
    // [MQTT-3.8.3-3] at least one pair; [MQTT-3.8.3-4] QoS 0 to 2, the upper bits 0
    if (filter === null || !isFilter(filter) || qos === null || qos > 2) return null;
    wanted.push({ filter, qos });
  } while (fields.left > 0);
  return { id, wanted };
}

export interface UnsubscribePacket {
  readonly id: number;
  readonly filters: readonly string[];
}

export function readUnsubscribe(body: Buffer): UnsubscribePacket | null {
  const fields = new FieldReader(body);
  const id = fields.packetId();
  if (id === null) return null;
  const filters: string[] = [];
  do {
    const filter = fields.text();
    if (filter === null || !isFilter(filter)) return null; // [MQTT-3.10.3-2] at least one
    filters.push(filter);
  } while (fields.left > 0);
  return { id, filters };
}

/** [MQTT-4.7.3-1] not empty; [MQTT-4.7.1-2] `#` alone on the last level; [MQTT-4.7.1-3] `+` alone on its level. */
function isFilter(filter: string): boolean {
  return filter !== '' && !/[^/]#|#.|[^/]\+|\+[^/]/s.test(filter);
}
