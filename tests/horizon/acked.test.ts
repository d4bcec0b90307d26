// Days of a real gateway on a stepped clock: its journal is trimmed, hours are forgotten, it is killed now and then, and
// whatever it has acknowledged is found all the same.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { makeRecord } from '../../src/codec/record.js';
import type { DeviceId } from '../../src/domain/ids.js';
import { TestGateway } from '../support/gateway.js';
import { enrol, orderFor } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';

// a child process a check, and each day its hours
t.setTimeout(120_000);
const START_MS = Date.parse('2026-03-09T06:00:00Z');
const HOUR_MS = 3_600_000;
const DAYS = 5;
const fix = (timeMs: number) =>
  makeRecord(timeMs, {
    kind: 'fix',
    latE7: 538_000_000 + (timeMs % 1_000_000),
    lonE7: -15_000_000,
    accuracyDm: 60,
    speedCmS: 100,
    headingCdeg: 0,
    satellites: 9,
    hdopCenti: 100,
    mechanism: 'GNSS',
    altitudeDm: 0,
  });

const stranger = (timeMs: number) =>
  makeRecord(timeMs, { kind: 'rf', tagId: 'TAG-NOBODY' as DeviceId, event: 'PRESENT', rssiDbm: -60, status: null });

t.test(
  'all that was acknowledged in days is found: worn or not, late, too late, twice, and not understood',
  async (t) => {
    const gateway = await TestGateway.start(t, { clockStart: new Date(START_MS).toISOString() });
    const [worn, spare] = [new TestDevice('TAG-WORN'), new TestDevice('TAG-SPARE')];
    await Promise.all([enrol(gateway, worn, 'tag'), enrol(gateway, spare, 'tag')]);
    const devices = [{ device_id: worn.deviceId, kind: 'tag', from: new Date(START_MS - 86_400_000).toISOString() }];
    t.equal((await gateway.api('PUT', '/v1/orders/ORD-1', orderFor('ORD-1', devices, START_MS))).status, 201);

    const acked: string[] = [];
    let sequence = 0n;
    const send = async (device: TestDevice, timesMs: readonly number[], said = fix): Promise<void> => {
      const client = await device.connect(gateway.mqttPort);
      sequence++;
      await client.publishAsync(device.topic, device.seal({ sequence, records: timesMs.map((ms) => said(ms)) }), {
        qos: 1,
      });
      acked.push(JSON.stringify({ device_id: device.deviceId, sequence: String(sequence) }));
      sequence++;
      const forged = { keyId: 1, sequence, ciphertext: Buffer.alloc(64, 3) };
      await client.publishAsync(device.topic, encodeEnvelope(forged), { qos: 1 });
      acked.push(JSON.stringify({ device_id: device.deviceId, sequence: String(sequence) }));
      await client.endAsync();
    };
    const check = async (when: string): Promise<number> => {
      const path = join(gateway.folder, 'acked.ndjson');
      writeFileSync(path, acked.join('\n'));
      const { out, err, code } = await gateway.command('journal', 'check', '--acked', path, '--json');
      const said = JSON.parse(out.split('\n')[0] ?? '') as { missing: number; acked: number; first_position: number };
      t.same([code, said.missing, said.acked], [0, 0, acked.length], `${when}: ${err}`);
      return said.first_position;
    };

    for (let hour = 0; hour < DAYS * 24; hour += 3) {
      const nowMs = START_MS + hour * HOUR_MS;
      const { status, json } = await gateway.api('POST', '/v1/dev/clock', { to_ms: nowMs });
      if (status !== 200) throw new Error(JSON.stringify(json));
      if (hour % 6 === 0) await send(worn, [nowMs - 2_000, nowMs - 1_000]);
      if (hour % 24 === 3) await send(worn, [nowMs - 71 * HOUR_MS, nowMs - 75 * HOUR_MS, nowMs + HOUR_MS]);
      // the same record again under another sequence
      if (hour % 24 === 9) await send(worn, [nowMs - HOUR_MS, nowMs - HOUR_MS]);
      if (hour % 24 === 12) await send(worn, [nowMs - 4 * HOUR_MS]);
      if (hour % 12 === 3) await send(spare, [nowMs - 1_000]);
      // what it sees of a tag that nobody is known to wear (¶19)
      if (hour % 24 === 18) await send(worn, [nowMs - 1_000], stranger);
      if (hour % 42 === 39) {
        await gateway.kill();
        await gateway.start();
      }
      if (hour % 48 === 45) await check(`hour ${hour}`);
    }
    const first = await check('at the end');
    t.ok(first > 60, `the journal begins at ${first}`);
    await gateway.stop();
    await check('while none runs');
  },
);
