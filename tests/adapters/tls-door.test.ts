/** MQTT over TLS: who is let in by what, and that a storm of handshakes holds up nobody. Counts, not times. */
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { TlsDoor } from '../../src/adapters/mqtt/tls-door.js';
import type { HandshakeLimits } from '../../src/adapters/tls/handshake-gate.js';
import { TlsFiles } from '../../src/adapters/tls/tls-files.js';
import { MqttDevice } from '../../src/sim/mqtt-device.js';
import { type Pair, TestCa } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';
import { testEndpoint } from '../support/mqtt-endpoint.js';
import { ACCEPTED, connectPacket, PINGREQ, PINGRESP, puback, publishPacket } from '../support/mqtt-raw.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';

interface Setting {
  readonly door?: Partial<HandshakeLimits>;
  readonly clientCa?: boolean;
  readonly lookEveryMs?: number;
}

async function secured(t: Test, { door = {}, clientCa = true, lookEveryMs = 3_600_000 }: Setting = {}) {
  const folder = await temporaryFolder();
  const ca = await TestCa.make(folder.path);
  const first = await ca.issue({ cn: 'gateway', for: 'server' });
  const paths = { certFile: join(folder.path, 'tls.pem'), keyFile: join(folder.path, 'tls.key') };
  const clientCaFile = join(folder.path, 'clients.pem');
  const put = ({ certFile, keyFile }: Pair): void => {
    copyFileSync(certFile, paths.certFile);
    copyFileSync(keyFile, paths.keyFile);
  };
  put(first);
  copyFileSync(ca.own.certFile, clientCaFile);
  const telemetry = new RecordingTelemetry();
  const opened = TlsFiles.open(
    { ...paths, ...(clientCa ? { clientCaFile } : {}) },
    { telemetry, nowMs: () => Date.now(), lookEveryMs },
  );
  if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
  const files = opened.value;
  const e = await testEndpoint(t, {}, false);
  const names: (string | null)[] = [];
  e.handlers.authenticate = async (_session, _username, password, _remote, certifiedName = null) => {
    names.push(certifiedName);
    return password?.toString() !== 'wrong';
  };
  let tlsDoor: TlsDoor | null = null;
  const port = await e.endpoint.open(
    (take) => {
      tlsDoor = new TlsDoor(take, { files, limits: door, refused: (reason) => e.handlers.refused(reason, null) });
      return tlsDoor;
    },
    '127.0.0.1',
    0,
  );
  t.teardown(async () => {
    files.close();
    await e.endpoint.close();
    await folder.remove();
  });
  return {
    ...e,
    plainPort: e.port,
    port,
    ca,
    first,
    put,
    paths,
    clientCaFile,
    files,
    telemetry,
    names,
    folder: folder.path,
  };
}

const over = (port: number, ca: TestCa, options: ConnectionOptions = {}): TLSSocket =>
  connect({ host: '127.0.0.1', port, ca: ca.own.cert, ...options }).on('error', () => {});

/** `once(socket, 'close')` rejects where an error comes before. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });

/** Connects as a device; the connection, or null where it was refused. */
async function device(socket: TLSSocket, name = 'TAG-1', password: string | undefined = 'right'): Promise<boolean> {
  await once(socket, 'secureConnect');
  socket.write(connectPacket({ clientId: name, username: name, ...(password === undefined ? {} : { password }) }));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.equals(ACCEPTED);
}

t.test('a device uploads over TLS 1.3, and is known by its certificate', async (t) => {
  const e = await secured(t);
  const { cert, key } = await e.ca.issue({ cn: 'TAG-1' });
  const plain = over(e.port, e.ca);
  t.ok(await device(plain));
  t.equal(plain.getProtocol(), 'TLSv1.3');
  plain.write(publishPacket({ topic: 'up/TAG-1', payload: Buffer.from('x') }));
  t.same(await once(plain, 'data'), [puback(1)]);
  const named = over(e.port, e.ca, { cert, key });
  t.ok(await device(named));
  t.same(e.names, [null, 'TAG-1']);
  for (const socket of [plain, named]) socket.destroy();
});

t.test('the fleet’s own client speaks TLS to whom it has reason to trust', async (t) => {
  const e = await secured(t);
  const acknowledged: number[] = [];
  const dial = (tls: { ca?: Buffer }): MqttDevice =>
    new MqttDevice({
      address: { host: '127.0.0.1', port: e.port, tls },
      deviceId: 'TAG-1',
      password: 'right',
      onAck: (id) => acknowledged.push(id),
      onClose: () => {},
    });
  e.handlers.mayPublish = () => true;
  const trusting = dial({ ca: e.ca.own.cert });
  await trusting.connect();
  trusting.publish(Buffer.from('x'));
  while (acknowledged.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  t.same(acknowledged, [1]);
  trusting.close();
  await t.rejects(dial({}).connect(), /certificate/);
});

t.test('a certificate of another CA, one that has ended, and a server’s name nobody', async (t) => {
  const e = await secured(t);
  const other = await TestCa.make(e.folder, 'another CA');
  const strangers = [
    await other.issue({ cn: 'TAG-1' }),
    await e.ca.issue({ cn: 'TAG-1', ended: true }),
    await e.ca.issue({ cn: 'TAG-1', for: 'server' }),
  ];
  for (const { cert, key } of strangers) {
    const socket = over(e.port, e.ca, { cert, key });
    t.ok(await device(socket), 'its password is as good as anybody’s');
    socket.destroy();
  }
  t.same(e.names, [null, null, null]);
  t.same(e.refused, ['certificate', 'certificate', 'certificate'], 'and each is counted');
});

t.test('without a client CA nobody is asked for a certificate', async (t) => {
  const e = await secured(t, { clientCa: false });
  const { cert, key } = await e.ca.issue({ cn: 'TAG-1' });
  const socket = over(e.port, e.ca, { cert, key });
  t.ok(await device(socket));
  t.same(e.names, [null]);
  socket.destroy();
});

t.test('older protocols, plain MQTT and garbage on the TLS port are refused, and the next is served', async (t) => {
  const e = await secured(t);
  const old = over(e.port, e.ca, { maxVersion: 'TLSv1.2' });
  await closed(old);
  for (const bytes of [
    connectPacket({ clientId: 'A', username: 'A' }),
    Buffer.alloc(4_096, 0x16),
    Buffer.from('GET /'),
  ]) {
    const socket = createConnection(e.port, '127.0.0.1').on('error', () => {});
    socket.resume().write(bytes);
    await closed(socket);
  }
  const silent = createConnection(e.port, '127.0.0.1').on('error', () => {});
  silent.end();
  const good = over(e.port, e.ca);
  t.ok(await device(good));
  while (e.refused.length < 4) await new Promise((resolve) => setTimeout(resolve, 2));
  t.same([...new Set(e.refused)], ['handshake_failed']);
  good.destroy();
});

t.test('in a storm handshakes run a few at a time, live traffic goes on, and all are served', async (t) => {
  const e = await secured(t, { door: { perTurnMax: 2, runningMax: 3 } });
  const live = over(e.port, e.ca);
  t.ok(await device(live, 'LIVE'));
  let pings = 0;
  live.on('data', (answer: Buffer) => {
    pings += answer.length / PINGRESP.length;
    live.write(PINGREQ);
  });
  const before = pings;
  live.write(PINGREQ);
  const count = 60;
  const storm = Array.from({ length: count }, () => over(e.port, e.ca));
  const served = await Promise.all(storm.map((socket, i) => device(socket, `TAG-${i}`)));
  t.same(new Set(served), new Set([true]));
  t.ok(pings - before >= count / 3, `${pings} pings were answered between ${count} handshakes`);
  t.same(e.refused, []);
  for (const socket of [live, ...storm]) socket.destroy();
});

t.test('those that wait are bounded; one more is refused and counted, and the silent hold up nobody', async (t) => {
  const e = await secured(t, { door: { waitingMax: 4 } });
  const silent = Array.from({ length: 4 }, () => createConnection(e.port, '127.0.0.1').on('error', () => {}));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const late = over(e.port, e.ca);
  await closed(late);
  t.same(e.refused, ['handshakes_full']);
  silent[0]?.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const next = over(e.port, e.ca);
  t.ok(await device(next), 'three that say nothing are before it');
  for (const socket of [...silent, next]) socket.destroy();
});

t.test('who says nothing, or begins and stops, is closed in time', async (t) => {
  const e = await secured(t, { door: { handshakeMsMax: 60 } });
  const silent = createConnection(e.port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  const half = createConnection(e.port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  half.write(Buffer.from('1603010200010001fc0303', 'hex'));
  await Promise.all([closed(silent), closed(half)]);
  while (e.refused.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
  t.same([...e.refused].sort(), ['handshake_failed', 'handshake_silent']);
});

t.test('a new certificate serves new connections; those that stand go on', async (t) => {
  const e = await secured(t);
  const before = over(e.port, e.ca);
  t.ok(await device(before));
  const serial = () => before.getPeerCertificate().serialNumber;
  e.put(await e.ca.issue({ cn: 'gateway', for: 'server' }));
  t.ok(e.files.reload().ok);
  const after = over(e.port, e.ca);
  t.ok(await device(after, 'TAG-2'));
  t.not(after.getPeerCertificate().serialNumber, serial());
  before.write(PINGREQ);
  t.same(await once(before, 'data'), [PINGRESP], 'the old connection is still served');
  for (const socket of [before, after]) socket.destroy();
});

t.test('files that are broken are refused with a line, and the old ones serve on', async (t) => {
  const e = await secured(t);
  const other = await e.ca.issue({ cn: 'gateway', for: 'server' });
  const ended = await e.ca.issue({ cn: 'gateway', for: 'server', ended: true });
  const broken: [what: string, put: () => void, fault: RegExp][] = [
    ['a key of another certificate', () => copyFileSync(other.keyFile, e.paths.keyFile), /key of another/],
    ['no certificate', () => writeFileSync(e.paths.certFile, 'x'), /no certificate/],
    ['half a certificate', () => writeFileSync(e.paths.certFile, e.first.cert.subarray(0, 300)), /no certificate/],
    ['one that has ended', () => e.put(ended), /has ended/],
    ['no key', () => writeFileSync(e.paths.keyFile, ''), /no private key/],
    ['an empty client CA', () => writeFileSync(e.clientCaFile, ''), /no certificate/],
  ];
  for (const [what, put, fault] of broken) {
    put();
    const reloaded = e.files.reload();
    t.match(reloaded.ok ? '' : reloaded.fault.map((one) => one.fault).join(), fault, what);
    const said = e.telemetry.lines.filter(({ code }) => code === 'tls_files_refused').map(({ fields }) => fields.fault);
    t.match(said.at(-1), fault, 'and a line says so');
    // what the log would withhold says nothing to who has to mend it
    for (const words of said) t.match(words, /^[\w.:/,[\] -]{1,100}$/);
    const socket = over(e.port, e.ca);
    t.ok(await device(socket), `${what}: the old one serves on`);
    socket.destroy();
    e.put(e.first);
    copyFileSync(e.ca.own.certFile, e.clientCaFile);
  }
  t.ok(e.files.reload().ok);
  t.equal(e.telemetry.counts.get('fairwatch_tls_reloads_total refused'), broken.length);
  t.equal(e.telemetry.counts.get('fairwatch_tls_reloads_total taken'), 1);
});

t.test('a change is found by itself, once it has settled', async (t) => {
  const e = await secured(t);
  const second = await e.ca.issue({ cn: 'gateway', for: 'server' });
  const serial = async (): Promise<string> => {
    const socket = over(e.port, e.ca);
    t.ok(await device(socket));
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const first = await serial();
  copyFileSync(second.certFile, e.paths.certFile);
  e.files.look();
  t.equal(await serial(), first, 'half of the change is there, and it is waited for the rest');
  copyFileSync(second.keyFile, e.paths.keyFile);
  e.files.look();
  t.equal(await serial(), first, 'the first look at it');
  e.files.look();
  t.not(await serial(), first, 'it has stayed the same');
});

t.test('a client CA that is replaced lets in whom it signs, and names nobody else any more', async (t) => {
  const e = await secured(t);
  const other = await TestCa.make(e.folder, 'new CA');
  const [old, fresh] = [await e.ca.issue({ cn: 'OLD' }), await other.issue({ cn: 'NEW' })];
  let session: Buffer | undefined;
  const before = over(e.port, e.ca, { cert: old.cert, key: old.key });
  before.on('session', (ticket: Buffer) => {
    session = ticket;
  });
  t.ok(await device(before, 'OLD'));
  copyFileSync(other.own.certFile, e.clientCaFile);
  t.ok(e.files.reload().ok);
  const resumed = session === undefined ? {} : { session };
  for (const { cert, key } of [old, fresh]) {
    const socket = over(e.port, e.ca, { cert, key, ...(cert === old.cert ? resumed : {}) });
    t.ok(await device(socket, 'ANY'));
    socket.destroy();
  }
  t.ok(session, 'a ticket to come back with was given');
  t.same(e.names, ['OLD', null, 'NEW'], 'and it does not carry the old name over');
  before.destroy();
});
