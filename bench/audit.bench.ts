/** bench/audit: what it costs that a look is on record before it happens, and how fast a large log opens and is checked. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditKeys, LmdbAuditLog } from '../src/adapters/lmdb/lmdb-audit-log.js';
import { LmdbAuditRows } from '../src/adapters/lmdb/lmdb-audit-log-reader.js';
import { TierSeals } from '../src/crypto/seals.js';
import { HeadSigner } from '../src/crypto/signed-head.js';
import type { AuditEvent } from '../src/domain/audit.js';
import { type OrderId, parseAgencyId, parseOrderId, parseSubjectId } from '../src/domain/ids.js';
import type { Result } from '../src/domain/result.js';
import { verifyAuditLog } from '../src/lawful/audit-verify.js';
import { type Context, type Measured, main } from './lib/main.js';
import type { Row } from './lib/result.js';

const AT_ONCE = [1, 16, 256] as const;
const agency = sure(parseAgencyId('probation-north'));
const orders = Array.from({ length: 1_000 }, (_, n) => sure(parseOrderId(`ORD-${n}`)));

await main({
  bench: 'audit',
  about:
    'The audit log in LMDB, disk included: entries a second by callers that each wait for their answer, which comes when ' +
    'entry and signed head are synced. Then a large log is opened, proves an entry, and is checked whole from its bytes.',
  aim: 'start-up with 1,000,000 entries in a second or two; ≥ 8,000 entries/s of 256 callers (4,000 requests/s, each logged twice)',
  labelTitle: 'what',
  columns: [
    { key: 'entries', title: 'entries' },
    { key: 'heads', title: 'signed heads' },
    { key: 'perSecond', title: 'entries/s', better: 'more' },
    { key: 'cpuUs', title: 'CPU µs/entry', digits: 1, better: 'less' },
    { key: 'ms', title: 'ms', digits: 1, better: 'less' },
  ],
  options: {
    seconds: { type: 'string', value: 'N', help: 'so long for each number of callers (default: 5)' },
    entries: { type: 'string', value: 'N', help: 'entries of the large log (default: 1000000)' },
  },
  run: async (context) => {
    const rows: Row[] = [];
    for (const callers of AT_ONCE) rows.push(await appending(context, callers));
    rows.push(...(await large(context)));
    return {
      rows,
      notes: [
        'CPU time is the whole process’s: LMDB’s writing thread is in it. The disk’s sync sets the pace of few callers.',
        'The check works out every leaf, node and root anew, and verifies every signature; the large log has a head each 1,024 entries.',
      ],
    } satisfies Measured;
  },
});

interface Open {
  readonly log: LmdbAuditLog;
  readonly folder: string;
  readonly keys: AuditKeys;
  readonly signingKey: KeyObject;
}

async function fresh(): Promise<Open> {
  const folder = await mkdtemp(join(tmpdir(), 'fairwatch-bench-audit-'));
  const { privateKey: signingKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = benchKeys();
  return { log: open(folder, keys, signingKey), folder, keys, signingKey };
}

function open(folder: string, keys: AuditKeys, signingKey: KeyObject): LmdbAuditLog {
  return LmdbAuditLog.open({ folder, keys, signingKey, clock: { nowMs: () => Date.now() } });
}

async function appending(context: Context, callers: number): Promise<Row> {
  const { log, folder } = await fresh();
  const untilMs = performance.now() + 1_000 * (context.smallest ? 0.2 : context.number('seconds', 5));
  const startMs = performance.now();
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let n = 0; performance.now() < untilMs; n++) await log.append(event(n * callers + caller));
    }),
  );
  const { user, system } = process.cpuUsage(before);
  const wallMs = performance.now() - startMs;
  const entries = log.size;
  const heads = log.heads(entries).length;
  await log.close();
  await rm(folder, { recursive: true });
  const perSecond = (1_000 * entries) / wallMs;
  context.say(`audit: ${callers} callers, ${Math.round(perSecond)} entries/s`);
  return {
    label: `append, ${callers} at once`,
    cells: { entries, heads, perSecond, cpuUs: (user + system) / entries, ms: null },
  };
}

async function large(context: Context): Promise<Row[]> {
  const { log, folder, keys, signingKey } = await fresh();
  const entries = context.number('entries', context.smallest ? 5_000 : 1_000_000);
  for (let n = 0; n < entries; ) {
    const together = Math.min(8_192, entries - n);
    await Promise.all(Array.from({ length: together }, () => log.append(event(n++))));
  }
  const heads = log.heads(entries).length;
  await log.close();

  const timed = async <T>(work: () => T | Promise<T>): Promise<{ value: T; ms: number }> => {
    const startMs = performance.now();
    const value = await work();
    return { value, ms: performance.now() - startMs };
  };
  const opened = await timed(() => open(folder, keys, signingKey));
  const proof = await timed(() => opened.value.inclusion(Math.floor(entries / 3), entries));
  if (proof.value === null) throw new Error('no proof');
  await opened.value.close();
  const rows = LmdbAuditRows.open(folder);
  const checked = await timed(() => verifyAuditLog(rows, [new HeadSigner(signingKey).verificationKey], null));
  if (checked.value.count !== 0 || checked.value.signed !== entries) throw new Error('the log does not stand');
  await rows.close();
  await rm(folder, { recursive: true });
  context.say(
    `audit: ${entries} entries opened in ${opened.ms.toFixed(1)} ms, checked in ${Math.round(checked.ms)} ms`,
  );
  const row = (label: string, ms: number, perSecond: number | null): Row => ({
    label,
    cells: { entries, heads, perSecond, cpuUs: null, ms },
  });
  return [
    row('open', opened.ms, null),
    row('prove an entry', proof.ms, null),
    row('check whole', checked.ms, (1_000 * entries) / checked.ms),
  ];
}

/** Of one of a thousand orders, as a read over the API is logged. */
function event(n: number): AuditEvent {
  return {
    atMs: 1_772_478_000_000 + n,
    actor: { kind: 'person', user: `officer-${n % 50}`, role: 'supervising_officer', agency },
    action: 'subjects.read',
    category: 'consultation',
    phase: n % 2 === 0 ? 'attempt' : 'allowed',
    attempt: n % 2 === 0 ? null : n - 1,
    purpose: 'compliance_monitoring',
    reason: null,
    orderId: orders[n % orders.length] as OrderId,
    subjectId: sure(parseSubjectId(`SUB-${n % 1_000}`)),
    detail: { subject_id: `SUB-${n % 1_000}` },
  };
}

function benchKeys(): AuditKeys {
  const office = TierSeals.fromKey(randomBytes(32), 1);
  const own = new Map(orders.map((id) => [office.pseudonym(id), TierSeals.fromKey(randomBytes(32), 1)]));
  const nameOf = (id: OrderId) => office.pseudonym(id);
  const auditSealsNamed = (name: string) => own.get(name) ?? null;
  return { office, nameOf, auditSealsNamed };
}

function sure<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.fault);
  return result.value;
}
