/** The tier that may read: HTTP API, audit log, register. It holds the review keys, and no others. */
import { createPublicKey } from 'node:crypto';
import type { DataFolder } from '../adapters/files/data-folder.js';
import { EpochReader } from '../adapters/files/epoch-keys.js';
import { FileBookmark } from '../adapters/files/file-bookmark.js';
import { FolderLock } from '../adapters/files/folder-lock.js';
import { FileReviewKeys } from '../adapters/files/review-keys.js';
import type { ReviewTier } from '../adapters/files/tier-keys.js';
import { LmdbArchiveReader } from '../adapters/lmdb/lmdb-archive-reader.js';
import { LmdbCommandLog } from '../adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../adapters/lmdb/lmdb-device-registry.js';
import { LmdbLedgerReader } from '../adapters/lmdb/lmdb-ledger-reader.js';
import { LmdbQuarantineReader } from '../adapters/lmdb/lmdb-quarantine-reader.js';
import { LmdbRecentLog } from '../adapters/lmdb/lmdb-recent-log.js';
import { LmdbSignIns } from '../adapters/lmdb/lmdb-sign-ins.js';
import type { RowKeys } from '../adapters/lmdb/owned-rows.js';
import { descriptorLimit, socketShares } from '../adapters/system/descriptors.js';
import { systemClock } from '../adapters/system/system-clock.js';
import type { createTelemetry } from '../adapters/system/telemetry.js';
import type { TlsFiles } from '../adapters/tls/tls-files.js';
import type { TokenVerifier } from '../api/access/tokens.js';
import { buildApp } from '../api/app.js';
import { wrapKey } from '../crypto/device-keys.js';
import type { Readiness } from '../domain/health.js';
import { streamOfOrder } from '../domain/ids.js';
import { SignInAudit } from '../lawful/sign-in-audit.js';
import type { SteppedClock } from '../ports/clock.js';
import { type Ingest, sourceOf } from './ingest.js';
import { FAILURES_TOLD } from './ingest-health.js';
import { asTimePasses, everyMinute, triedAgain } from './minutes.js';
import { openOffice } from './office.js';
import { RemotePipeline } from './remote-pipeline.js';
import type { GatewaySettings } from './settings.js';
import type { Step } from './stopping.js';
import { guardHttps } from './tls.js';

export interface ReviewParts {
  readonly settings: GatewaySettings;
  readonly folder: DataFolder;
  readonly tier: ReviewTier;
  readonly tokens: TokenVerifier;
  readonly telemetry: ReturnType<typeof createTelemetry>;
  /** Null: the other tier runs in a process of its own, and its stores are read from there. */
  readonly ingest: Pick<Ingest, 'clock' | 'stepped' | 'ledger' | 'commands' | 'registry' | 'health'> | null;
  /** Null: HTTP, on loopback. */
  readonly https: TlsFiles | null;
  /** Of this process. */
  readonly readiness: () => Readiness;
  readonly onFatal: (error: unknown) => void;
}

/** Settled commands are the proof of nothing that the ledger and the audit log do not have. */
const COMMANDS_MS = 30 * 86_400_000;
/** An hour's key is there an hour ahead: rarely enough would be enough. */
const HOURS_EVERY_MS = 10_000;

/** Waits for the other tier's stores where it runs by itself. Nothing is served before `start`. */
export async function openReview(p: ReviewParts) {
  const { settings: c, folder, tier, telemetry } = p;
  const clock = p.ingest?.clock ?? systemClock;
  const lock = await FolderLock.take(folder.api);

  // Keys.
  const hours = await EpochReader.open(tier, clock.nowMs());
  const keys = new FileReviewKeys(tier);
  const rows = { shared: tier.shared, orders: keys };

  // Stores: the engine's to read, the review service's own to write.
  const own = p.ingest === null;
  const ledger = p.ingest?.ledger ?? (await whenThere(() => madeLedger(folder.engine, rows)));
  const archive = await whenThere(() => LmdbArchiveReader.openReader(folder.archive, tier.shared));
  const recent = LmdbRecentLog.openReadOnly(folder.engine, hours.seals);
  const signIns = await whenThere(() => LmdbSignIns.openReadOnly(folder.signIns, tier.shared));
  const quarantine = LmdbQuarantineReader.open(folder.engine, tier);
  const commands = p.ingest?.commands ?? LmdbCommandLog.open(folder.commands, rows);
  const registry = p.ingest?.registry ?? LmdbDeviceRegistry.open(folder.devices, tier.shared);

  // The office.
  const { dataDir, retentionMonths, controller, processor, contact } = c;
  const { auditSigning } = tier;
  const office = await openOffice({
    dataDir,
    lock,
    clock,
    ...(clock === systemClock ? { steadyMs: () => performance.now() } : {}),
    keys,
    auditSigning,
    ledger,
    archive,
    recent,
    duties: {
      telemetry,
      commands,
      certificateKey: { privateKey: auditSigning, publicKey: createPublicKey(auditSigning) },
      removeRows: async (orderId) => {
        const command = { kind: 'erase_order', orderId, by: 'gateway' } as const;
        const place = await commands.append(command, clock.nowMs());
        if ((await commands.awaitOutcome(place, ERASE_WAIT_MS)) === null) return false;
        await commands.removeOrder(orderId);
        return true;
      },
      countSegments: (orderId) => {
        let count = 0;
        for (const _ of archive.segments(streamOfOrder(orderId), 0, DAYS_ALL)) count++;
        return count;
      },
      retentionMonths,
      controller,
      processor,
      contact,
    },
  });

  const remote = own
    ? new RemotePipeline({
        path: folder.pipelineStatus,
        isHeld: () => FolderLock.isHeld(dataDir, systemClock.nowMs()),
        stallMs: c.stallS * 1_000,
        nowMs: systemClock.nowMs,
        steadyMs: () => performance.now(),
        telemetry,
      })
    : null;
  const minute = async (): Promise<void> => {
    // no store refuses keys: a service that stood still destroys none
    lock.check();
    await hours.refresh(clock.nowMs());
    await commands.expire(clock.nowMs() - COMMANDS_MS);
    await office.duties.sweep();
  };
  const stepped = p.ingest?.stepped ?? null;
  const app = buildApp({
    front: { connectionsMax: socketShares(descriptorLimit()).http },
    ...(p.https === null ? {} : { tls: p.https.serverOptions() }),
    clock,
    ledger,
    commands,
    registry,
    office,
    onRefusedReads: ({ actor, count, sinceMs }) => {
      if (actor.kind !== 'person') return;
      const { user, role, agency } = actor;
      const key = `${keys.office.pseudonym(`${agency} ${role} ${user}`)}-${Math.floor(sinceMs / HOUR_MS)}`;
      const summary = `One person (${role} of ${agency}) was refused ${count} times within an hour.`;
      office.duties.incidents.notice({ cause: 'refused_reads', key, summary }).catch(() => {
        telemetry.log('error', 'incidents.not_opened');
      });
    },
    // sessions are for the tier that takes in: who enrols a device need not read what it says
    deviceKeys: { wrap: (key, kid) => wrapKey(tier.peer.publicKey, key, kid) },
    quarantine,
    tokens: p.tokens,
    telemetry,
    metrics: telemetry.registry,
    ready: () => {
      const here = p.readiness();
      // as it is now: the other process may have come up since the last look
      remote?.look();
      const there = remote?.vitality ?? { reasons: [], degraded: [] };
      const office = minutes.failures >= FAILURES_TOLD ? ['office_failing'] : [];
      const reasons = [...here.reasons, ...there.reasons];
      return { ready: reasons.length === 0, reasons, degraded: [...here.degraded, ...there.degraded, ...office] };
    },
    stalls: p.ingest?.health.stalls ?? remote?.stalls,
    ...(stepped === null ? {} : { steppedClock: thenDo(stepped, minute) }),
    ...(c.trustedProxy === undefined ? {} : { trustedProxies: c.trustedProxy }),
    monitoringAgency: c.monitoringAgency,
    source: sourceOf(ledger.ledgerId),
  });

  const taken = new FileBookmark(folder.signInsBookmark, lock);
  const signInAudit = new SignInAudit({ signIns, audit: office.audit, bookmark: taken });
  const takeOver = everyMinute(() => signInAudit.look(), triedAgain(telemetry, 'sign_ins_not_audited'), 1_000);
  const gate = p.https === null ? null : guardHttps(app.server, p.https, telemetry);

  const refresh = everyMinute(
    async () => {
      lock.check();
      await hours.refresh(clock.nowMs());
    },
    triedAgain(telemetry, 'hours_not_refreshed'),
    HOURS_EVERY_MS,
  );
  const minutes = everyMinute(minute, triedAgain(telemetry, 'minute_failed'));
  // whoever was superseded while it stood still ends at this beat
  const alive = everyMinute(() => lock.beat(), p.onFatal, BEAT_MS);
  return {
    /** Resolves with the port. */
    async start(): Promise<number> {
      remote?.start();
      refresh.start();
      takeOver.start();
      minutes.start();
      alive.start();
      await app.listen({ host: c.httpHost, port: c.httpPort });
      const address = app.server.address();
      return typeof address === 'object' && address !== null ? address.port : c.httpPort;
    },
    /** Requests under way end by themselves; a socket that never asked for anything would hold up the stop for ever. */
    async stop(step: Step): Promise<void> {
      remote?.stop();
      await Promise.all([
        step('hours', 1_000, () => refresh.stop()),
        step('sign-ins', 1_000, () => takeOver.stop()),
        step('office', 1_000, () => minutes.stop()),
        step('lock', 1_000, () => alive.stop()),
      ]);
      gate?.close();
      const patience = setTimeout(() => app.server.closeAllConnections(), HTTP_GRACE_MS);
      await step('requests', HTTP_GRACE_MS + 1_000, () => app.close());
      clearTimeout(patience);
    },
    async close(): Promise<void> {
      await office.close();
      await recent.close();
      await quarantine.close();
      await signIns.close();
      await archive.close();
      if (own) await Promise.all([ledger.close(), commands.close(), registry.close()]);
      await lock.release();
    },
  };
}

/** Hours that pass in a moment pass for the office too. */
function thenDo(stepped: SteppedClock, minute: () => Promise<void>): SteppedClock {
  const passing = asTimePasses(minute);
  return {
    nowMs: () => stepped.nowMs(),
    async advanceTo(toMs) {
      await stepped.advanceTo(toMs);
      await passing(toMs);
    },
  };
}

/** The engine answers within 250 ms; what it does not answer is asked again at the next sweep. */
const ERASE_WAIT_MS = 10_000;
/** Days since 1970, beyond any. */
const DAYS_ALL = 4_000_000;
const HOUR_MS = 3_600_000;
/** As the other tier's lock shows itself. */
const BEAT_MS = 2_000;
const HTTP_GRACE_MS = 2_000;
const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** The engine makes its other stores before the ledger has its name: with that, all are there. */
function madeLedger(folder: string, rows: RowKeys): LmdbLedgerReader {
  const ledger = LmdbLedgerReader.openReader(folder, rows);
  try {
    if (ledger.ledgerId !== '') return ledger;
    throw new Error(`the ledger in ${folder} has no name`);
  } catch (error) {
    void ledger.close();
    throw error;
  }
}

/** Both processes may be started at once; what the engine has not made within half a minute it does not make. */
async function whenThere<T>(open: () => T): Promise<T> {
  for (const untilMs = Date.now() + WAIT_MS; ; ) {
    try {
      return open();
    } catch (error) {
      if (Date.now() >= untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}
