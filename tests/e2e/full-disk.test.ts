/** A gateway whose disk is really full: it ends in order and says why, loses nothing, and goes on by itself when there is room. */
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import t from 'tap';
import { startChild } from '../support/child.js';
import { TestGateway } from '../support/gateway.js';
import { person, strap } from '../support/gateway-people.js';
import type { TestDevice } from '../support/mqtt-device.js';
import { smallDisk } from '../support/small-disk.js';

const UPLOADS = 120;

/** Keeps an upload until it is acknowledged, and sends it again, byte for byte, after a reconnect. */
async function firmware(device: TestDevice, port: number, startMs: number, acked: { count: number }): Promise<void> {
  let client: MqttClient | null = null;
  let gone: Promise<false> = Promise.resolve(false);
  for (let sequence = 1; sequence <= UPLOADS; ) {
    const records = [strap(sequence - 1, startMs + sequence * 1_000)];
    const payload = device.seal({ sequence: BigInt(sequence), records, oldestHeld: BigInt(sequence) });
    try {
      if (client === null || !client.connected) {
        client = await device.connect(port, { connectTimeout: 2_000 });
        const made: MqttClient = client;
        made.on('error', () => {});
        gone = new Promise((resolve) => made.once('close', () => resolve(false)));
      }
      const taken = client.publishAsync(device.topic, payload, { qos: 1 }).then(() => true);
      if (!(await Promise.race([taken, gone]))) throw new Error('gone');
      sequence += 1;
      acked.count += 1;
    } catch {
      client = null;
      await sleep(50);
    }
  }
  await client?.endAsync(true);
}

t.test('full in the midst of uploads: an orderly end with a clear line, and the same alerts in the end', async (t) => {
  const disk = smallDisk(24_576, (why) => t.comment(why));
  if (disk === null) return;
  const gateway = await TestGateway.prepare(t);
  t.teardown(() => disk.unmount());
  mkdirSync(`${disk.path}/data`);
  symlinkSync(`${disk.path}/data`, gateway.dataDir);
  await gateway.start();
  const startMs = Date.now() - UPLOADS * 1_000;
  const people = [await person(gateway, 1, startMs), await person(gateway, 2, startMs)];
  const acked = { count: 0 };
  const sending = Promise.all(people.map((device) => firmware(device, gateway.mqttPort, startMs, acked)));
  while (acked.count < 20) await sleep(10);
  disk.fill();
  const ended = await gateway.ended();
  t.equal(ended.code, 1, 'a code that a supervisor starts it again for');
  t.match(ended.err, /fairwatch: .* could not be written: .*disk.*full/i, 'what, where, and what to do');
  t.notMatch(ended.err, /unhandled|triggerUncaught|crashed/i);
  t.match(ended.out, /"code":"(fatal|journal_failed)"/);
  t.match(ended.out, /"code":"stopped"}\n$/, 'it stopped in order');
  const ackedThen = acked.count;

  const refused = await gateway.failToStart();
  t.equal(refused.code, 1, refused.out + refused.err);
  t.match(refused.err, /could not be written: the disk is full \(ENOSPC\)/);

  disk.makeRoom();
  await gateway.start();
  await sending;
  t.ok(ackedThen < 2 * UPLOADS, 'it was full in their midst');
  const versions = async (): Promise<number> => {
    const { json } = await gateway.api('GET', '/v1/alerts?limit=500');
    const events = json.events as { data: { version: number; type: string } }[];
    return events.filter(({ data }) => data.type === 'tamper.strap').reduce((sum, { data }) => sum + data.version, 0);
  };
  for (let n = 0; n < 100 && (await versions()) !== 2 * UPLOADS; n++) await sleep(50);
  t.equal(await versions(), 2 * UPLOADS, 'every upload told of once');
  t.equal((await gateway.stop()).code, 0);
});

t.test('an engine that cannot commit is not ready, says so, and goes on when it can', async (t) => {
  const gateway = await TestGateway.start(t, { env: { STALL_S: '1' } });
  const tag = await person(gateway, 1, Date.now());
  const readiness = async () => {
    const { status, json } = await gateway.api('GET', '/readyz');
    return { status, ...json };
  };
  t.match(await readiness(), { status: 200, reasons: [] });
  const holder = startChild('adapters/children/audit-hold.js', [`${gateway.dataDir}/engine`]);
  t.teardown(() => holder.kill());
  await holder.line(/^held/);
  const client = await tag.connect(gateway.mqttPort);
  await client.publishAsync(tag.topic, tag.seal({ sequence: 1n, records: [strap(0, Date.now())] }), { qos: 1 });
  for (let n = 0; n < 200 && (await readiness()).status !== 503; n++) await sleep(50);
  t.match(await readiness(), { status: 503, reasons: ['engine_stuck'] });
  t.equal((await fetch(`${gateway.url}/livez`)).status, 200, 'the process answers');
  spawn('touch', [`${gateway.dataDir}/engine/release`]);
  await holder.ended;
  for (let n = 0; n < 200 && (await readiness()).status !== 200; n++) await sleep(50);
  t.match(await readiness(), { status: 200, reasons: [] });
  await client.endAsync(true);
  const { out, code } = await gateway.stop();
  t.equal(code, 0);
  t.match(out, /"code":"pipeline_stalled".*"code":"pipeline_recovered"/s);
});
