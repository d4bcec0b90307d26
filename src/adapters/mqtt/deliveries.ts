/** What is sent to one client and waits for its PUBACK; aedes' own publish tells nobody when that comes. */
import type { Socket } from 'node:net';
import type { Client } from 'aedes';

interface Waiting {
  readonly settle: (arrived: boolean) => void;
}

export class Deliveries {
  readonly #granted = new WeakMap<Client, Map<string, 0 | 1>>();
  readonly #waiting = new WeakMap<Client, Map<number, Waiting>>();
  readonly #lastId = new WeakMap<Client, number>();

  subscribed(client: Client, topic: string, qos: 0 | 1): void {
    const topics = this.#granted.get(client) ?? new Map<string, 0 | 1>();
    this.#granted.set(client, topics.set(topic, qos));
  }

  unsubscribed(client: Client, topic: string): void {
    this.#granted.get(client)?.delete(topic);
  }

  /** True when the PUBACK came (or at once, where the client asked for QoS 0); false when it cannot come any more. */
  deliver(client: Client, socket: Socket, topic: string, payload: Uint8Array): Promise<boolean> {
    const qos = this.#granted.get(client)?.get(topic);
    if (qos === undefined || socket.destroyed) return Promise.resolve(false);
    if (qos === 0) {
      socket.write(publishFrame(topic, payload, null));
      return Promise.resolve(true);
    }
    const id = ((this.#lastId.get(client) ?? 0) % 65_535) + 1;
    this.#lastId.set(client, id);
    return new Promise((settle) => {
      const waiting = this.#waiting.get(client) ?? new Map<number, Waiting>();
      waiting.get(id)?.settle(false);
      this.#waiting.set(client, waiting.set(id, { settle }));
      socket.write(publishFrame(topic, payload, id));
    });
  }

  acknowledged(client: Client, id: number): void {
    const waiting = this.#waiting.get(client);
    waiting?.get(id)?.settle(true);
    waiting?.delete(id);
  }

  /** The connection has ended. */
  forget(client: Client): void {
    for (const { settle } of this.#waiting.get(client)?.values() ?? []) settle(false);
    this.#waiting.delete(client);
    this.#granted.delete(client);
  }
}

/** PUBLISH (MQTT 3.1.1 §3.3); with a packet id at QoS 1, without at QoS 0. */
function publishFrame(topic: string, payload: Uint8Array, id: number | null): Buffer {
  const name = Buffer.from(topic, 'utf8');
  const header = [name.length >> 8, name.length & 0xff];
  const ids = id === null ? [] : [id >> 8, id & 0xff];
  let rest = header.length + name.length + ids.length + payload.length;
  const length: number[] = [];
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    length.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  const first = id === null ? 0x30 : 0x32;
  return Buffer.concat([Buffer.from([first, ...length, ...header]), name, Buffer.from(ids), payload]);
}
