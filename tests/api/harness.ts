// An API over a real ledger in a temporary folder, with a small engine that settles commands as the gateway's would.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { LmdbAuditLog } from '../../src/adapters/lmdb/lmdb-audit-log.js';
import { LmdbCommandLog } from '../../src/adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../../src/adapters/lmdb/lmdb-device-registry.js';
import { LmdbLedger } from '../../src/adapters/lmdb/lmdb-ledger.js';
import { LmdbRegister } from '../../src/adapters/lmdb/lmdb-register.js';
import { createDevelopmentIssuer } from '../../src/api/access/development-issuer.js';
import { buildApp } from '../../src/api/app.js';
import type { ApiDeps } from '../../src/api/deps.js';
import { openDuties } from '../../src/compose/duties.js';
import { wrapKey } from '../../src/crypto/device-keys.js';
import { TierSeals } from '../../src/crypto/seals.js';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { AuditEvent } from '../../src/domain/audit.js';
import { type AgencyId, parseAgencyId, parseAlertId, parseOrderId, parseSubjectId } from '../../src/domain/ids.js';
import type { Purpose } from '../../src/domain/purpose.js';
import type { Result } from '../../src/domain/result.js';
import type { Role } from '../../src/domain/role.js';
import { RegisterGrants } from '../../src/lawful/grants.js';
import { RecordReview } from '../../src/lawful/review.js';
import type { CommandOutcome } from '../../src/ports/commands.js';
import type { Office } from '../../src/ports/office.js';
import type { LoggedUpload } from '../../src/ports/recent-log.js';
import type { Telemetry } from '../../src/ports/telemetry.js';
import { actRefused } from '../../src/rules/acts.js';
import { decide } from '../../src/rules/decide.js';
import { pictureOf } from '../../src/rules/handling.js';
import { initialState } from '../../src/rules/step.js';
import { ArchiveContent, MemoryArchive } from '../support/memory-archive.js';
import { MemoryQuarantine } from '../support/memory-quarantine.js';
import { MemoryReviewKeys } from '../support/review-keys.js';

export function sure<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.fault);
  return result.value;
}

export const north = sure(parseAgencyId('probation-north'));
export const south = sure(parseAgencyId('probation-south'));
export const centre = sure(parseAgencyId('monitoring-centre'));
export const nowMs = Date.UTC(2026, 2, 9, 19, 0);

export interface Harness {
  readonly app: FastifyInstance;
  readonly ledger: LmdbLedger;
  readonly commands: LmdbCommandLog;
  readonly registry: LmdbDeviceRegistry;
  readonly office: Office;
  readonly keys: MemoryReviewKeys;
  readonly archive: MemoryArchive;
  /** What the recent log holds: uploads of a stream that are not archived. */
  readonly recent: LoggedUpload[];
  /** Every entry of the audit log so far. */
  audit(): AuditEvent[];
  readonly counted: Map<string, number>;
  readonly logged: string[];
  readonly quarantine: MemoryQuarantine;
  /** What the engine answers instead of carrying a command out; null: never settles. */
  refuse: CommandOutcome | null | undefined;
  token(role: Role, agency?: AgencyId, ttlS?: number, user?: string): Promise<string>;
  /** Headers of a person: a token, and what for. */
  as(role: Role, agency: AgencyId, user: string, purpose?: Purpose): Promise<Record<string, string>>;
  alert(
    version: Partial<Omit<AlertVersion, 'alertId' | 'orderId'>> & { alertId: string; orderId?: string | null },
  ): AlertVersion;
  tell(...versions: AlertVersion[]): Promise<void>;
  close(): Promise<void>;
}

/** `production`: the policy as it is without a development issuer. */
export async function harness(
  overrides: Partial<ApiDeps> = {},
  o: { readonly production?: boolean; readonly office?: (office: Office) => Office } = {},
): Promise<Harness> {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-api-'));
  const keys = new MemoryReviewKeys();
  const shared = TierSeals.fromKey(randomBytes(32), 1);
  // real order keys where a row is an order's, one key for the rest
  const seals = Object.assign(shared, { shared, orders: keys });
  const kek = randomBytes(32);
  const ledger = await LmdbLedger.open(join(folder, 'ledger'), seals);
  await ledger.claim(1);
  const commands = LmdbCommandLog.open(join(folder, 'commands'), seals);
  const registry = LmdbDeviceRegistry.open(join(folder, 'devices'), seals);
  const issuer = createDevelopmentIssuer(folder);
  const register = LmdbRegister.open(join(folder, 'register'), keys);
  const certificateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey: signingKey } = certificateKey;
  const clock = overrides.clock ?? { nowMs: () => nowMs };
  const log = LmdbAuditLog.open({ folder: join(folder, 'audit'), keys, signingKey, clock });
  const archive = new MemoryArchive(new ArchiveContent());
  const recent: LoggedUpload[] = [];
  const grants = new RegisterGrants({ ledger, register, holdStands: () => false });
  const evidence = new RecordReview({
    ledger,
    archive,
    recent: {
      since: (stream, position, max) =>
        recent.filter((one) => one.entry.stream === stream && one.position > position).slice(0, max),
    },
    keys,
  });
  const counted = new Map<string, number>();
  const logged: string[] = [];
  const telemetry: Telemetry = {
    count(metric, labels, by = 1) {
      const key = `${metric}${labels === undefined ? '' : JSON.stringify(labels)}`;
      counted.set(key, (counted.get(key) ?? 0) + by);
    },
    observe() {},
    gauge() {},
    log: (level, code, fields) => void logged.push(`${level} ${code} ${JSON.stringify(fields ?? {})}`),
  };
  const duties = openDuties({
    clock,
    telemetry,
    audit: log,
    register,
    keys,
    ledger,
    grants,
    evidence,
    commands,
    certificateKey,
    removeRows: async (orderId) => {
      const place = await commands.append({ kind: 'erase_order', orderId, by: 'gateway' }, clock.nowMs());
      return (await commands.awaitOutcome(place, 5_000)) !== null;
    },
    countSegments: () => 0,
    incidentBookmark: { read: async () => 0, write: async () => undefined },
    retentionMonths: 72,
    controller: 'The Ministry of Justice',
    processor: 'The monitoring centre',
    contact: 'write to the monitoring centre',
  });
  const office: Office = { audit: log, register, keys, grants, evidence, duties };
  const quarantine = new MemoryQuarantine(new Map());
  const app = buildApp({
    clock,
    office: o.office?.(office) ?? office,
    ledger,
    commands,
    registry,
    deviceKeys: { wrap: (key, kid) => wrapKey(kek, key, kid) },
    quarantine,
    tokens: o.production === true ? { ...issuer.verifier, development: false } : issuer.verifier,
    telemetry,
    metrics: { contentType: 'text/plain', metrics: async () => 'up 1\n' },
    ready: () => ({ ready: true, reasons: [], degraded: [] }),
    monitoringAgency: centre,
    source: 'urn:fairwatch:test',
    ...overrides,
  });

  let position = 0;
  let following = Promise.resolve();
  const stopFollowing = commands.onAppend(() => {
    following = following.then(follow);
  });
  async function follow(): Promise<void> {
    for (const { place, command, receivedMs } of commands.after(commands.done())) {
      if (made.refuse === null) return;
      if (made.refuse !== undefined) {
        await commands.settle(place, made.refuse);
        continue;
      }
      const batch = { epoch: 1, orders: [], zones: [], versions: [] };
      position += 1;
      let created = false;
      if (command.kind === 'put_order') {
        created = ledger.orderRevisions(command.order.orderId).length === 0;
        const effectiveMs = command.order.effectiveMs ?? receivedMs;
        await ledger.commit({ ...batch, orders: [{ position, order: command.order, receivedMs, effectiveMs }] });
      } else if (command.kind === 'handle_alert') {
        const versions = ledger.alert(command.alertId).map(({ version }) => version);
        const { act, seenVersion } = command;
        const seen = versions.find(({ version }) => version === seenVersion);
        const newest = versions.at(-1);
        if (newest === undefined || seen === undefined || actRefused(versions, seenVersion, act) !== null) {
          await commands.settle(place, { ok: false, code: 'conflict', problems: [] });
          continue;
        }
        const decided = decide({
          editions: [],
          state: initialState(),
          act: 'kind' in act ? { ...act, seen: pictureOf(seen) } : act,
          alert: newest,
          atMs: receivedMs,
          metaOf: () => newest,
          newAlertId: () => newest.alertId,
        });
        await ledger.commit({ ...batch, versions: decided.versions });
        created = true;
      } else if (command.kind === 'put_zone' || command.kind === 'delete_zone') {
        const zoneId = command.kind === 'put_zone' ? command.zone.zoneId : command.zoneId;
        created = ledger.zone(zoneId) === null;
        const zone = command.kind === 'put_zone' ? command.zone : null;
        await ledger.commit({ ...batch, zones: [{ position, zoneId, zone, receivedMs }] });
      }
      await commands.settle(place, { ok: true, created });
    }
  }

  const made: Harness = {
    app,
    ledger,
    commands,
    registry,
    counted,
    logged,
    quarantine,
    refuse: undefined,
    office,
    keys,
    archive,
    recent,
    audit: () => log.read(0, 1_000_000).map(({ event }) => event),
    token: (role, agency = centre, ttlS = 600, user = 'tester') => issuer.sign({ role, agency, user }, ttlS),
    as: async (role, agency, user, purpose) => ({
      authorization: `Bearer ${await issuer.sign({ role, agency, user }, 600)}`,
      ...(purpose === undefined ? {} : { 'fairwatch-purpose': purpose }),
    }),
    alert: ({ alertId, orderId, ...rest }) => ({
      alertId: sure(parseAlertId(alertId)),
      version: 1,
      state: 'open',
      kind: 'violation',
      type: 'curfew',
      orderId: orderId === null ? null : sure(parseOrderId(orderId ?? 'ORD-1')),
      subjectId: orderId === null ? null : sure(parseSubjectId('SUB-1')),
      agency: orderId === null ? null : north,
      conditionId: null,
      deviceId: null,
      eventMs: nowMs,
      startMs: nowMs,
      endMs: null,
      endedBy: null,
      codes: ['AL10'],
      confidence: null,
      marginM: null,
      mechanism: null,
      count: 1,
      cause: 'timer',
      records: [],
      derivedMs: nowMs,
      policyRevision: 1,
      rulesVersion: 1,
      ...rest,
    }),
    async tell(...versions) {
      for (const { orderId } of versions) if (orderId !== null) await keys.make(orderId);
      await ledger.commit({ epoch: 1, orders: [], zones: [], versions });
    },
    async close() {
      await app.close();
      stopFollowing();
      await following;
      await commands.close();
      await register.close();
      await log.close();
      await registry.close();
      await ledger.close();
      rmSync(folder, { recursive: true });
    },
  };
  return made;
}

/** An order of the contract's example kind, small. */
export function orderJson(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    order_id: 'ORD-1',
    subject_id: 'SUB-1',
    revision: 1,
    type: 'COMMUNITY',
    curfew_only: false,
    hdc: false,
    under_18: false,
    restricted: false,
    supervisor: 'probation-north',
    time_zone: 'Europe/London',
    start: '2026-03-01T00:00:00Z',
    end: '2026-09-01T00:00:00Z',
    devices: [
      { device_id: 'HU-1', kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' },
      { device_id: 'TAG-1', kind: 'tag', from: '2026-03-01T09:00:00Z' },
    ],
    addresses: { primary: { position: [-1.54, 53.81] } },
    conditions: [
      {
        condition_id: 'C1',
        kind: 'curfew',
        tolerance_s: 300,
        timetable: [{ days: ['MONDAY'], start: '19:00', end: '07:00', addresses: ['primary'] }],
      },
    ],
    ...over,
  };
}

export const zoneJson = (id: string, east = -1.53) => ({
  type: 'Feature',
  id,
  properties: {},
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [-1.55, 53.79],
        [east, 53.79],
        [east, 53.8],
        [-1.55, 53.8],
        [-1.55, 53.79],
      ],
    ],
  },
});
