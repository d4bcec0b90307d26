/** Joins the rooms into a running gateway; the only file that sees them all. */

import { dataFolder, type KeySettings, openKeys } from './adapters/files/data-folder.js';
import { FileBookmark } from './adapters/files/file-bookmark.js';
import { FileJournal } from './adapters/files/file-journal.js';
import { FolderLock } from './adapters/files/folder-lock.js';
import { openEngineStores } from './adapters/lmdb/engine-stores.js';
import { LmdbCommandLog } from './adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from './adapters/lmdb/lmdb-device-registry.js';
import { AedesEndpoint } from './adapters/mqtt/aedes-endpoint.js';
import { RedisSubjectStates } from './adapters/redis/redis-states.js';
import { systemClock } from './adapters/system/system-clock.js';
import { createTelemetry } from './adapters/system/telemetry.js';
import { createDevelopmentIssuer } from './api/access/development-issuer.js';
import { noVerifier, oidcVerifier, type TokenVerifier, verifyAgencyToken } from './api/access/tokens.js';
import { AlertTopics } from './api/alert-topics.js';
import { buildApp } from './api/app.js';
import { OrderIndex } from './api/order-index.js';
import { openPipeline } from './compose/pipeline.js';
import { unwrapKey, wrapKey } from './crypto/device-keys.js';
import type { AgencyId } from './domain/ids.js';
import type { Policy } from './domain/policy.js';
import { EngineSteppedClock } from './engine/clock-step.js';
import type { SubjectStates } from './ports/subject-states.js';

/** What a gateway is told; the command line's configuration is one. */
export interface GatewaySettings extends KeySettings {
  readonly dataDir: string;
  readonly mqttHost: string;
  readonly mqttPort: number;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly redisUrl?: string | undefined;
  readonly oidcIssuer?: string | undefined;
  readonly oidcAudience?: string | undefined;
  readonly oidcJwksUrl?: string | undefined;
  readonly monitoringAgency: AgencyId;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly reconnectGraceS: number;
  readonly clock: 'system' | 'stepped';
  readonly clockStart?: number | undefined;
  readonly policy: Policy;
}

export interface Gateway {
  readonly mqttPort: number;
  readonly httpPort: number;
  /** Not ready, no more taken in, what is under way committed, everything closed. */
  stop(): Promise<void>;
}

/** `onFatal` is called once, when the gateway can do nothing more that is right; it must be stopped then. */
export async function startGateway(c: GatewaySettings, onFatal: (error: unknown) => void): Promise<Gateway> {
  const telemetry = createTelemetry({ level: c.logLevel, strict: c.dev });
  const folder = dataFolder(c.dataDir);
  const lock = await FolderLock.take(c.dataDir);
  const { epoch } = lock;
  const { kek, seals } = await openKeys(c, { make: true });

  // Stores.
  const journal = await FileJournal.open({ folder: folder.journal, seals, epoch, telemetry });
  const { ledger, states: lmdbStates, quarantine, recentLog } = await openEngineStores(folder.engine, seals);
  const commands = LmdbCommandLog.open(folder.commands, seals);
  const registry = LmdbDeviceRegistry.open(folder.devices, seals);
  const hot: SubjectStates =
    c.redisUrl === undefined
      ? lmdbStates
      : await RedisSubjectStates.open({ url: c.redisUrl, partition: ledger.ledgerId, seals, telemetry });

  // The way of a record.
  let failed = false;
  const fatal = (error: unknown): void => {
    if (failed) return;
    failed = true;
    telemetry.log('error', 'fatal', { error: error instanceof Error ? error.name : typeof error });
    onFatal(error);
  };
  const issuer = c.dev ? createDevelopmentIssuer(c.dataDir) : null;
  const tokens: TokenVerifier = issuer?.verifier ?? oidcTokens(c);
  const pipeline = await openPipeline({
    epoch,
    journal,
    ledger,
    quarantine,
    recentLog,
    hot,
    checkpoints: hot === lmdbStates ? null : lmdbStates,
    commands,
    registry,
    clock: (aliveMs) =>
      c.clock === 'stepped' ? new EngineSteppedClock(aliveMs ?? c.clockStart ?? systemClock.nowMs()) : systemClock,
    policy: c.policy,
    reconnectGraceMs: c.reconnectGraceS * 1000,
    endpoint: (handlers) => new AedesEndpoint(handlers),
    verifyAgencyToken: (token) => verifyAgencyToken(tokens, token),
    unwrap: (jwe) => unwrapKey(kek, jwe),
    telemetry,
    onFatal: fatal,
  });
  const { clock, engine, intake, follower, ticker, pulse } = pipeline;
  const stepped = clock instanceof EngineSteppedClock ? clock : null;
  stepped?.drive(
    ticker,
    () => engine.whenReached(journal.last),
    (atMs) => pulse.mark(atMs),
  );

  // Doors.
  const source = `/fairwatch/${ledger.ledgerId}`;
  const orders = new OrderIndex(ledger, commands);
  const topics = new AlertTopics({
    ledger,
    endpoint: intake.endpoint,
    bookmark: new FileBookmark(folder.topicsBookmark),
    monitoringAgency: c.monitoringAgency,
    restricted: (orderId) => orderId !== null && orders.restricted(orderId) !== null,
    source,
    onError: fatal,
  });
  let stopping = false;
  const app = buildApp({
    clock,
    ledger,
    commands,
    registry,
    deviceKeys: { wrap: (key, kid) => wrapKey(kek, key, kid), unwrap: (jwe) => unwrapKey(kek, jwe) },
    tokens,
    telemetry,
    metrics: telemetry.registry,
    ready: () => {
      const reasons = [...(stopping ? ['stopping'] : []), ...(failed ? ['failed'] : [])];
      return { ready: reasons.length === 0, reasons };
    },
    ...(stepped === null ? {} : { steppedClock: stepped }),
    monitoringAgency: c.monitoringAgency,
    source,
  });

  // Open for business: the inside first, the doors last.
  follower.start();
  if (stepped === null) ticker.run(TICK_EVERY_MS);
  pulse.start();
  await topics.start();
  await app.listen({ host: c.httpHost, port: c.httpPort });
  const mqttPort = await intake.start(c.mqttHost, c.mqttPort);
  const address = app.server.address();
  const httpPort = typeof address === 'object' && address !== null ? address.port : c.httpPort;
  if (issuer !== null) await issuer.writeDevToken(c.monitoringAgency);

  const stop = async (): Promise<void> => {
    stopping = true;
    await pipeline.stop();
    await topics.stop();
    await closeApp(app);
    await journal.close();
    await Promise.all([
      ledger.close(),
      quarantine.close(),
      recentLog.close(),
      lmdbStates.close(),
      commands.close(),
      registry.close(),
    ]);
    if (hot !== lmdbStates) await hot.close();
    await lock.release();
  };
  return { mqttPort, httpPort, stop };
}

/** Requests under way end by themselves; a socket that never asked for anything would hold up the stop for ever. */
async function closeApp(app: ReturnType<typeof buildApp>): Promise<void> {
  const patience = setTimeout(() => app.server.closeAllConnections(), HTTP_GRACE_MS);
  await app.close();
  clearTimeout(patience);
}

const HTTP_GRACE_MS = 2_000;

/** How often the due times are looked at: what a timer-driven alert may be late by. */
const TICK_EVERY_MS = 20;

function oidcTokens(c: GatewaySettings): TokenVerifier {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwksUrl: jwksUrl } = c;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) return noVerifier();
  return oidcVerifier({ issuer, audience, jwksUrl });
}
