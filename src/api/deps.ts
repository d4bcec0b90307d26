/** What the API is built from; whoever composes the gateway fills it in. */
import type { TlsOptions } from 'node:tls';
import type { Readiness } from '../domain/health.js';
import type { AgencyId } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { Clock, SteppedClock } from '../ports/clock.js';
import type { CommandLog } from '../ports/commands.js';
import type { DeviceRegistry } from '../ports/device-registry.js';
import type { StallWatch } from '../ports/health.js';
import type { LedgerReader } from '../ports/ledger.js';
import type { Office } from '../ports/office.js';
import type { QuarantineReader } from '../ports/quarantine.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { RefusedReads } from './access/refused-reads.js';
import type { ThrottleLimits } from './access/throttle.js';
import type { TokenVerifier } from './access/tokens.js';
import type { DeviceKeys } from './enrolment.js';
import type { FrontLimits } from './front/limits.js';

export interface ApiDeps {
  /** HTTPS instead of HTTP. */
  readonly tls?: TlsOptions;
  /** Arrival times of commands and enrolments. Tokens go by the machine's clock. */
  readonly clock: Clock;
  readonly ledger: LedgerReader;
  readonly commands: CommandLog;
  readonly registry: DeviceRegistry;
  /** The audit log, the register, grants: what is shown or changed passes it. */
  readonly office: Office;
  /** Called when one caller's refused reads within an hour pass `refusedReadsMax`. */
  readonly onRefusedReads?: (over: RefusedReads) => void;
  readonly deviceKeys: DeviceKeys;
  /** Labels, and payloads for whoever tries them again; without it its routes do not exist. */
  readonly quarantine?: QuarantineReader;
  readonly tokens: TokenVerifier;
  readonly telemetry: Telemetry;
  /** The registry behind `/metrics` (prom-client's own, or anything of its shape). */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
  /** May traffic come? `reasons` are codes, never data. */
  ready(): Readiness;
  /** Tells streams that the pipeline behind them stands still; without it nobody is told. */
  readonly stalls?: StallWatch | undefined;
  /** Only with `serve --clock stepped`: opens `/v1/dev/clock`. */
  readonly steppedClock?: SteppedClock;
  /** Alerts that no order stands behind are this agency's. */
  readonly monitoringAgency: AgencyId;
  /** `source` of the CloudEvents; the same text for SSE, MQTT and the list. */
  readonly source: string;
  readonly limits?: Partial<ApiLimits>;
  readonly front?: Partial<FrontLimits>;
  readonly throttle?: Partial<ThrottleLimits>;
  /** Addresses of proxies whose `X-Forwarded-For` is believed; absent: nobody's. */
  readonly trustedProxies?: readonly string[];
}

export interface ApiLimits {
  readonly bodyBytesMax: number;
  readonly streamsMax: number;
  /** Of one agency: no agency takes all of them. */
  readonly streamsPerAgencyMax: number;
  /** Of one user; one more ends the oldest. */
  readonly streamsPerUserMax: number;
  /** A stream's token is looked at again after this long. */
  readonly streamCheckMs: number;
  readonly streamBacklogBytesMax: number;
  /** A stream whose client has taken nothing for this long, while something waits, is cut off. */
  readonly streamStallMs: number;
  readonly heartbeatMs: number;
  /** How long a PUT waits for the engine's answer before it says 202. */
  readonly settleMs: number;
  /** Refused reads of one caller within an hour that are no incident yet. */
  readonly refusedReadsMax: number;
  /** Requests without a valid token that are logged one by one, a minute; more are counted. */
  readonly strangersPerMinuteMax: number;
  /** Requests of known callers that came too often and are logged one by one, a minute; more are counted. */
  readonly heldBackPerMinuteMax: number;
  /** A stream that is still open is logged again after this long. */
  readonly streamLogMs: number;
}

export const API_LIMITS: ApiLimits = Object.freeze({
  bodyBytesMax: LIMITS.bodyBytesMax,
  streamsMax: LIMITS.streamsMax,
  streamsPerAgencyMax: LIMITS.streamsMax / 2,
  streamsPerUserMax: 32,
  streamCheckMs: 60_000,
  streamBacklogBytesMax: LIMITS.streamBacklogBytesMax,
  streamStallMs: 30_000,
  heartbeatMs: 15_000,
  settleMs: 5_000,
  refusedReadsMax: 20,
  strangersPerMinuteMax: 600,
  heldBackPerMinuteMax: 60,
  streamLogMs: 3_600_000,
});
