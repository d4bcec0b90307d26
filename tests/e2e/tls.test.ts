/** A real `serve` that is open to the network by TLS: devices, agencies and the API, and certificates that change. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { type Pair, TestCa } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';
import { freePorts, TestGateway } from '../support/gateway.js';
import { TestDevice } from '../support/mqtt-device.js';
import { connectPacket, PINGREQ, PINGRESP, puback, publishPacket } from '../support/mqtt-raw.js';

interface Secured {
  readonly gateway: TestGateway;
  readonly ca: TestCa;
  readonly port: number;
  put(pair: Pair): void;
  over(options?: ConnectionOptions): Promise<TLSSocket>;
}

/** Certificates, and the settings that name them. */
async function certified(t: Test) {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const ca = await TestCa.make(folder.path);
  const [port = 0] = await freePorts(1);
  const files = { TLS_CERT_FILE: join(folder.path, 'tls.pem'), TLS_KEY_FILE: join(folder.path, 'tls.key') };
  const put = ({ certFile, keyFile }: Pair): void => {
    copyFileSync(certFile, files.TLS_CERT_FILE);
    copyFileSync(keyFile, files.TLS_KEY_FILE);
  };
  put(await ca.issue({ cn: 'gateway', for: 'server' }));
  const tls = { ...files, TLS_CLIENT_CA_FILE: ca.own.certFile, MQTTS_PORT: String(port) };
  return { ca, port, put, env: tls };
}

async function secured(t: Test): Promise<Secured> {
  const { ca, port, put, env } = await certified(t);
  const gateway = await TestGateway.start(t, { env });
  return {
    gateway,
    ca,
    port,
    put,
    async over(options = {}) {
      const socket = connect({ host: '127.0.0.1', port, ca: ca.own.cert, ...options }).on('error', () => {});
      t.teardown(() => socket.destroy());
      await once(socket, 'secureConnect');
      return socket;
    },
  };
}

async function enrol({ gateway }: Secured, name: string): Promise<TestDevice> {
  const device = new TestDevice(name);
  const { status } = await gateway.api('POST', '/v1/devices', {
    device_id: name,
    kind: 'tag',
    cipher: 'A256GCM',
    session_key: device.sessionKey().toString('base64url'),
    password: device.password,
  });
  if (status >= 300) throw new Error(`enrolment: ${status}`);
  return device;
}

/** The return code of CONNACK. */
async function sayHello(socket: TLSSocket, name: string, password?: string): Promise<number> {
  socket.write(connectPacket({ clientId: name, username: name, ...(password === undefined ? {} : { password }) }));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer[3] ?? -1;
}

const closed = (socket: TLSSocket): Promise<void> =>
  new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));

t.test(
  'a certificate or a password lets a device in over TLS, until it is disabled; new certificates disturb nobody',
  async (t) => {
    const e = await secured(t);
    const device = await enrol(e, 'TAG-1');
    await enrol(e, 'TAG-2');
    const mine = await e.ca.issue({ cn: 'TAG-1' });
    const named = await e.over({ cert: mine.cert, key: mine.key });
    t.equal(await sayHello(named, 'TAG-1'), 0, 'by its certificate, without a password');
    named.write(publishPacket({ topic: device.topic, payload: device.seal({ sequence: 1n }) }));
    t.same(await once(named, 'data'), [puback(1)]);
    t.equal(await sayHello(await e.over({ cert: mine.cert, key: mine.key }), 'TAG-2'), 5, 'it is nobody else');
    t.equal(
      await sayHello(await e.over({ cert: mine.cert, key: mine.key }), 'TAG-2', new TestDevice('TAG-2').password),
      5,
      'not with the other one’s password either',
    );
    t.equal(await sayHello(await e.over(), 'TAG-2', new TestDevice('TAG-2').password), 0, 'a password');
    t.equal(await sayHello(await e.over(), 'TAG-2'), 5, 'neither');
    const at = ['-h', 'localhost', '-p', String(e.port), '--cafile', e.ca.own.certFile, '-i', 'TAG-1', '-u', 'TAG-1'];
    const as = ['--cert', mine.certFile, '--key', mine.keyFile, '-t', device.topic, '-m', 'x', '-q', '1'];
    const outside = promisify(execFile)('mosquitto_pub', [...at, ...as]);
    t.equal((await outside).stderr, '', 'an implementation that is not ours, by certificate');
    t.match(
      await promisify(execFile)('mosquitto_pub', [...at, ...as, '-V', 'mqttv5']).catch((error: Error) => error.message),
      /protocol version/i,
      'and it is told that MQTT 5 is not served',
    );
    // it has taken the session over
    await closed(named);
    const again = await e.over({ cert: mine.cert, key: mine.key });
    t.equal(await sayHello(again, 'TAG-1'), 0);
    t.equal((await e.gateway.api('POST', '/v1/devices/TAG-1/disable', {})).status < 300, true);
    await closed(named);
    t.equal(await sayHello(await e.over({ cert: mine.cert, key: mine.key }), 'TAG-1'), 5, 'and it does not come back');

    const before = await e.over();
    t.equal(await sayHello(before, 'TAG-2', new TestDevice('TAG-2').password), 0);
    const { serialNumber } = before.getPeerCertificate();
    e.put(await e.ca.issue({ cn: 'gateway', for: 'server' }));
    e.gateway.signal('SIGHUP');
    for (;;) {
      const after = await e.over();
      if (after.getPeerCertificate().serialNumber !== serialNumber) break;
    }
    before.write(PINGREQ);
    t.same(await once(before, 'data'), [PINGRESP], 'a hang-up reads the certificates anew, and who is connected stays');
  },
);

t.test('beyond loopback the API is HTTPS, in a gateway that is not a development one', async (t) => {
  const { ca, port, env } = await certified(t);
  const kek = (fill: number): string => Buffer.alloc(32, fill).toString('base64url');
  const open = await TestGateway.prepare(t, {
    production: true,
    env: { ...env, HTTP_HOST: '0.0.0.0', KEK: kek(1), REVIEW_KEK: kek(2), DATA_REGION: 'GB' },
  });
  await open.start();
  const get = (path: string, ca?: Buffer): Promise<number | string> =>
    new Promise((resolve) => {
      const asked = request({ host: '127.0.0.1', port: open.httpPort, path, ...(ca === undefined ? {} : { ca }) });
      asked.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'));
      asked.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.end();
    });
  t.equal(await get('/livez', ca.own.cert), 200);
  t.equal(await get('/v1/alerts', ca.own.cert), 401);
  t.not(await get('/livez'), 200, 'who does not know the CA does not trust it');
  await t.rejects(fetch(`http://127.0.0.1:${open.httpPort}/livez`), 'plain HTTP is not served there');
  t.equal(await get('/livez', ca.own.cert), 200);
  const { code, out } = await open.stop();
  t.equal(code, 0);
  t.match(out, new RegExp(`"mqtts":"0.0.0.0:${port}"`));
  t.match(out, /"https":"0\.0\.0\.0:/);
});
