/** How many handshakes begin in a turn, run at once and wait: counted at the server that the gate stands before. */
import { once } from 'node:events';
import { type AddressInfo, createConnection, type Socket } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { HANDSHAKE_LIMITS, HandshakeGate, type HandshakeLimits } from '../../src/adapters/tls/handshake-gate.js';
import { TestCa } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';

async function gated(t: Test, limits: Partial<HandshakeLimits>) {
  const folder = await temporaryFolder();
  const ca = await TestCa.make(folder.path);
  const { cert, key } = await ca.issue({ cn: 'gateway', for: 'server' });
  const counts = { begun: 0, turn: 0, mostInTurn: 0, running: 0, mostRunning: 0 };
  const secured: TLSSocket[] = [];
  const server = createServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
    secured.push(socket.on('error', () => {}));
  });
  const [handshake] = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    counts.begun += 1;
    if (counts.turn === 0) {
      setImmediate(() => {
        counts.turn = 0;
      });
    }
    counts.turn += 1;
    counts.mostInTurn = Math.max(counts.mostInTurn, counts.turn);
    counts.running += 1;
    counts.mostRunning = Math.max(counts.mostRunning, counts.running);
    handshake?.call(server, socket);
  });
  server.on('secureConnection', () => {
    counts.running -= 1;
  });
  const refused: string[] = [];
  const gate = new HandshakeGate(server, { ...HANDSHAKE_LIMITS, ...limits }, (reason) => refused.push(reason));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  t.teardown(async () => {
    gate.close();
    for (const socket of secured) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await folder.remove();
  });
  const dial = (socket?: Socket): TLSSocket =>
    connect({ host: '127.0.0.1', port, ca: ca.own.cert, ...(socket === undefined ? {} : { socket }) }).on(
      'error',
      () => {},
    );
  /** So many connections whose handshakes all reach the server within one turn; resolves when all are through. */
  const storm = async (count: number): Promise<void> => {
    const raw = Array.from({ length: count }, () => createConnection(port, '127.0.0.1'));
    await Promise.all(raw.map((socket) => once(socket, 'connect')));
    while (gate.waiting < count) await new Promise((resolve) => setTimeout(resolve, 2));
    const sockets = raw.map((socket) => dial(socket));
    await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
    while (gate.running + gate.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    for (const socket of sockets) socket.destroy();
  };
  return { gate, counts, refused, port, dial, storm };
}

t.test('at most so many handshakes begin in a turn and run at once', async (t) => {
  const e = await gated(t, { perTurnMax: 2, runningMax: 5 });
  await e.storm(80);
  t.equal(e.counts.begun, 80);
  t.equal(e.counts.mostInTurn, 2);
  t.ok(e.counts.mostRunning <= 5, `${e.counts.mostRunning} at once`);
  t.same(e.refused, []);
});

t.test('without those bounds they would all be begun together', async (t) => {
  const e = await gated(t, { perTurnMax: 1_000, runningMax: 1_000 });
  await e.storm(80);
  t.ok(e.counts.mostInTurn > 2 && e.counts.mostRunning > 5, JSON.stringify(e.counts));
});

t.test('who waits too long is closed and counted, and who goes makes room', async (t) => {
  const e = await gated(t, { runningMax: 1, waitMsMax: 60, handshakeMsMax: 400 });
  // begins a handshake and never goes on
  const stuck = createConnection(e.port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  stuck.write(Buffer.from('1603010200010001fc0303', 'hex'));
  while (e.gate.running === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const waiting = e.dial();
  await new Promise((resolve) => waiting.once('close', resolve));
  t.same(e.refused, ['handshake_waited']);
  stuck.destroy();
  // on a busy machine its end is heard of later than the next may wait
  while (e.gate.running > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  const next = e.dial();
  await once(next, 'secureConnect');
  t.pass('the next is through');
  next.destroy();
});
