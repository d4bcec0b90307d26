/**
 * One person's data from the tag to its destruction: a violation, a lawful look at what stands around it, the log of who
 * looked, the person's own copy, and six years after the order's end nothing that anybody can open.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRecord } from '../../src/codec/record.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import { CanaryHunt } from '../canaries/hunt.js';
import { type Opened, openEverything } from '../opener/program.js';
import { type Teardown, TestGateway } from '../support/gateway.js';
import { enrol } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';
import { Somebody } from './people.js';
import { HOUR_MS, MINUTE_MS, START_MS, VISIT, walk } from './walk.js';

export interface Check {
  readonly what: string;
  readonly good: boolean;
}

type Say = (line: string) => void;

const ORDER = 'ORD-STORY';
const SUBJECT = 'SUB-STORY';
const END_MS = START_MS + 72 * HOUR_MS;
const YEARS_LATER_MS = Date.parse('2032-03-20T06:00:00Z');

export async function tellStory(t: Teardown, say: Say): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const sees = (what: string, good: boolean): void => {
    checks.push({ what, good });
    say(`  ${good ? '✓' : '✗'} ${what}`);
  };
  const gateway = await TestGateway.start(t, { clockStart: new Date(START_MS).toISOString() });
  const moveTo = async (toMs: number): Promise<void> => {
    const { status, json } = await gateway.api('POST', '/v1/dev/clock', { to_ms: toMs });
    if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(json)}`);
  };
  const ann = await Somebody.with(gateway, 'ann', 'supervising_officer', 'probation-north');
  const ben = await Somebody.with(gateway, 'ben', 'monitoring_officer', 'monitoring-centre');
  const cal = await Somebody.with(gateway, 'cal', 'data_controller', 'monitoring-centre');
  const dot = await Somebody.with(gateway, 'dot', 'auditor', 'monitoring-centre');

  say('A person wears a tag and is not to enter a zone. They walk into it for ten minutes.');
  const fixes = walk();
  await begin(gateway, fixes);
  await moveTo(START_MS + 8 * HOUR_MS);
  const list = await ann.asks('GET', '/v1/alerts?type=exclusion');
  const alert = (list.json.events as { data: { alert_id: string; start: string; end: string } }[])[0]?.data;
  sees('their supervising agency is told of an exclusion violation, with no position in it', alert !== undefined);
  if (alert === undefined) return checks;
  sees('nothing that is told says where they were', positionsIn(list.text, fixes) === 0);

  say('Ann, who supervises them, wants to see where they were.');
  const refused = await ann.asks('GET', `/v1/grants/trail.${ORDER}/fixes`, { purpose: 'compliance_monitoring' });
  sees(`she is refused: ${refused.status} ${refused.json.code}`, refused.status === 403 || refused.status === 404);
  const asked = await ann.asks('POST', '/v1/grants', {
    purpose: 'compliance_monitoring',
    body: {
      trigger: 'standing_alert',
      subject_id: SUBJECT,
      alert_id: alert.alert_id,
      legal_basis: 'licence condition 5(ii): the entry is to be verified before enforcement is considered',
    },
  });
  sees('she asks for a grant that names the alert', asked.status === 201);
  const grantPath = `/v1/grants/${asked.json.grant_id}`;
  const tooSoon = await ann.asks('GET', `${grantPath}/fixes`, { purpose: 'compliance_monitoring' });
  sees(
    `until somebody approves it opens nothing: ${tooSoon.status} ${tooSoon.json.code}`,
    tooSoon.status === 403 || tooSoon.status === 409,
  );
  const herself = await ann.asks('POST', `${grantPath}/approve`, { purpose: 'compliance_monitoring' });
  sees('she cannot approve it herself', herself.status >= 400);
  const approved = await ben.asks('POST', `${grantPath}/approve`, { purpose: 'compliance_monitoring' });
  sees('Ben approves it', approved.status === 200 && approved.json.state === 'open');
  const read = await ann.asks('GET', `${grantPath}/fixes`, {
    purpose: 'compliance_monitoring',
    accept: 'application/x-ndjson',
  });
  const window = { fromMs: Date.parse(alert.start) - 30 * MINUTE_MS, toMs: Date.parse(alert.end) + 30 * MINUTE_MS };
  const due = fixes.filter(({ timeMs }) => timeMs >= window.fromMs && timeMs < window.toMs);
  const lines = read.text.split('\n').filter((line) => line !== '');
  sees(
    `she reads the ${due.length} fixes of half an hour before to half an hour after, of ${fixes.length} that there are`,
    read.status === 200 && lines.length === due.length && positionsIn(read.text, due) === due.length,
  );
  const other = await ann.asks('GET', `${grantPath}/fixes?from=${rfc3339(START_MS)}&to=${rfc3339(window.fromMs)}`, {
    purpose: 'compliance_monitoring',
  });
  sees('what lies outside stays closed to her', other.status >= 400 || positionsIn(other.text, fixes) === 0);

  say('Dot, who audits, reads the log.');
  const log = await wholeLog(dot);
  const order = [
    'grants.request attempt',
    'grants.request allowed',
    'grants.approve allowed',
    'grants.fixes attempt',
    'grants.fixes allowed',
  ];
  sees('request, approval and reading stand in it, attempts before outcomes', inOrder(log.lines, order));
  sees('so does every refusal', log.lines.filter((line) => line.endsWith(' refused')).length >= 2);
  sees('and no position', positionsIn(log.text, fixes) === 0);
  const head = join(gateway.folder, 'head.json');
  const heads = await dot.asks('GET', '/v1/audit/heads');
  writeFileSync(head, JSON.stringify((heads.json.heads as unknown[])[0]));

  say('The person asks what is held on them.');
  const copy = await cal.asks('POST', `/v1/subjects/${SUBJECT}/export`, { purpose: 'subject_access' });
  sees(
    'their copy holds what was recorded of them',
    copy.status === 200 && positionsIn(copy.text, fixes) === fixes.length,
  );
  sees(
    'and says who read it: an officer of the supervising agency',
    /grants\.fixes/.test(copy.text) && /probation-north/.test(copy.text),
  );

  say('The days pass; what was hot becomes cold. A thief copies the data folder, and is given every key there is.');
  for (let atMs = START_MS + 9 * HOUR_MS; atMs <= START_MS + 48 * HOUR_MS; atMs += HOUR_MS) await moveTo(atMs);
  const stolen = join(gateway.folder, 'stolen');
  cpSync(gateway.dataDir, stolen, { recursive: true });
  const before = await thief([vaultOf(gateway)], [stolen], fixes);
  sees(
    `with the keys of that day ${before.secretsAt.length} of ${before.ciphertexts} ciphertexts speak, and ${before.segmentsOpened} archive segments open`,
    before.secretsAt.length > 0 && before.segmentsOpened > 0,
  );

  say('The order ends. Six years pass.');
  for (let atMs = START_MS + 49 * HOUR_MS; atMs <= END_MS + HOUR_MS; atMs += HOUR_MS) await moveTo(atMs);
  await moveTo(YEARS_LATER_MS);
  await cal.asks('POST', '/v1/retention/run', { purpose: 'oversight' });
  const certificates = await cal.asks('GET', '/v1/certificates', { purpose: 'oversight' });
  const certificate = (certificates.json.certificates as { jws: string }[] | undefined)?.[0];
  sees('a certificate of destruction is given', certificate !== undefined);
  const file = join(gateway.folder, 'certificate.json');
  writeFileSync(file, JSON.stringify(certificate ?? {}));
  const verified = await gateway.command('retention', 'verify', file);
  sees('that anybody can verify', verified.code === 0);
  sees(
    'and that names nobody',
    certificate !== undefined && !mentions(Buffer.from(JSON.stringify(certificate) + verified.out)),
  );
  const gone = await ann.asks('GET', `${grantPath}/fixes`, { purpose: 'compliance_monitoring' });
  sees(`nobody reads anything any more: ${gone.status}`, gone.status >= 400);

  say('Seventy-four hours more, and the last hourly key is gone in which somebody spoke of the order.');
  await moveTo(YEARS_LATER_MS + 74 * HOUR_MS);
  say('The thief tries every key that is left on every ciphertext that is left, and on the copy.');
  await gateway.stop();
  const after = await thief([vaultOf(gateway)], [gateway.dataDir, stolen], fixes);
  sees(
    `${after.keys} keys on ${after.ciphertexts} ciphertexts: ${after.secretsAt.length} speak, ${after.segmentsOpened} archive segments open`,
    after.secretsAt.length === 0 && after.segmentsOpened === 0,
  );
  for (const place of after.secretsAt.slice(0, 20)) say(`    ${place}`);
  const audit = await gateway.command('audit', 'verify', '--head', head);
  sees('and the log still verifies, against the head that was witnessed six years ago', audit.code === 0);
  return checks;
}

/** The order, its tag, and the day's fixes over MQTT. */
async function begin(gateway: TestGateway, fixes: readonly Fix[]): Promise<void> {
  const tag = new TestDevice('TAG-STORY');
  await enrol(gateway, tag, 'tag');
  const put = await gateway.api('PUT', `/v1/orders/${ORDER}`, {
    order_id: ORDER,
    subject_id: SUBJECT,
    revision: 1,
    type: 'COMMUNITY',
    curfew_only: false,
    hdc: false,
    under_18: false,
    restricted: false,
    supervisor: 'probation-north',
    time_zone: 'Europe/London',
    start: rfc3339(START_MS),
    end: rfc3339(END_MS),
    devices: [{ device_id: tag.deviceId, kind: 'tag', from: rfc3339(START_MS) }],
    conditions: [{ condition_id: 'C1', kind: 'exclusion_zone', zone: { type: 'Circle', ...VISIT } }],
  });
  if (put.status !== 201) throw new Error(JSON.stringify(put.json));
  await gateway.api('POST', '/v1/dev/clock', { to_ms: START_MS + 7 * HOUR_MS });
  const client = await tag.connect(gateway.mqttPort);
  let sequence = 0n;
  for (let at = 0; at < fixes.length; at += 20) {
    sequence += 1n;
    const records = fixes.slice(at, at + 20).map(recordOf);
    await client.publishAsync(tag.topic, tag.seal({ sequence, records }), { qos: 1 });
  }
  await client.endAsync();
}

type Fix = ReturnType<typeof walk>[number];

const recordOf = ({ timeMs, latE7, lonE7 }: Fix): DeviceRecord =>
  makeRecord(timeMs, {
    kind: 'fix',
    latE7,
    lonE7,
    accuracyDm: 60,
    speedCmS: 130,
    headingCdeg: 0,
    satellites: 11,
    hdopCenti: 90,
    mechanism: 'GNSS',
    altitudeDm: 0,
  });

/** How many of these positions are in a text, in any encoding. */
function positionsIn(text: string, fixes: readonly Fix[]): number {
  const hunt = new CanaryHunt(fixes);
  return new Set(hunt.in(Buffer.from(text), 100_000).map(({ canary }) => canary)).size;
}

async function wholeLog(auditor: Somebody): Promise<{ lines: string[]; text: string }> {
  const { json, text } = await auditor.asks('GET', '/v1/audit?limit=1000');
  const entries = json.entries as { action: string; phase: string }[];
  return { lines: entries.map(({ action, phase }) => `${action} ${phase}`), text };
}

function inOrder(lines: readonly string[], wanted: readonly string[]): boolean {
  let from = -1;
  return wanted.every((line) => {
    from = lines.indexOf(line, from + 1);
    return from >= 0;
  });
}

const mentions = (bytes: Buffer): boolean => bytes.includes(SUBJECT) || bytes.includes(ORDER);
const vaultOf = (gateway: TestGateway): string => `${gateway.dataDir}-vault`;

function thief(keyFolders: readonly string[], dataFolders: readonly string[], fixes: readonly Fix[]): Promise<Opened> {
  const hunt = new CanaryHunt(fixes);
  const isSecret = (plain: Buffer): boolean => mentions(plain) || hunt.in(plain, 1).length > 0;
  return openEverything({ keyFolders, keks: [], dataFolders, isSecret });
}

const rfc3339 = (ms: number): string => new Date(ms).toISOString();
