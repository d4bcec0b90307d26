/** Alerts as clients see them: the same JSON over HTTP, SSE and MQTT, and the CloudEvents 1.0 envelope around it. */
import type { AlertVersion, RouteStep } from '../domain/alert.js';
import { eventOf, type HandlingJson, handlingJson } from './handling-json.js';
import { rfc3339 } from './rfc3339.js';

/** Times are RFC 3339 UTC with milliseconds; null where open or not applicable. No position, no name. */
export interface AlertJson {
  readonly alert_id: string;
  readonly version: number;
  readonly state: AlertVersion['state'];
  readonly kind: AlertVersion['kind'];
  readonly type: AlertVersion['type'];
  readonly order_id: string | null;
  readonly subject_id: string | null;
  readonly agency: string | null;
  readonly condition_id: string | null;
  readonly device_id: string | null;
  readonly start: string;
  readonly end: string | null;
  readonly event_time: string;
  readonly derived_time: string;
  readonly ended_by: AlertVersion['endedBy'];
  /** (end − start) / 60,000; null while it runs. */
  readonly minutes: number | null;
  readonly codes: AlertVersion['codes'];
  /** The newest of `codes`. */
  readonly code: AlertVersion['codes'][number] | null;
  readonly confidence: AlertVersion['confidence'];
  readonly margin_m: number | null;
  readonly mechanism: AlertVersion['mechanism'];
  readonly count: number;
  readonly cause: AlertVersion['cause'];
  readonly policy_revision: number;
  readonly rules_version: number;
  readonly records: readonly { readonly device_id: string; readonly time_ms: number; readonly hash: string }[];
  readonly event_ms: number;
  readonly derived_ms: number;
  /** To whom it goes, first things first (¶59–62). */
  readonly route: readonly RouteStep[];
  readonly minor: boolean;
  /** Null while nobody has done anything about it. */
  readonly handling: HandlingJson | null;
}

/** Structured mode. `cursor` is an extension attribute: where a stream resumes after this event. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** Alert id and version: the same event has the same id however it is delivered. */
  readonly id: string;
  readonly source: string;
  readonly type: `uk.fairwatch.alert.${'raised' | 'updated' | 'withdrawn' | 'acknowledged' | 'decided'}`;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly cursor: string;
  readonly data: AlertJson;
}

export function alertToJson(version: AlertVersion): AlertJson {
  const { startMs, endMs } = version;
  return {
    alert_id: version.alertId,
    version: version.version,
    state: version.state,
    kind: version.kind,
    type: version.type,
    order_id: version.orderId,
    subject_id: version.subjectId,
    agency: version.agency,
    condition_id: version.conditionId,
    device_id: version.deviceId,
    start: rfc3339(startMs),
    end: endMs === null ? null : rfc3339(endMs),
    event_time: rfc3339(version.eventMs),
    derived_time: rfc3339(version.derivedMs),
    ended_by: version.endedBy,
    minutes: endMs === null ? null : (endMs - startMs) / 60_000,
    codes: version.codes,
    code: version.codes.at(-1) ?? null,
    confidence: version.confidence,
    margin_m: version.marginM,
    mechanism: version.mechanism,
    count: version.count,
    cause: version.cause,
    policy_revision: version.policyRevision,
    rules_version: version.rulesVersion,
    records: version.records.map(({ deviceId, timeMs, hash }) => ({ device_id: deviceId, time_ms: timeMs, hash })),
    event_ms: version.eventMs,
    derived_ms: version.derivedMs,
    route: version.route ?? [],
    minor: version.minor ?? false,
    handling: handlingJson(version.handling),
  };
}

export function cloudEvent(placed: { version: AlertVersion; cursor: string; source: string }): CloudEvent {
  const { version, cursor, source } = placed;
  return {
    specversion: '1.0',
    id: `${version.alertId}.${version.version}`,
    source,
    type: `uk.fairwatch.alert.${eventOf(version)}`,
    subject: version.orderId ?? version.deviceId ?? version.alertId,
    time: rfc3339(version.eventMs),
    datacontenttype: 'application/json',
    cursor,
    data: alertToJson(version),
  };
}

/** Id and type, and where it stands: what may be said where it is not known who listens. */
export function bareEvent({ specversion, id, source, type, cursor, data }: CloudEvent) {
  return {
    specversion,
    id,
    source,
    type,
    cursor,
    data: { alert_id: data.alert_id, version: data.version, type: data.type },
  };
}

/** For whoever holds the key that `data` (a JWE, compact) is sealed to: all else is in there. */
export function sealedEvent({ specversion, id, source, type, cursor }: CloudEvent, jwe: string) {
  return { specversion, id, source, type, cursor, datacontenttype: 'application/jose', data: jwe } as const;
}
