/** Who listens to which topic: exact topics only, by connection. */
import type { Client } from 'aedes';

export class Subscribers {
  readonly #byTopic = new Map<string, Set<Client>>();
  readonly #byClient = new Map<Client, Set<string>>();

  add(client: Client, topic: string): void {
    put(this.#byTopic, topic, client);
    put(this.#byClient, client, topic);
  }

  remove(client: Client, topic: string): void {
    drop(this.#byTopic, topic, client);
    drop(this.#byClient, client, topic);
  }

  /** Forgets a client that has gone. */
  forget(client: Client): void {
    for (const topic of this.#byClient.get(client) ?? []) drop(this.#byTopic, topic, client);
    this.#byClient.delete(client);
  }

  of(topic: string): Iterable<Client> {
    return this.#byTopic.get(topic) ?? [];
  }
}

function put<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

function drop<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  if (values?.delete(value) && values.size === 0) map.delete(key);
}
