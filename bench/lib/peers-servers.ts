/** What the peers are made of, each in a temporary folder of its own and gone with it: Redis, Mosquitto, Node-RED with a flow. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type PeerPerson, RADIUS_M } from './peers-fixes.js';

export interface PeerServer {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** Nothing is kept on disk. Rejects where it is not installed. */
export function startRedis(): Promise<PeerServer> {
  return started('redis-server', /Ready to accept connections/, (port) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
  ]);
}

/** For anybody, on loopback; nothing is kept on disk. Rejects where it is not installed. */
export function startMosquitto(): Promise<PeerServer> {
  return started('mosquitto', /running/, (port, folder) => {
    const path = join(folder, 'mosquitto.conf');
    const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'max_queued_messages 0'];
    // started by root it would become another user, who may not read this folder
    writeFileSync(path, [...lines, `user ${userInfo().username}`, ''].join('\n'));
    return ['-c', path];
  });
}

/** The program of a Node-RED that stands in `folder` or in its node_modules; null: there is none. */
export function nodeRedIn(folder: string): string | null {
  const places = [join(folder, 'red.js'), join(folder, 'node_modules', 'node-red', 'red.js')];
  return places.find((path) => existsSync(path)) ?? null;
}

/** Node-RED without its editor, with a flow that says when somebody's side of their zone changes. */
export function startNodeRed(program: string, brokerPort: number, people: readonly PeerPerson[]): Promise<PeerServer> {
  return started(process.execPath, /Connected to broker/, (_port, folder) => {
    mkdirSync(join(folder, 'user'));
    const settings = join(folder, 'settings.js');
    writeFileSync(settings, 'module.exports = { httpAdminRoot: false, httpNodeRoot: false };\n');
    const flows = join(folder, 'flows.json');
    writeFileSync(flows, JSON.stringify(flow(brokerPort, people)));
    return [program, '--settings', settings, '--userDir', join(folder, 'user'), flows];
  });
}

/** MQTT in, a function, MQTT out: what somebody would put together. */
function flow(brokerPort: number, people: readonly PeerPerson[]): object[] {
  const zones = Object.fromEntries(people.map(({ id, centre }) => [id, centre]));
  const broker = { id: 'b', type: 'mqtt-broker', broker: '127.0.0.1', port: String(brokerPort), protocolVersion: '4' };
  return [
    { id: 't', type: 'tab', label: 'circles' },
    { ...broker, clientid: '', autoConnect: true, usetls: false, keepalive: '60', cleansession: true },
    {
      id: 'i',
      type: 'mqtt in',
      z: 't',
      topic: 'em/v1/d/+/up',
      qos: '1',
      datatype: 'json',
      broker: 'b',
      wires: [['f']],
    },
    {
      ...{ id: 'f', type: 'function', z: 't', outputs: 1, wires: [['o']] },
      initialize: `context.set('zones', ${JSON.stringify(zones)}); context.set('sides', {});`,
      func: FUNCTION,
    },
    { id: 'o', type: 'mqtt out', z: 't', topic: '', qos: '1', retain: 'false', broker: 'b', wires: [] },
  ];
}

/** Haversine, as everybody writes it; `isInside` below is the same for what is compared without a message. */
const FUNCTION = `
const id = msg.topic.split('/')[3];
const [lon, lat] = context.get('zones')[id];
const rad = Math.PI / 180;
const a = Math.sin((msg.payload.lat - lat) * rad / 2) ** 2 +
  Math.cos(lat * rad) * Math.cos(msg.payload.lat * rad) * Math.sin((msg.payload.lon - lon) * rad / 2) ** 2;
const inside = 2 * 6371000 * Math.asin(Math.sqrt(a)) <= ${RADIUS_M};
const sides = context.get('sides');
const before = sides[id] ?? false;
sides[id] = inside;
if (inside === before) return null;
return { topic: 'told/' + id, payload: { seq: msg.payload.seq, inside } };
`;

export function haversineM(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const rad = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * 6_371_000 * Math.asin(Math.sqrt(a));
}

async function started(
  program: string,
  ready: RegExp,
  argsFor: (port: number, folder: string) => readonly string[],
): Promise<PeerServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-bench-peer-'));
  const port = await freePort();
  const child = spawn(program, argsFor(port, folder), {
    cwd: folder,
    env: { PATH, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    await gone(child);
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  };
  let said = '';
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (how: string): void => {
        clearTimeout(patience);
        reject(new Error(`${program} ${how}: ${said.slice(-500)}`));
      };
      const patience = setTimeout(() => fail('did not start'), READY_WITHIN_MS);
      const hear = (data: Buffer): void => {
        if (said.length < 20_000) said += data.toString();
        if (!ready.test(said)) return;
        clearTimeout(patience);
        resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', () => fail('is not installed'));
      child.once('exit', (code) => fail(`ended with code ${code}`));
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid as number, port, stop };
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
