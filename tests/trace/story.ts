/** What is done to a traced gateway: uploads one at a time, then many at once, heard by real subscribers; downlinks; a repeat. */
import mqtt, { type MqttClient } from 'mqtt';
import { EventReader } from '../api/event-reader.js';
import type { TestGateway } from '../support/gateway.js';
import { enrol, from, orderFor, strap } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';

export interface StorySize {
  readonly alone: number;
  readonly people: number;
  /** Uploads of each person that are under way at once. */
  readonly together: number;
  readonly downlinks: number;
}

export interface Told {
  readonly uploads: number;
  /** Alert versions that each subscriber has heard. */
  readonly versions: number;
  readonly downlinks: number;
}

export async function play(gateway: TestGateway, size: StorySize): Promise<Told> {
  const nowMs = Date.now();
  const devices: TestDevice[] = [];
  for (let n = 0; n < size.people; n += 1) {
    const tag = new TestDevice(`TAG-${n}`, n % 2 === 0 ? 'A256GCM' : 'C20P');
    await enrol(gateway, tag, 'tag');
    const order = orderFor(`ORD-${n}`, [{ device_id: tag.deviceId, kind: 'tag', from: from(nowMs) }], nowMs);
    const answer = await gateway.api('PUT', `/v1/orders/ORD-${n}`, order);
    if (answer.status > 201) throw new Error(JSON.stringify(answer));
    devices.push(tag);
  }
  const stream = await EventReader.open(`${gateway.url}/v1/alerts/stream?from=start`, gateway.token);
  const topic = await topicOf(gateway, 'probation-north');
  const clients = await Promise.all(devices.map((device) => device.connect(gateway.mqttPort)));
  const heard = (count: number) => Promise.all([stream.until(() => stream.events.length >= count), topic.until(count)]);

  // One at a time: nothing else is on the way when it is acknowledged, and when its alert is told.
  const [device, client] = [devices[0], clients[0]] as [TestDevice, MqttClient];
  const send = (n: number, sequence: number): Promise<unknown> => {
    const one = devices[n] as TestDevice;
    const record = strap(sequence - 1, nowMs + sequence * 1_000);
    const payload = one.seal({ sequence: BigInt(sequence), records: [record], oldestHeld: BigInt(sequence) });
    return (clients[n] as MqttClient).publishAsync(one.topic, payload, { qos: 1 });
  };
  for (let sequence = 1; sequence <= size.alone; sequence += 1) {
    await send(0, sequence);
    await heard(sequence);
  }
  // sent again, byte for byte: acknowledged by what covered it before; and poison, which is kept, and told of
  await send(0, size.alone);
  await client.publishAsync(device.topic, Buffer.from('no envelope at all'), { qos: 1 });
  await heard(size.alone + 1);

  const told = await downlinks(gateway, device, client, size.downlinks);

  // Many at once: a whole row of uploads of everybody is under way.
  const sent: Promise<unknown>[] = [];
  for (let k = 1; k <= size.together; k += 1) {
    for (let n = 0; n < size.people; n += 1) sent.push(send(n, k + (n === 0 ? size.alone : 0)));
    // over several turns of the loop, so that blocks of different lengths are written
    if (k % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(sent);
  const versions = size.alone + 1 + size.people * size.together;
  await heard(versions);

  for (const one of clients) await one.endAsync();
  stream.close();
  await topic.end();
  return { uploads: versions + 1, versions, downlinks: told };
}

interface Topic {
  until(count: number): Promise<void>;
  end(): Promise<void>;
}

async function topicOf(gateway: TestGateway, agency: string): Promise<Topic> {
  const token = await gateway.command('token', '--role', 'supervising_officer', '--agency', agency, '--user', 'ann');
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
    clientId: 'ann',
    username: `agency:${agency}`,
    password: token.out.trim(),
    reconnectPeriod: 0,
  });
  let heard = 0;
  let look = (): void => {};
  client.on('message', () => {
    heard += 1;
    look();
  });
  await client.subscribeAsync(`em/v1/alerts/${agency}`, { qos: 1 });
  return {
    until: (count) =>
      new Promise((resolve) => {
        look = () => {
          if (heard >= count) resolve();
        };
        look();
      }),
    end: () => client.endAsync(),
  };
}

/** Told one after the other, so that each has a number of its own. */
async function downlinks(gateway: TestGateway, device: TestDevice, client: MqttClient, count: number): Promise<number> {
  if (count === 0) return 0;
  let heard = 0;
  let look = (): void => {};
  const down = device.topic.replace(/up$/, 'down');
  client.on('message', (topic) => {
    if (topic !== down) return;
    heard += 1;
    look();
  });
  const until = (wanted: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (heard >= wanted) resolve();
      };
      look();
    });
  await client.subscribeAsync(down, { qos: 1 });
  // whoever begins to listen is told the time first
  await until(1);
  const before = heard;
  for (let n = 1; n <= count; n += 1) {
    const answer = await gateway.api('POST', `/v1/devices/${device.deviceId}/notice`, { notice: 'CHARGE_BATTERY' });
    if (answer.status !== 202) throw new Error(JSON.stringify(answer));
    await until(before + n);
  }
  return heard;
}
