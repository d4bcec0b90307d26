/** An endpoint on a free port with handlers that a test holds in its hands. */
import type { Test } from 'tap';
import type { EndpointOptions } from '../../src/adapters/mqtt/endpoint-options.js';
import { SocketEndpoint } from '../../src/adapters/mqtt/socket-endpoint.js';
import type { InboundMessage, MqttHandlers, Verdict } from '../../src/ports/mqtt-endpoint.js';

export interface HeldMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly clientId: string;
  readonly answer: (verdict: Verdict) => void;
}

export interface TestEndpoint {
  readonly endpoint: SocketEndpoint;
  readonly port: number;
  /** Messages that wait for the test's verdict, in arrival order; all of them when `hold` is false are acknowledged. */
  readonly messages: HeldMessage[];
  readonly refused: string[];
  readonly takenOver: string[];
  /** `session filter`, as they were granted. */
  readonly subscribed: string[];
  readonly handlers: { -readonly [K in keyof MqttHandlers]: MqttHandlers[K] };
  /** Resolves when so many messages have come. */
  arrived(count: number): Promise<void>;
  refusal(reason: string): Promise<void>;
}

/** Everybody may connect, publish to `up/{session}` and subscribe to `down/{session}`. */
export async function testEndpoint(
  t: Test,
  options: Partial<EndpointOptions> = {},
  hold = true,
): Promise<TestEndpoint> {
  const messages: HeldMessage[] = [];
  const refused: string[] = [];
  const takenOver: string[] = [];
  const subscribed: string[] = [];
  const waiters = new Set<() => void>();
  const changed = (): void => {
    for (const waiter of waiters) waiter();
  };
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        waiters.delete(look);
        resolve();
      };
      waiters.add(look);
      look();
    });
  const handlers: MqttHandlers = {
    authenticate: async (_session, _username, password) => password?.toString() !== 'wrong',
    takenOver: (session) => {
      takenOver.push(session);
      changed();
    },
    mayPublish: (session, topic) => topic === `up/${session}`,
    maySubscribe: (session, filter) => filter === `down/${session}`,
    subscribed: (session, filter) => {
      subscribed.push(`${session} ${filter}`);
      changed();
    },
    message: (message: InboundMessage, answer) => {
      messages.push({ ...message, payload: Buffer.from(message.payload), answer });
      if (!hold) answer('ack');
      changed();
    },
    refused: (reason) => {
      refused.push(reason);
      changed();
    },
  };
  const endpoint = new SocketEndpoint(handlers, { probeMs: 20, answerMs: 200, ...options });
  const port = await endpoint.listen('127.0.0.1', 0);
  t.teardown(async () => {
    for (const message of messages) message.answer('fail');
    await endpoint.close();
  });
  return {
    endpoint,
    port,
    messages,
    refused,
    takenOver,
    subscribed,
    handlers,
    arrived: (count) => until(() => messages.length >= count),
    refusal: (reason) => until(() => refused.includes(reason)),
  };
}
