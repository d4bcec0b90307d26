/** Who listens to which topic: exact topics only, by connection. */
import type { Connection } from './connection.js';

export class Subscribers {
  readonly #byTopic = new Map<string, Set<Connection>>();

  add(connection: Connection, topic: string): void {
    const connections = this.#byTopic.get(topic);
    if (connections === undefined) this.#byTopic.set(topic, new Set([connection]));
    else connections.add(connection);
  }

  remove(connection: Connection, topic: string): void {
    const connections = this.#byTopic.get(topic);
    if (connections?.delete(connection) && connections.size === 0) this.#byTopic.delete(topic);
  }

  of(topic: string): Iterable<Connection> {
    return this.#byTopic.get(topic) ?? [];
  }
}
