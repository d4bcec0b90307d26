/**
 * The way to devices and agencies over MQTT: the gateway's own endpoint, or a broker in its place. Guards on sizes, packets
 * and in-flight counts are the endpoint's. Behind a broker a session is the device that the topic names; who connects, and
 * to which topics, is the broker's affair, so `authenticate`, `takenOver`, `mayPublish`, `maySubscribe` and `subscribed`
 * are never called, and `fail` leaves the message with the broker, which sends it again.
 */

/**
 * `clientId` names a session throughout: the client id where it equals the user name (a device), else
 * `username/clientId`, so that no user's client id reaches another user's session.
 */
export interface InboundMessage {
  readonly clientId: string;
  readonly topic: string;
  readonly qos: 0 | 1;
  /** Valid until the message is settled; copy what outlives it. */
  readonly payload: Buffer;
  /**
   * Whether the connection that it came over has ended, so that no acknowledgement can reach its device: what waits may then
   * be given up for what the device sends again. Of two messages that have the same function neither is the other sent again:
   * both came over the device's own connection. Absent: never known.
   */
  readonly gone?: () => boolean;
}

/** What became of a message: `ack` sends PUBACK; `fail` closes the connection without one; the device sends again. */
export type Verdict = 'ack' | 'fail';

export interface MqttHandlers {
  /**
   * CONNECT. `clientId`, `username` are free of NUL and control characters. False: refused with return code 5.
   * May throttle by answering late. `certifiedName`: the CN of a client certificate that the TLS door has checked; null
   * or absent without one.
   */
  authenticate(
    clientId: string,
    username: string,
    password: Buffer | null,
    remote: string,
    certifiedName?: string | null,
  ): Promise<boolean>;
  /** Two devices connect under this name: each was seen to put the other out, live (not one that lost its connection). */
  takenOver(clientId: string): void;
  /**
   * May this client publish to this topic? False: the connection is closed. Called before the payload is looked at; what was
   * allowed once holds for the session.
   */
  mayPublish(clientId: string, topic: string): boolean;
  /** May it subscribe to this filter? False: SUBACK 0x80. */
  maySubscribe(clientId: string, filter: string): boolean;
  /** A subscription was granted: what waits for the client may go out. */
  subscribed(clientId: string, filter: string): void;
  /**
   * One upload. `settle` is called once, now or later (a callback, for a promise would be one more for each message). PUBACKs
   * of one client leave in arrival order, each only when its verdict is `ack`.
   */
  message(message: InboundMessage, settle: (verdict: Verdict) => void): void;
  /** Counted, not answered: why a connection or packet was refused. */
  refused(reason: string, clientId: string | null): void;
}

export interface MqttEndpoint {
  /** Resolves with the port that is listened on (0 asks for a free one, and is a broker's answer). */
  listen(host: string, port: number): Promise<number>;
  /**
   * Publishes to the subscribers of a topic, in the order of the calls. True: handed to the sockets of those who are
   * connected, or taken by the broker (waited for while there is none). False: closed before that.
   */
  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<boolean>;
  /**
   * To the live connection of one client, if it has subscribed to the topic. True when the client has it (its PUBACK has
   * come; at once where it subscribed with QoS 0); false when it is not there, or gone before that. Through a broker true
   * says only that the broker has a subscriber.
   */
  deliver(clientId: string, topic: string, payload: Uint8Array): Promise<boolean>;
  /** Closes the live connection of a client, if there is one. */
  disconnect(clientId: string): void;
  connections(): number;
  /** Whether a client has a live connection, as far as is known. */
  connected(clientId: string): boolean;
  /** Whether it has one that is read now: what it sends does not wait in its socket for room here. */
  reads(clientId: string): boolean;
  /** Takes no more connections or packets, waits for verdicts under way, closes. */
  close(): Promise<void>;
}
