/** Plays a stranger's bytes to an endpoint, and shows each time that the next well-behaved client is served. */
import { ACCEPTED, connectPacket, PINGREQ, PINGRESP, packetsOf, puback, publishPacket, RawClient } from './mqtt-raw.js';
import type { Case, Who } from './mqtt-strangers.js';

const hello = ({ id, password }: Who): Buffer => connectPacket({ clientId: id, username: id, password });
/** A server's PUBLISH comes when it comes: what waits for a device is no answer. */
const isAnswer = (packet: Buffer): boolean => (packet[0] as number) >> 4 !== 3;

/** Connects, uploads and is acknowledged; throws what went wrong. */
export async function wellBehaved(port: number, who: Who): Promise<void> {
  const client = await RawClient.open(port);
  try {
    client.send(hello(who));
    const accepted = await client.take(4);
    if (!accepted.equals(ACCEPTED)) throw new Error(`the next client got ${accepted.toString('hex')} for CONNACK`);
    client.send(publishPacket({ topic: who.up, payload: Buffer.from('well'), id: 3 }));
    const answer = await client.take(4);
    if (!answer.equals(puback(3))) throw new Error(`the next client got ${answer.toString('hex')} for PUBACK`);
    client.send(Buffer.from([0xe0, 0]));
    await client.closed();
  } finally {
    client.socket.destroy();
  }
}

/** An answer, or an end, that has not come by then does not come. */
const PATIENCE_MS = 15_000;

export interface Outcome {
  readonly answers: readonly string[];
  readonly closed: boolean;
}

/** What a case came to, in the form of `expectedOf`. */
export async function play(port: number, who: Who, { connected, sends, answers, closes }: Case): Promise<Outcome> {
  const client = await RawClient.open(port);
  let late = false;
  const patience = setTimeout(() => {
    late = true;
    client.socket.destroy();
  }, PATIENCE_MS);
  try {
    client.socket.setNoDelay(true);
    if (connected) {
      client.send(hello(who));
      const accepted = await client.take(4);
      if (!accepted.equals(ACCEPTED)) throw new Error(`CONNACK ${accepted.toString('hex')}`);
    }
    for (const bytes of sends) {
      client.send(bytes);
      if (sends.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
    const alive = connected || answers.length > 0;
    if (closes) await client.closed();
    else if (alive) client.send(PINGREQ);
    const wanted = closes ? answers.length : answers.length + 1;
    let heard = packetsOf(client.pending).packets.filter(isAnswer);
    while (heard.length < wanted && !client.ended) {
      await client.more();
      heard = packetsOf(client.pending).packets.filter(isAnswer);
    }
    return { answers: heard.map((packet) => packet.toString('hex')).sort(), closed: client.ended && !late };
  } finally {
    clearTimeout(patience);
    client.socket.destroy();
  }
}

/** A ping may be answered before an upload is durable, so answers are compared without their order where one is sent. */
export function expectedOf({ answers, closes }: Case): Outcome {
  const packets = closes ? answers : [...answers, PINGRESP];
  return { answers: packets.map((packet) => Buffer.from(packet).toString('hex')).sort(), closed: closes };
}

/** Sends bytes, ends, and gives back what a server said until it had ended too. */
export async function converse(port: number, sends: readonly Uint8Array[]): Promise<Buffer> {
  const client = await RawClient.open(port);
  try {
    client.send(...sends);
    client.socket.end();
    await client.closed();
    return client.pending;
  } finally {
    client.socket.destroy();
  }
}
