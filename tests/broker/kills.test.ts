/**
 * Gateway and broker killed in turn, the broker's queue lost with it: devices that believe Downlink.ack and nothing else
 * lose nothing, and every alert is raised once.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import t from 'tap';
import { TestGateway } from '../support/gateway.js';
import { person, strap } from '../support/gateway-people.js';
import { HandDevice } from '../support/hand-device.js';
import { Mosquitto } from '../support/mosquitto.js';
import { TestDevice } from '../support/mqtt-device.js';

const PEOPLE = 4;
const UPLOADS = 24;
/** What no answer has named is sent again after so long. */
const PATIENCE_MS = 1_500;

/** Firmware: holds an upload until it is told that this is durable, whatever the broker says. */
class Firmware {
  readonly #hand: HandDevice;
  #client: MqttClient | null = null;
  #stopped = false;
  sent = 0;

  constructor(
    readonly device: TestDevice,
    private readonly port: number,
    private readonly startMs: number,
  ) {
    this.#hand = new HandDevice(device.deviceId, device.cipher);
    this.#hand.keys.set(1, { cipher: device.cipher, key: device.sessionKey() });
    const take = this.#hand.take.bind(this.#hand);
    this.#hand.take = (topic, payload) => {
      try {
        take(topic, payload);
      } catch (error) {
        // a broker may bring a downlink twice; anything else is a fault
        if (!/^downlink \d+ after \d+$/.test((error as Error).message)) throw error;
      }
    };
  }

  get held(): number {
    return this.#hand.held.size;
  }

  async run(): Promise<void> {
    const connecting = this.#stayConnected();
    for (let n = 1; n <= UPLOADS; n += 1) {
      const sequence = BigInt(n);
      const records = [strap(n - 1, this.startMs + n * 1_000)];
      const oldestHeld = [...this.#hand.held.keys()][0] ?? sequence;
      this.#hand.held.set(sequence, this.device.seal({ sequence, records, oldestHeld }));
      this.#publish(sequence);
      await sleep(40);
    }
    while (this.held > 0) {
      await sleep(PATIENCE_MS);
      for (const sequence of this.#hand.held.keys()) this.#publish(sequence);
    }
    this.#stopped = true;
    await this.#client?.endAsync(true);
    await connecting;
  }

  #publish(sequence: bigint): void {
    const payload = this.#hand.held.get(sequence);
    if (payload === undefined || this.#client?.connected !== true) return;
    this.sent += 1;
    // what the broker answers is heard by nobody
    this.#client.publish(this.device.topic, payload, { qos: 1 });
  }

  async #stayConnected(): Promise<void> {
    while (!this.#stopped) {
      try {
        const client = await this.device.connect(this.port, { connectTimeout: 1_000 });
        client.on('error', () => {});
        client.on('message', (topic, payload) => this.#hand.take(topic, payload));
        const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
        await Promise.race([client.subscribeAsync(`em/v1/d/${this.device.deviceId}/down`, { qos: 1 }), closed]);
        this.#client = client;
        await closed;
      } catch {
        // it is not there just now
      }
      await sleep(50);
    }
  }
}

t.test('devices that follow Downlink.ack lose nothing when gateway and broker are killed', async (t) => {
  const names = Array.from({ length: PEOPLE }, (_, n) => new TestDevice(`TAG-${n}`));
  const broker = await Mosquitto.start(t, Object.fromEntries(names.map((one) => [one.deviceId, one.password])));
  // late data that pours in is put in its place by a timer, and after a start timers wait for so long
  const gateway = await TestGateway.start(t, { env: { ...broker.env, RECONNECT_GRACE_S: '2' } });
  const nowMs = Date.now();
  const devices: TestDevice[] = [];
  for (let n = 0; n < PEOPLE; n += 1) devices.push(await person(gateway, n, nowMs));

  const fleet = devices.map((device) => new Firmware(device, broker.port, Date.now()));
  const running = Promise.all(fleet.map((one) => one.run()));
  for (const killed of ['gateway', 'broker', 'both', 'broker'] as const) {
    await sleep(300);
    if (killed !== 'broker') await gateway.kill();
    if (killed !== 'gateway') {
      await broker.kill();
      await broker.start();
    }
    if (killed !== 'broker') await gateway.start();
  }
  await running;

  const acked = join(gateway.folder, 'acked.ndjson');
  const lines = devices.flatMap(({ deviceId }) =>
    Array.from({ length: UPLOADS }, (_, i) => JSON.stringify({ device_id: deviceId, sequence: i + 1 })),
  );
  writeFileSync(acked, `${lines.join('\n')}\n`);
  const checked = await gateway.command('journal', 'check', '--acked', acked, '--json');
  t.match(JSON.parse(checked.out), { acked: lines.length, found: lines.length, missing: 0 });
  t.ok(
    fleet.some(({ sent }) => sent > UPLOADS),
    'something was lost on the way, and sent again',
  );

  // a strap cut and made whole in turn: half as many alerts as uploads, each with its beginning and its end, nothing else
  const expected = (PEOPLE * UPLOADS) / 2;
  const events = async (): Promise<{ data: { type: string; version: number; end: string | null } }[]> =>
    (await gateway.api('GET', '/v1/alerts?limit=500')).json.events as never;
  const whole = async (): Promise<boolean> => {
    const all = await events();
    return all.length >= expected && all.every(({ data }) => data.end !== null);
  };
  while (!(await whole())) await sleep(50);
  const all = await events();
  t.equal(all.length, expected);
  t.ok(all.every(({ data }) => data.type === 'tamper.strap' && data.end !== null));
  t.equal((await gateway.stop()).code, 0);
});
