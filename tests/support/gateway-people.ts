/** Synthetic people for a running gateway: an order each, devices enrolled with seeded keys, and mosquitto's clients. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { MqttClient } from 'mqtt';
import type { Test } from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import type { DeviceRecord, RecordBody } from '../../src/domain/record.js';
import type { TestGateway } from './gateway.js';
import { TestDevice } from './mqtt-device.js';

const CENTRE = [-1.54, 53.81] as const;

/** In force since yesterday by the gateway's clock; never to enter a circle of 200 m. */
export function orderFor(
  orderId: string,
  devices: readonly unknown[],
  nowMs: number,
  change: Record<string, unknown> = {},
) {
  return {
    order_id: orderId,
    subject_id: `SUB-${orderId}`,
    revision: 1,
    type: 'COMMUNITY',
    curfew_only: false,
    hdc: false,
    under_18: false,
    restricted: false,
    supervisor: 'probation-north',
    time_zone: 'Europe/London',
    start: new Date(nowMs - 86_400_000).toISOString(),
    end: new Date(nowMs + 90 * 86_400_000).toISOString(),
    devices,
    addresses: { primary: { position: [-1.5, 53.9] } },
    conditions: [
      { condition_id: 'Z1', kind: 'exclusion_zone', zone: { type: 'Circle', center: CENTRE, radius_m: 200 } },
    ],
    ...change,
  };
}

export const from = (nowMs: number) => new Date(nowMs - 86_400_000).toISOString();

/** Enrols a device with its seeded key and password; twice changes nothing. */
export async function enrol(gateway: TestGateway, device: TestDevice, kind: string): Promise<void> {
  const answer = await gateway.api('POST', '/v1/devices', {
    device_id: device.deviceId,
    kind,
    cipher: device.cipher,
    session_key: device.sessionKey().toString('base64url'),
    password: device.password,
  });
  if (answer.status > 201) throw new Error(JSON.stringify(answer));
}

/** A tag under an order of its own. */
export async function person(gateway: TestGateway, n: number, nowMs: number): Promise<TestDevice> {
  const tag = new TestDevice(`TAG-${n}`, n % 2 === 0 ? 'A256GCM' : 'C20P');
  await enrol(gateway, tag, 'tag');
  const order = orderFor(`ORD-${n}`, [{ device_id: tag.deviceId, kind: 'tag', from: from(nowMs) }], nowMs);
  const answer = await gateway.api('PUT', `/v1/orders/ORD-${n}`, order);
  if (answer.status > 201) throw new Error(JSON.stringify(answer));
  return tag;
}

export const inZone: RecordBody = {
  kind: 'fix',
  latE7: Math.round(CENTRE[1] * 1e7),
  lonE7: Math.round(CENTRE[0] * 1e7),
  accuracyDm: 100,
  speedCmS: 0,
  headingCdeg: 0,
  satellites: 9,
  hdopCenti: 100,
  mechanism: 'GNSS',
  altitudeDm: 0,
};
/** A strap cut or made whole again, in turn: each upload of one is one version that everybody must be told of. */
export const strap = (n: number, timeMs: number): DeviceRecord =>
  makeRecord(timeMs, { kind: 'tag', batteryPct: 80, flags: [n % 2 === 0 ? 'STRAP_TAMPER_START' : 'STRAP_TAMPER_END'] });

export interface Tool {
  readonly lines: string[];
  readonly exit: Promise<number | null>;
  /** Waits for so many lines that match; rejects when it ends before. */
  heard(count: number, pattern?: RegExp): Promise<string[]>;
  end(): void;
}

/** One of mosquitto's own clients against the gateway. */
export function mosquitto(
  gateway: TestGateway,
  command: 'mosquitto_pub' | 'mosquitto_sub',
  args: readonly string[],
): Tool {
  const at = ['-h', '127.0.0.1', '-p', String(gateway.mqttPort), '-V', 'mqttv311'];
  // line by line: into a pipe its output would come all at the end
  const child: ChildProcess = spawn('stdbuf', ['-oL', command, ...at, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let over = false;
  let heard: () => void = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    let partial = '';
    stream?.on('data', (chunk: Buffer) => {
      const parts = (partial + chunk.toString()).split('\n');
      partial = parts.pop() ?? '';
      lines.push(...parts);
      heard();
    });
  }
  const exit = once(child, 'close').then(([code]) => {
    over = true;
    heard();
    return code as number | null;
  });
  return {
    lines,
    exit,
    async heard(count, pattern = /./) {
      for (;;) {
        const found = lines.filter((line) => pattern.test(line));
        if (found.length >= count) return found;
        if (over) throw new Error(`${command} ended with ${found.length} of ${count}: ${lines.join(' | ')}`);
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
    end: () => void child.kill('SIGTERM'),
  };
}

/** `mosquitto_sub` on an agency's own topic, subscribed when it resolves; it ends with the test. */
export async function subscribe(t: Test, gateway: TestGateway, agency: string, token: string): Promise<Tool> {
  const args = ['-i', 'centre', '-u', `agency:${agency}`, '-P', token, '-t', `em/v1/alerts/${agency}`, '-q', '1', '-d'];
  const tool = mosquitto(gateway, 'mosquitto_sub', args);
  t.teardown(() => tool.end());
  await tool.heard(1, /SUBACK/);
  return tool;
}

/** Resolves when a client of mqtt.js has lost its connection; an error on the way is no fault of the test. */
export const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.on('error', () => {});
    client.once('close', resolve);
  });
