// The outside subscriber: it resumes by its cursor after every cut, and counts what comes twice once.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { type AlertEvent, AlertSubscriber } from '../../src/sim/alert-subscriber.js';

type Serve = (request: IncomingMessage, response: ServerResponse, turn: number) => void;

/** A server of the stream's contract that a test lets do what a gateway under trouble does. */
async function gateway(t: Test, serve: Serve): Promise<{ url: string; token: () => Promise<string> }> {
  let turn = 0;
  const server = createServer((request, response) => serve(request, response, ++turn));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: async () => 'secret' };
}

function eventBlock(cursor: number, alert: string, version: number): string {
  const data = {
    id: `${alert}.${version}`,
    type: 'raised',
    cursor: String(cursor),
    data: { alert_id: alert, version },
  };
  return `id: ${cursor}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function hear(
  t: Test,
  serve: Serve,
  enough: (events: AlertEvent[]) => boolean,
): Promise<{ events: AlertEvent[]; subscriber: AlertSubscriber }> {
  const events: AlertEvent[] = [];
  let done: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const subscriber = new AlertSubscriber({
    address: await gateway(t, serve),
    onEvent: (event) => {
      events.push(event);
      if (enough(events)) done();
    },
  });
  await subscriber.start();
  await finished;
  await subscriber.stop();
  return { events, subscriber };
}

t.test('it begins with the oldest, and after a cut asks for what follows the last it heard', async (t) => {
  const asked: string[] = [];
  const { events } = await hear(
    t,
    (request, response, turn) => {
      asked.push(`${request.url} ${request.headers['last-event-id'] ?? ''} ${request.headers.authorization}`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (turn === 1) {
        response.write(eventBlock(1, 'A', 1) + eventBlock(2, 'B', 1));
        setImmediate(() => response.destroy());
      } else response.write(eventBlock(3, 'A', 2));
    },
    (heard) => heard.length === 3,
  );
  t.same(
    events.map((event) => event.id),
    ['A.1', 'B.1', 'A.2'],
  );
  t.same(asked, ['/v1/alerts/stream?from=start  Bearer secret', '/v1/alerts/stream 2 Bearer secret']);
});

t.test('an event that is cut in two pieces is one, and comments are none', async (t) => {
  const block = eventBlock(1, 'A', 1);
  const { events } = await hear(
    t,
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`: alive\n\n${block.slice(0, 20)}`);
      setImmediate(() => response.write(block.slice(20)));
    },
    (heard) => heard.length === 1,
  );
  t.equal(events[0]?.data.alert_id, 'A');
});

t.test('the same event again is counted once, and the newest version stands', async (t) => {
  const { subscriber } = await hear(
    t,
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventBlock(1, 'A', 1) + eventBlock(2, 'A', 2) + eventBlock(1, 'A', 1) + eventBlock(3, 'B', 1));
    },
    (heard) => heard.length === 3,
  );
  t.equal(subscriber.repeats, 1);
  t.equal(subscriber.heard.get('A')?.version, 2);
});

t.test('a gateway that is still starting, or refuses an old token, is asked again', async (t) => {
  const { events } = await hear(
    t,
    (_, response, turn) => {
      if (turn < 3) {
        response.writeHead(turn === 1 ? 503 : 401);
        response.end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(eventBlock(1, 'A', 1));
    },
    (heard) => heard.length === 1,
  );
  t.equal(events.length, 1);
});

t.test('a cursor that the gateway no longer knows is a failure, not a fresh start', async (t) => {
  const address = await gateway(t, (_, response) => {
    response.writeHead(410);
    response.end();
  });
  const subscriber = new AlertSubscriber({ address, onEvent: () => undefined });
  await t.rejects(subscriber.start(), { name: 'StreamLost' });
});
