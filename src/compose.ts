/** Joins the rooms into a running gateway, or into one of its two tiers; with `compose/`, the only place that sees them all. */
import { dataFolder } from './adapters/files/data-folder.js';
import { FolderLock } from './adapters/files/folder-lock.js';
import { mustHave, openTiers } from './adapters/files/tiers.js';
import { isLoopback } from './adapters/system/loopback.js';
import { createTelemetry } from './adapters/system/telemetry.js';
import { createDevelopmentIssuer } from './api/access/development-issuer.js';
import { noVerifier, oidcVerifier, type TokenVerifier } from './api/access/tokens.js';
import { buildHealthApp } from './api/health.js';
import { openIngest } from './compose/ingest.js';
import { openReview } from './compose/review.js';
import type { GatewaySettings, Roles } from './compose/settings.js';
import { type Stopped, Stopping } from './compose/stopping.js';
import { guardHttps, openTls } from './compose/tls.js';
import type { Readiness } from './domain/health.js';
import { errnoOf } from './ports/store-failed.js';

export interface Gateway {
  /** Null: this process has no such door (devices may come through a broker). */
  readonly mqttPort: number | null;
  readonly mqttsPort: number | null;
  readonly httpPort: number | null;
  /** Reads the certificate files again; null: it has none. */
  readonly reloadTls: (() => void) | null;
  /** Not ready, no more taken in, what is under way committed, everything closed; within ten seconds. */
  stop(): Promise<Stopped>;
}

const SUPERSEDED =
  'another process has taken DATA_DIR: this one writes, acknowledges and tells nothing more, and stops';
const ALL_ROLES: Roles = { ingest: true, api: true };

/** `onFatal` is called once, when the gateway can do nothing more that is right; it must be stopped then. */
export async function startGateway(
  c: GatewaySettings,
  onFatal: (error: unknown) => void,
  roles: Roles = ALL_ROLES,
): Promise<Gateway> {
  const telemetry = createTelemetry({ level: c.logLevel, strict: c.dev });
  const tls = openTls(c, telemetry);
  const https = isLoopback(c.httpHost) ? null : tls;
  const folder = dataFolder(c.dataDir);
  if (!roles.api) await FolderLock.refuseTwin(folder.api, Date.now());
  if (!roles.ingest) await FolderLock.refuseTwin(c.dataDir, Date.now());
  const lock = roles.ingest ? await FolderLock.take(c.dataDir) : null;
  const both = roles.ingest && roles.api;
  const wanted = [...(roles.ingest ? (['ingest'] as const) : []), ...(roles.api ? (['review'] as const) : [])];
  const tiers = await openTiers(c, { make: both, wanted });
  if (both) telemetry.log('info', 'one_process_holds_both_tiers_keys');

  const state = { stopping: false, failed: false };
  const fatal = (error: unknown): void => {
    if (state.failed) return;
    state.failed = true;
    if (lock?.isSuperseded() === true) telemetry.log('error', 'superseded', { epoch: lock.epoch, what: SUPERSEDED });
    telemetry.log('error', 'fatal', {
      error: error instanceof Error ? error.name : typeof error,
      reason: errnoOf(error) ?? 'unknown',
    });
    onFatal(error);
  };
  const reasons = (): string[] => [
    ...(state.stopping ? ['stopping'] : []),
    ...(state.failed ? ['failed'] : []),
    ...(ingest?.health.vitality.reasons ?? []),
  ];
  const readiness = (): Readiness => ({
    ready: reasons().length === 0,
    reasons: reasons(),
    degraded: ingest?.health.vitality.degraded ?? [],
  });
  const issuer = c.dev ? createDevelopmentIssuer(c.dataDir) : null;
  const shared = { settings: c, folder, tokens: issuer?.verifier ?? oidcTokens(c), telemetry, onFatal: fatal };

  const ingest =
    lock === null
      ? null
      : await openIngest({ ...shared, tls, lock, tier: mustHave(tiers.ingest, 'ingest', c.vaultDir) });
  const review = !roles.api
    ? null
    : await openReview({
        ...shared,
        https,
        ingest,
        tier: mustHave(tiers.review, 'review', c.vaultDir),
        readiness,
      });

  const health =
    roles.api || c.healthPort === undefined
      ? null
      : buildHealthApp({
          ready: readiness,
          metrics: telemetry.registry,
          ...(https === null ? {} : { tls: https.serverOptions() }),
        });
  if (health !== null && https !== null) guardHttps(health.server, https, telemetry);

  // Open for business: who reads first, so that nobody's alert finds no reader; the devices' door last.
  const httpPort = (await review?.start()) ?? null;
  const { mqttPort, mqttsPort } = (await ingest?.start()) ?? { mqttPort: null, mqttsPort: null };
  await health?.listen({ host: c.httpHost, port: c.healthPort ?? 0 });
  if (issuer !== null && roles.api) await issuer.writeDevToken(c.monitoringAgency);

  const stop = async (): Promise<Stopped> => {
    state.stopping = true;
    tls?.close();
    const stopping = new Stopping(telemetry);
    const { step } = stopping;
    await ingest?.stop(step);
    await review?.stop(step);
    if (health !== null) await step('health', 1_000, () => health.close());
    // what was not waited for may still use them: they are left as a `kill -9` would leave them, and that they survive
    // so are those that a successor has: what they have just refused may still be on its way through LMDB's threads
    const superseded = lock?.isSuperseded() === true;
    if (stopping.isWhole && !superseded) await step('stores', 2_000, () => closeAll());
    const stopped = stopping.end();
    // an exit would wait for the threads of stores that are open still, where one may wait for us
    return superseded ? { ...stopped, stuck: true } : stopped;
  };
  const closeAll = async (): Promise<void> => {
    await review?.close();
    await ingest?.close();
    await lock?.release();
  };
  return { mqttPort, mqttsPort, httpPort, reloadTls: tls === null ? null : () => void tls.reload(), stop };
}

function oidcTokens(c: GatewaySettings): TokenVerifier {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwksUrl: jwksUrl } = c;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) return noVerifier();
  return oidcVerifier({ issuer, audience, jwksUrl });
}
