/** The tier that takes in and judges: MQTT endpoint, journal, engine, agencies' topics. It holds the ingest keys, and no others. */
import type { DataFolder } from '../adapters/files/data-folder.js';
import { EpochKeys } from '../adapters/files/epoch-keys.js';
import { FileBookmark } from '../adapters/files/file-bookmark.js';
import { FileJournal } from '../adapters/files/file-journal.js';
import type { FolderLock } from '../adapters/files/folder-lock.js';
import { clearRestoredMark, restoredMark } from '../adapters/files/restore.js';
import type { TierKeys } from '../adapters/files/tier-keys.js';
import { openThreadedStores } from '../adapters/lmdb/engine-stores.js';
import { LmdbArchive } from '../adapters/lmdb/lmdb-archive.js';
import { LmdbCommandLog } from '../adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../adapters/lmdb/lmdb-device-registry.js';
import { LmdbDownlinks } from '../adapters/lmdb/lmdb-downlinks.js';
import { LmdbSignIns } from '../adapters/lmdb/lmdb-sign-ins.js';
import { RedisSubjectStates } from '../adapters/redis/redis-states.js';
import { systemClock } from '../adapters/system/system-clock.js';
import type { TlsFiles } from '../adapters/tls/tls-files.js';
import { type TokenVerifier, verifyAgencyToken } from '../api/access/tokens.js';
import { AlertTopics } from '../api/alert-topics.js';
import { OrderIndex } from '../api/order-index.js';
import { unwrapKey, wrapKey } from '../crypto/device-keys.js';
import { isOverdue } from '../crypto/epoch-seals.js';
import { OneReader } from '../crypto/one-reader.js';
import { streamOfOrder } from '../domain/ids.js';
import { EngineSteppedClock } from '../engine/clock-step.js';
import { Compactor } from '../engine/compactor.js';
import { StateRenewal, sliceOfRound } from '../engine/state-renewal.js';
import { Escalation } from '../lawful/escalation.js';
import type { Clock } from '../ports/clock.js';
import type { SubjectStates } from '../ports/subject-states.js';
import type { Telemetry } from '../ports/telemetry.js';
import { readAgencyKeys } from './agency-keys.js';
import { asOwner } from './as-owner.js';
import { chooseDoor } from './door.js';
import { forgettingLog } from './forgetting.js';
import { openIngestHealth } from './ingest-health.js';
import { asTimePasses, everyMinute, triedAgain } from './minutes.js';
import { keysAhead, openOrderKeys, sayKeyless } from './order-keys.js';
import { openPipeline } from './pipeline.js';
import type { GatewaySettings } from './settings.js';
import type { Step } from './stopping.js';
import { WatchedJournal } from './watched-journal.js';

export interface IngestParts {
  readonly settings: GatewaySettings;
  readonly folder: DataFolder;
  readonly tier: TierKeys;
  readonly lock: FolderLock;
  readonly tokens: TokenVerifier;
  readonly telemetry: Telemetry;
  /** Null: no certificate, no TLS. */
  readonly tls: TlsFiles | null;
  readonly onFatal: (error: unknown) => void;
}

/** What was acknowledged and not understood is kept for a person to look at, but not for ever. */
const QUARANTINE_MS = 30 * 86_400_000;
/** The review tier takes sign-ins over into the audit log within a second of its being up. */
const SIGN_INS_MS = 30 * 86_400_000;
/** How often the due times are looked at: what a timer-driven alert may be late by. */
const TICK_EVERY_MS = 20;

export type Ingest = Awaited<ReturnType<typeof openIngest>>;

/** Opens and recovers; nothing is taken in before `start`. */
export async function openIngest(p: IngestParts) {
  const { settings: c, folder, tier, telemetry, onFatal } = p;
  const { epoch } = p.lock;

  // Keys. Hours that are overdue open what was not judged or re-sealed before a long stop; they go before the doors open.
  let clock: Clock = systemClock;
  const hours = await EpochKeys.open(tier, () => clock.nowMs());
  await hours.ensure(c.clockStart ?? systemClock.nowMs());
  const { ring: orderKeys, rows } = await openOrderKeys(tier, telemetry);
  const poison = new OneReader(tier.peer.publicKey);

  // Stores.
  const seals = hours.seals;
  const journal = new WatchedJournal(await FileJournal.open({ folder: folder.journal, seals, epoch, telemetry }));
  const stores = await openThreadedStores(folder.engine, { ...rows, hot: seals, reader: poison }, onFatal);
  const { ledger, quarantine, recentLog } = stores;
  sayKeyless(ledger.orderNames(), orderKeys, telemetry);
  const archive = LmdbArchive.open(folder.archive, tier.shared);
  await archive.claim(epoch);
  const commands = LmdbCommandLog.open(folder.commands, rows);
  const registry = LmdbDeviceRegistry.open(folder.devices, tier.shared);
  const downlinks = LmdbDownlinks.open(folder.downlinks, tier.shared);
  const signIns = LmdbSignIns.open(folder.signIns, tier.shared);
  for (const store of [commands, registry, downlinks, signIns]) await store.claim(epoch);
  if ((await restoredMark(c.dataDir)) !== null) {
    await downlinks.rotateBeforeDownlink(systemClock.nowMs());
    await clearRestoredMark(c.dataDir);
    telemetry.log('warn', 'restored_devices_get_new_keys_first');
  }
  const elsewhere = { partition: ledger.ledgerId, seals, sealer: stores.writer, telemetry };
  const hot: SubjectStates =
    c.redisUrl === undefined ? stores.states : await RedisSubjectStates.open({ url: c.redisUrl, ...elsewhere });

  // The way of a record.
  const door = await chooseDoor(c, ledger.ledgerId, telemetry, p.tls);
  const nowMs = (): number => clock.nowMs();
  const pipeline = await openPipeline({
    epoch,
    journal,
    ledger,
    quarantine,
    recentLog: forgettingLog(recentLog, nowMs),
    hot,
    checkpoints: hot === stores.states ? null : stores.states,
    forgetsBy: nowMs,
    commands,
    registry,
    clock: (aliveMs) => {
      clock =
        c.clock === 'stepped' ? new EngineSteppedClock(aliveMs ?? c.clockStart ?? systemClock.nowMs()) : systemClock;
      return clock;
    },
    policy: c.policy,
    reconnectGraceMs: c.reconnectGraceS * 1000,
    endpoint: door.endpoint,
    verifyAgencyToken: (token) => verifyAgencyToken(p.tokens, token),
    certificatesRequired: c.deviceCertificates === 'required',
    noteSignIn: (signIn) => signIns.note(signIn),
    steadyMs: () => performance.now(),
    unwrap: (jwe) => unwrapKey(tier.opener, jwe),
    down: {
      store: downlinks,
      wrap: (key, kid) => wrapKey(tier.opener.kek, key, kid),
      acknowledge: door.behindBroker,
    },
    erase: async (orderId) => {
      p.lock.check();
      // the keys first: else the compactor could archive once more what is being removed
      await orderKeys.forget(orderId);
      await archive.remove(streamOfOrder(orderId));
      await recentLog.remove(epoch, streamOfOrder(orderId));
      await ledger.removeOrder(orderId);
    },
    telemetry,
    onFatal,
  });
  orderKeys.forgetList();
  const { engine, intake, follower, decisions, ticker, pulse, states } = pipeline;
  const ahead = keysAhead(orderKeys, states, nowMs, telemetry);

  // The passing of hours: states are sealed anew before the key that they lie under is destroyed.
  const renewal = new StateRenewal({
    states,
    saved: async () => {
      await pulse.mark(clock.nowMs());
      await engine.whenReached(journal.last);
      await states.settled();
      await engine.checkpoint();
    },
  });
  const turn = async (nowMs: number): Promise<void> => {
    // no store refuses keys: an owner that stood still makes none and destroys none
    p.lock.check();
    // a clock that has leapt over days (a machine that slept): what is not archived would go with its keys
    if (seals.epochs().some((hour) => isOverdue(hour + 2, nowMs))) await compactor.catchUp(nowMs);
    await engine.sweep(nowMs);
    await hours.turn(nowMs, () => renewal.all(nowMs - 72 * 3_600_000, nowMs));
    // behind the turn: what is saved from here on lies under this hour's key, though a stepped clock may not say so yet
    renewal.step(nowMs);
    poison.forget(nowMs);
    await signIns.expire(nowMs - SIGN_INS_MS);
    const expired = await quarantine.expire(nowMs - QUARANTINE_MS);
    if (expired > 0) telemetry.log('info', 'quarantine_expired', { items: expired });
    // last, for it is not needed before a start
    await ledger.renewAtHand(sliceOfRound(ledger.revisions));
  };
  const compactor = new Compactor({
    epoch,
    recentLog,
    archive,
    keys: orderKeys,
    streams: () => states.keys(),
    streamOf: pipeline.streamOf,
    telemetry,
  });
  const minutes = everyMinute(() => turn(clock.nowMs()), triedAgain(telemetry, 'minute_failed'));
  // By itself: a day of many people takes longer than the passing of an hour may wait.
  const archiving = everyMinute(() => compactor.run(clock.nowMs()), triedAgain(telemetry, 'archiving_failed'));
  // whoever was superseded while it stood still ends at this beat, though nobody sends it anything
  const alive = setInterval(() => void p.lock.beat().catch(onFatal), BEAT_MS);
  const stepped = clock instanceof EngineSteppedClock ? clock : null;
  const passing = asTimePasses(async (atMs) => {
    await compactor.run(atMs);
    await turn(atMs);
  });
  stepped?.drive(
    ticker,
    () => engine.whenReached(journal.last),
    async (atMs) => {
      await pulse.mark(atMs);
      await passing(atMs);
    },
  );

  const escalation = new Escalation({
    ledger,
    clock,
    escalate: (alertId, level) => decisions.escalate(alertId, level),
    telemetry,
    onError: onFatal,
  });

  const told = asOwner(p.lock, intake.endpoint);
  const health = await openIngestHealth({
    settings: c,
    statusPath: folder.pipelineStatus,
    lock: p.lock,
    clock,
    journal,
    pipeline,
    minutes,
    archiving,
    hours: () => seals.epochs(),
    doorReasons: () => door.reasons(),
    topic: { endpoint: told, monitoringAgency: c.monitoringAgency, source: sourceOf(ledger.ledgerId) },
    telemetry,
    onFatal,
  });

  // Doors.
  const orders = new OrderIndex(ledger, commands);
  const topics = new AlertTopics({
    keys: await readAgencyKeys(c.agencyKeys),
    throughBroker: door.behindBroker,
    ledger,
    endpoint: told,
    bookmark: new FileBookmark(folder.topicsBookmark, p.lock),
    monitoringAgency: c.monitoringAgency,
    restricted: (orderId) => orderId !== null && orders.restricted(orderId) !== null,
    source: sourceOf(ledger.ledgerId),
    onError: onFatal,
  });
  return {
    clock,
    stepped,
    ledger,
    commands,
    registry,
    /** Whether what comes in is taken and judged. */
    health: health.vitals,
    /** The inside first, the doors last; resolves with their ports, null where there is none. */
    async start(): Promise<{ readonly mqttPort: number | null; readonly mqttsPort: number | null }> {
      const nowMs = clock.nowMs();
      // After a long stop: what lies under keys that are about to go is archived first.
      if (seals.epochs().some((hour) => isOverdue(hour, nowMs))) await compactor.catchUp(nowMs);
      await turn(nowMs);
      minutes.start();
      if (stepped === null) archiving.start();
      follower.start();
      if (stepped === null) ticker.run(TICK_EVERY_MS);
      pulse.start();
      ahead.start();
      escalation.start();
      await topics.start();
      await health.start();
      const port = await intake.start(c.mqttHost, c.mqttPort);
      return { mqttPort: door.behindBroker ? null : port, mqttsPort: await door.listenTls() };
    },
    /** No more is taken in, and what is under way is committed; others may still read. */
    async stop(step: Step): Promise<void> {
      clearInterval(alive);
      await step('vitals', 1_000, () => health.stop());
      await Promise.all([
        step('minute', 1_000, () => minutes.stop()),
        step('archiving', 1_000, () => archiving.stop()),
        step('keys', 1_000, () => ahead.stop()),
        step('escalation', 1_000, () => escalation.stop()),
      ]);
      await pipeline.stop(step);
      await step('topics', 1_000, () => topics.stop());
    },
    async close(): Promise<void> {
      await journal.close();
      await Promise.all([
        ...Object.values(stores).map((store) => store.close()),
        archive.close(),
        commands.close(),
        registry.close(),
        downlinks.close(),
        signIns.close(),
      ]);
      if (hot !== stores.states) await hot.close();
    },
  };
}

/** The lock shows that often that its holder lives. */
const BEAT_MS = 2_000;

/** `source` of the CloudEvents. */
export const sourceOf = (ledgerId: string): string => `/fairwatch/${ledgerId}`;
