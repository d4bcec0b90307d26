/** Which records count for which order (rules.md §1, §2, §7): every record once, in event order, however it arrived. */
import type { BodyJson, DeviceJson, DeviceKindJson, OrderJson, UploadJson, World } from './contract.js';

export interface Policy {
  readonly toleranceS: number;
  readonly k: number;
  readonly gapS: number;
  readonly silenceS: number;
  readonly tagSilenceS: number;
  readonly alcoholSilenceS: number;
  readonly unverifiedS: number;
  readonly clockAheadS: number;
  readonly amendHorizonS: number;
}

/** A record as far as the rules see it. */
export interface Known {
  readonly deviceId: string;
  readonly timeMs: number;
  /** The lowest sequence it came under, and its place in that upload. */
  readonly sequence: number;
  readonly place: number;
  readonly body: BodyJson;
}

export interface Assigned {
  readonly deviceId: string;
  readonly kind: DeviceKindJson;
  readonly address: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One order with all that is known of it at `untilMs`. */
export interface Case {
  readonly order: OrderJson;
  readonly policy: Policy;
  readonly fromMs: number;
  readonly toMs: number;
  readonly untilMs: number;
  readonly assigned: readonly Assigned[];
  /** Event order: time, device, sequence, place. */
  readonly records: readonly Known[];
}

/** What no rule may use, and why. */
export interface Refused {
  readonly deviceId: string;
  readonly orderId: string | null;
  readonly type: 'integrity.clock_ahead' | 'integrity.beyond_horizon' | 'integrity.unassigned_record';
  readonly timeMs: number;
  readonly receivedMs: number;
}

export interface Evidence {
  readonly cases: readonly Case[];
  readonly refused: readonly Refused[];
}

export function evidenceOf(world: World): Evidence {
  const cases = world.orders.map((order) => emptyCase(order, world.untilMs));
  const refused: Refused[] = [];
  const kept = new Map<string, { known: Known; home: Case | undefined }>();
  for (const { upload, place } of arrivals(world)) {
    const { time_ms: timeMs, ...body } = upload.records[place] as { time_ms: number } & BodyJson;
    const home = cases.find((c) => assignedAt(c, upload.device_id, timeMs) !== undefined);
    const policy = home?.policy ?? policyOf({});
    const id = identity(upload.device_id, timeMs, body);
    const before = kept.get(id);
    const isAhead = timeMs - upload.received_ms > policy.clockAheadS * 1_000;
    const isBehind = upload.received_ms - timeMs > policy.amendHorizonS * 1_000;
    if (isAhead || isBehind) {
      const type = isAhead ? 'integrity.clock_ahead' : 'integrity.beyond_horizon';
      const orderId = home?.order.order_id ?? null;
      // the same record again changes nothing; what a unit says of others' tags is told to no one
      const isOthers =
        body.rf !== undefined && cases.some((c) => c !== home && tagAt(c, timeMs)?.deviceId === body.rf?.tag_id);
      const isNobodys = home !== undefined && body.rf !== undefined && tagAt(home, timeMs)?.deviceId !== body.rf.tag_id;
      if (before === undefined && !isOthers && !isNobodys)
        refused.push({ deviceId: upload.device_id, orderId, type, timeMs, receivedMs: upload.received_ms });
      continue;
    }
    const known = { deviceId: upload.device_id, timeMs, sequence: upload.sequence, place, body };
    if (before === undefined || before.known.sequence > known.sequence) kept.set(id, { known, home });
  }
  for (const { known, home } of kept.values()) {
    // a tag that somebody wears, seen by a unit that nobody has, is a foreign sighting: told to no one
    if (
      home !== undefined ||
      cases.some((c) => tagAt(c, known.timeMs)?.deviceId === known.body.rf?.tag_id && known.body.rf)
    )
      continue;
    const { deviceId, timeMs } = known;
    refused.push({ deviceId, orderId: null, type: 'integrity.unassigned_record', timeMs, receivedMs: timeMs });
  }
  const all = [...kept.values()];
  return {
    cases: cases.map((c) => ({
      ...c,
      records: all
        .filter(({ home }) => home === c)
        .map(({ known }) => known)
        .sort(byEvent),
    })),
    refused,
  };
}

/** In order of arrival. */
function* arrivals(world: World): Generator<{ upload: UploadJson; place: number }> {
  for (const upload of [...world.uploads].sort((a, b) => a.received_ms - b.received_ms)) {
    if (upload.received_ms > world.untilMs) continue;
    for (let place = 0; place < upload.records.length; place++) yield { upload, place };
  }
}

function emptyCase(order: OrderJson, untilMs: number): Case {
  const fromMs = Date.parse(order.start);
  const toMs = Date.parse(order.end);
  const assigned = order.devices
    .map((device) => assignment(device, fromMs, toMs))
    .filter((device) => device.fromMs < device.toMs);
  return { order, policy: policyOf(order.policy ?? {}), fromMs, toMs, untilMs, assigned, records: [] };
}

/** What a device says outside the order has no basis in it. */
const assignment = (device: DeviceJson, fromMs: number, toMs: number): Assigned => ({
  deviceId: device.device_id,
  kind: device.kind,
  address: device.address ?? null,
  fromMs: Math.max(Date.parse(device.from), fromMs),
  toMs: Math.min(device.to === undefined ? toMs : Date.parse(device.to), toMs),
});

export const assignedAt = (c: Case, deviceId: string, atMs: number): Assigned | undefined =>
  c.assigned.find((a) => a.deviceId === deviceId && a.fromMs <= atMs && atMs < a.toMs);

/** The tag that the person wears at a moment. */
export const tagAt = (c: Case, atMs: number): Assigned | undefined =>
  c.assigned.find((a) => (a.kind === 'tag' || a.kind === 'rf_tag') && a.fromMs <= atMs && atMs < a.toMs);

/** A foreign sighting: a home unit's reading of a tag that is not the order's at that time. It changes nothing. */
export const isForeign = (c: Case, known: Known): boolean =>
  known.body.rf !== undefined && tagAt(c, known.timeMs)?.deviceId !== known.body.rf.tag_id;

function policyOf(given: Readonly<Record<string, number>>): Policy {
  return {
    toleranceS: given.tolerance_s ?? 300,
    k: given.k ?? 3,
    gapS: given.gap_s ?? 600,
    silenceS: given.silence_s ?? 7_500,
    tagSilenceS: given.tag_silence_s ?? 3_900,
    alcoholSilenceS: given.alcohol_silence_s ?? 90_000,
    unverifiedS: given.unverified_s ?? 900,
    clockAheadS: given.clock_ahead_s ?? 120,
    amendHorizonS: given.amend_horizon_s ?? 259_200,
  };
}

const identity = (deviceId: string, timeMs: number, body: BodyJson): string =>
  `${deviceId} ${timeMs} ${JSON.stringify(body)}`;

const byEvent = (a: Known, b: Known): number =>
  a.timeMs - b.timeMs ||
  (a.deviceId < b.deviceId ? -1 : a.deviceId > b.deviceId ? 1 : 0) ||
  a.sequence - b.sequence ||
  a.place - b.place;
