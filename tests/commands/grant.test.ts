// `fairwatch grant` and `fairwatch review` against a running gateway: from a device's upload to what an officer may see of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from '../house/repository.js';
import { TestGateway } from '../support/gateway.js';
import { from, mosquitto, orderFor } from '../support/gateway-people.js';

const AT = Date.parse('2026-03-09T20:00:00Z');
const wire = join(repository, 'fixtures', 'wire');

t.test('an upload of a minute ago is read under a grant for the sake of a life, and under no other name', async (t) => {
  const gateway = await TestGateway.start(t, { clockStart: '2026-03-09T19:59:50Z' });
  const gold = JSON.parse(readFileSync(join(wire, 'gold-home-unit.json'), 'utf8')) as Record<string, string>;
  const { device_id = '', kind, cipher, password = '', session_key_base64url: session_key, topic = '' } = gold;
  await gateway.api('POST', '/v1/devices', { device_id, kind, cipher, password, session_key });
  const devices = [
    { device_id, kind: 'home_unit', address: 'primary', from: from(AT) },
    { device_id: device_id.replace('HU', 'TAG'), kind: 'rf_tag', from: from(AT) },
  ];
  t.equal((await gateway.api('PUT', '/v1/orders/ORD-GOLD', orderFor('ORD-GOLD', devices, AT))).status, 201);
  await gateway.api('POST', '/v1/dev/clock', { to_ms: AT + 6_000 });
  const sent = mosquitto(gateway, 'mosquitto_pub', [
    ...['-i', device_id, '-u', device_id, '-P', password, '-q', '1', '-t', topic],
    ...['-f', join(wire, 'gold-home-unit.bin')],
  ]);
  t.equal(await sent.exit, 0);

  const as = async (user: string, role: string, ...args: string[]) => {
    const agency = role === 'monitoring_officer' ? 'monitoring-centre' : 'probation-north';
    const token = await gateway.command('token', '--role', role, '--agency', agency, '--user', user);
    const file = join(gateway.folder, `${user}.token`);
    writeFileSync(file, token.out);
    return gateway.command(...args, '--api', gateway.url, '--token-file', file);
  };
  const order = (await gateway.api('GET', '/v1/orders/ORD-GOLD')).json as { subject_id: string };
  const asked = await as(
    'ann',
    'supervising_officer',
    ...['grant', 'request', order.subject_id, '--trigger', 'safeguarding_life', '--purpose', 'safeguarding'],
    ...['--legal-basis', 'said to be in danger', '--beyond-curfew', '--json'],
  );
  t.equal(asked.code, 0, asked.err);
  const grant = JSON.parse(asked.out) as { grant_id: string; state: string };
  t.equal(grant.state, 'open');

  const review = (user: string, ...args: string[]) =>
    as(user, 'supervising_officer', 'review', grant.grant_id, '--purpose', 'safeguarding', ...args);
  const records = await review('ann', '--records');
  t.equal(records.code, 0, records.err);
  const bodies = records.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.ok(
    bodies.some(({ unit }) => JSON.stringify(unit ?? null).includes('MAINS_LOST')),
    records.out,
  );
  t.ok(
    bodies.some(({ rf }) => rf !== undefined),
    'radio outside curfew hours, which was asked for',
  );
  t.match(JSON.parse((await review('ann')).out), { type: 'FeatureCollection', features: [] }, 'no position was sent');

  const eve = await review('eve', '--records');
  t.equal(eve.code, 1);
  t.match(eve.err, /names others as its readers/);
  t.equal(eve.out, '');
  t.equal((await as('ann', 'supervising_officer', 'review', grant.grant_id)).code, 2, 'without a purpose');

  const own = await as('ann', 'supervising_officer', 'grant', 'review', grant.grant_id, '--note', 'was right');
  t.match(own, { code: 1, err: /another person must/ });
  const second = await as('ben', 'monitoring_officer', 'grant', 'review', grant.grant_id, '--note', 'was right');
  t.equal(second.code, 0, second.err);
  t.match((await as('ben', 'monitoring_officer', 'grant', 'list')).out, /safeguarding_life\topen/);
  const ended = await as('ben', 'monitoring_officer', 'grant', 'revoke', grant.grant_id, '--reason', 'found');
  t.match(ended, { code: 0, out: /is revoked/ });
  t.match(await review('ann', '--records'), { code: 1, err: /The grant is revoked/ });
  t.match((await as('ben', 'monitoring_officer', 'grant', 'show', grant.grant_id)).out, /revoke_reason\tfound/);
});
