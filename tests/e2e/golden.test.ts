// The golden upload by mosquitto's own client, and the alerts that it leads to, on MQTT and on the stream.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EventReader } from '../api/event-reader.js';
import { repository } from '../house/repository.js';
import { TestGateway } from '../support/gateway.js';
import { from, mosquitto, orderFor, subscribe } from '../support/gateway-people.js';

const wire = join(repository, 'fixtures', 'wire');
const read = (name: string) =>
  JSON.parse(readFileSync(join(wire, `${name}.json`), 'utf8')) as Record<string, string> & {
    upload: { records: { time_ms: number }[] };
  };
const HOME_UNIT = read('gold-home-unit');
const tagOf = ({ device_id = '' }: typeof HOME_UNIT) => device_id.replace('HU', 'TAG');
const AT = Date.parse('2026-03-09T20:00:00Z');

async function golden(t: Test, fixture = HOME_UNIT) {
  const gateway = await TestGateway.start(t, { clockStart: '2026-03-09T19:59:50Z' });
  const { device_id, kind, cipher, password, session_key_base64url: session_key } = fixture;
  t.equal((await gateway.api('POST', '/v1/devices', { device_id, kind, cipher, password, session_key })).status, 201);
  const devices = [
    { device_id, kind: 'home_unit', address: 'primary', from: from(AT) },
    { device_id: tagOf(fixture), kind: 'rf_tag', from: from(AT) },
  ];
  t.equal((await gateway.api('PUT', '/v1/orders/ORD-GOLD', orderFor('ORD-GOLD', devices, AT))).status, 201);
  // the order is in force from when it was taken in; the records are of a little later
  t.equal((await gateway.api('POST', '/v1/dev/clock', { to_ms: AT + 6_000 })).status, 200);
  const publish = async () => {
    const auth = ['-i', device_id ?? '', '-u', device_id ?? '', '-P', password ?? ''];
    const pub = mosquitto(gateway, 'mosquitto_pub', [
      ...auth,
      ...['-q', '1', '-t', fixture.topic ?? '', '-f', join(wire, `${fixture.name}.bin`)],
    ]);
    t.equal(await pub.exit, 0, pub.lines.join());
  };
  return { gateway, publish };
}

for (const fixture of [HOME_UNIT, read('gold-home-unit-c20p')]) {
  t.test(
    `${fixture.name}: mains lost and a strap cut reach the agency by MQTT and by the stream, the same events`,
    async (t) => {
      const { gateway, publish } = await golden(t, fixture);
      const token = (
        await gateway.command('token', '--role', 'supervising_officer', '--agency', 'probation-north', '--user', 'ann')
      ).out;
      const agency = await subscribe(t, gateway, 'probation-north', token.trim());
      const stream = await EventReader.open(`${gateway.url}/v1/alerts/stream`, token.trim());
      t.equal(stream.status, 200);
      t.teardown(() => stream.close());
      await publish();
      await stream.until(() => stream.events.length === 2);
      const onMqtt = (await agency.heard(2, /^\{/)).map((line) => JSON.parse(line));
      t.same(
        stream.events.map(({ data }) => data),
        onMqtt,
      );
      t.match(onMqtt, [
        {
          specversion: '1.0',
          type: 'uk.fairwatch.alert.raised',
          subject: 'ORD-GOLD',
          time: '2026-03-09T20:00:00.000Z',
          data: {
            type: 'unit.power_off',
            code: 'AL04',
            device_id: fixture.device_id,
            agency: 'probation-north',
            end: null,
          },
        },
        { time: '2026-03-09T20:00:05.000Z', data: { type: 'tamper.strap', device_id: tagOf(fixture), state: 'open' } },
      ]);
      t.same(
        onMqtt.map(({ data }) => data.records.map(({ hash }: { hash: string }) => hash)),
        (fixture.record_hashes as unknown as string[]).map((hash) => [hash]),
      );
      await publish();
      const listed = await gateway.api('GET', '/v1/alerts');
      t.equal(
        (listed.json.events as unknown[]).length,
        2,
        'sent again byte for byte it is acknowledged, and changes nothing',
      );
      const other = (
        await gateway.command('token', '--role', 'supervising_officer', '--agency', 'probation-south', '--user', 'bob')
      ).out;
      const elsewhere = await gateway.api('GET', '/v1/alerts', undefined, other.trim());
      t.same(elsewhere.json.events, [], 'another agency sees nothing of it');
    },
  );
}
