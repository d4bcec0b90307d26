// Killed again and again under a stream of uploads: what was acknowledged is in the journal, every alert is told, each once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { EventReader } from '../api/event-reader.js';
import { TestGateway } from '../support/gateway.js';
import { person, strap } from '../support/gateway-people.js';
import type { TestDevice } from '../support/mqtt-device.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';

const PEOPLE = 6;
const UPLOADS = 60;
const KILLS = 3;

/** Firmware: keeps an upload until it is acknowledged, and sends it again, byte for byte, after a reconnect. */
class Firmware {
  readonly acked: number[] = [];
  #client: MqttClient | null = null;
  #gone: Promise<false> = Promise.resolve(false);

  constructor(
    readonly device: TestDevice,
    private readonly port: number,
    private readonly startMs: number,
  ) {}

  async send(): Promise<void> {
    for (let sequence = 1; sequence <= UPLOADS; sequence += 1) {
      const records = [strap(sequence - 1, this.startMs + sequence * 1_000)];
      const payload = this.device.seal({ sequence: BigInt(sequence), records, oldestHeld: BigInt(sequence) });
      while (!(await this.#published(payload)));
      this.acked.push(sequence);
    }
    await this.#client?.endAsync(true);
  }

  async #published(payload: Buffer): Promise<boolean> {
    try {
      this.#client ??= await this.#connect();
      const acknowledged = this.#client.publishAsync(this.device.topic, payload, { qos: 1 }).then(() => true);
      return await Promise.race([acknowledged, this.#gone]);
    } catch {
      return false;
    } finally {
      if (this.#client?.connected !== true) {
        this.#client = null;
        await sleep(50);
      }
    }
  }

  async #connect(): Promise<MqttClient> {
    const client = await this.device.connect(this.port, { connectTimeout: 2_000 });
    client.on('error', () => {});
    this.#gone = new Promise((resolve) => {
      client.once('close', () => resolve(false));
    });
    return client;
  }
}

/** A subscriber that comes back with the last id it saw, and keeps every event. */
class Subscriber {
  readonly ids: string[] = [];
  #lastId: string | undefined;
  #stopped = false;
  #reader: EventReader | null = null;

  constructor(private readonly gateway: TestGateway) {}

  async follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        const from = this.#lastId === undefined ? '?from=start' : '';
        const reader = await EventReader.open(
          `${this.gateway.url}/v1/alerts/stream${from}`,
          this.gateway.token,
          this.#lastId,
        );
        this.#reader = reader;
        await reader.untilEnded();
        this.ids.push(...reader.events.map(({ data }) => data.id));
        if (reader.lastId !== '') this.#lastId = reader.lastId;
      } catch {
        // it is not there just now
      }
      await sleep(20);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#reader?.close();
  }
  get heard(): number {
    return this.ids.length + (this.#reader?.events.length ?? 0);
  }
}

async function story(t: Test, redis: RedisServer | null): Promise<void> {
  const gateway = await TestGateway.start(t, redis === null ? {} : { env: { REDIS_URL: redis.url } });
  const nowMs = Date.now();
  const devices: TestDevice[] = [];
  for (let n = 0; n < PEOPLE; n += 1) devices.push(await person(gateway, n, nowMs));
  const fleet = devices.map((device) => new Firmware(device, gateway.mqttPort, Date.now()));
  const subscriber = new Subscriber(gateway);
  const following = subscriber.follow();
  const sending = Promise.all(fleet.map((one) => one.send()));
  for (let kill = 0; kill < KILLS; kill += 1) {
    const enough = ((kill + 1) * PEOPLE * UPLOADS) / (KILLS + 1);
    while (fleet.reduce((sum, { acked }) => sum + acked.length, 0) < enough) await sleep(5);
    await gateway.kill();
    if (redis !== null && kill === 1) {
      await redis.kill();
      await redis.start();
    }
    await gateway.start();
    if (redis !== null && kill === 0) await redis.command('FLUSHALL');
  }
  await sending;

  const acked = join(gateway.folder, 'acked.ndjson');
  const lines = fleet.flatMap(({ device, acked: sequences }) =>
    sequences.map((sequence) => JSON.stringify({ device_id: device.deviceId, sequence })),
  );
  t.equal(lines.length, PEOPLE * UPLOADS);
  writeFileSync(acked, `${lines.join('\n')}\n`);
  const checked = await gateway.command('journal', 'check', '--acked', acked, '--json');
  t.match(JSON.parse(checked.out), { acked: lines.length, found: lines.length, missing: 0 });

  // a strap cut and made whole in turn: half as many alerts as uploads, each told when it began and when it ended
  const expected = PEOPLE * UPLOADS;
  while (subscriber.heard < expected) await sleep(20);
  subscriber.stop();
  await following;
  t.equal(subscriber.ids.length, expected);
  t.equal(new Set(subscriber.ids).size, expected, 'each once, over every reconnect');
  const events: { data: { type: string; version: number; end: string | null } }[] = [];
  for (let cursor = ''; ; ) {
    const page = await gateway.api('GET', `/v1/alerts?limit=500${cursor}`);
    events.push(...(page.json.events as typeof events));
    if (page.json.more !== true) break;
    cursor = `&cursor=${page.json.cursor}`;
  }
  t.equal(events.length, expected / 2);
  t.ok(events.every(({ data }) => data.type === 'tamper.strap' && data.version === 2 && data.end !== null));
  t.equal((await gateway.stop()).code, 0);
}

t.test('three times, with the states in LMDB', (t) => story(t, null));

t.test('three times, with the states in Redis, which is emptied and killed as well', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  await story(t, redis);
});
