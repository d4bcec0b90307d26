/** The people of a load run: most lead a quiet minute, some are chosen to raise alerts, each in one way. */
import { HOUR_MS, localOf, rfc3339, timeText } from './civil-time.js';
import { around, TOWNS, toLonLat } from './ground.js';
import type { CurfewJson, ExclusionJson, OrderPlan, PositionJson } from './order-plan.js';
import { Random } from './random.js';
import type { SimulatedDevice } from './world.js';

/** The ways in which alerts come about; each person chosen for alerts has one. */
export const EVENT_ROLES = ['strap', 'exclusion', 'curfew', 'power', 'battery'] as const;
export type EventRole = (typeof EVENT_ROLES)[number];
export type LoadRole = EventRole | 'tag' | 'unit' | 'idle';

export interface LoadPerson {
  readonly role: LoadRole;
  readonly orderId: string;
  /** The device that talks. */
  readonly device: SimulatedDevice;
  /** The tag that a home unit sees, or the talking tag itself. */
  readonly tagId: string;
  /** Where they are. */
  readonly at: PositionJson;
  /** Middle of the zone that those with the role `exclusion` walk into. */
  readonly zoneCentre: PositionJson;
}

export const ZONE_RADIUS_M = 150;
/** Metres of the zone's middle from where its person stands. */
export const ZONE_APART_M = 210;
export const LOAD_TOLERANCE_S = 5;
/** UTC: the hours of a run do not depend on the season in which it is made. */
const TIME_ZONE = 'UTC';
const ALL_DAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;

/** `prefix` names the run: a gateway that has seen others keeps them apart. */
export function loadPerson(prefix: string, index: number, role: LoadRole): LoadPerson {
  const random = Random.of(prefix, 'person', index);
  const town = random.pick(TOWNS);
  const home = around({ x: 0, y: 0 }, random.between(0, 2 * Math.PI), random.between(500, 3_000));
  const name = `${prefix}-${index + 1}`;
  const unit = role === 'unit' || role === 'power' || role === 'curfew';
  return {
    role,
    orderId: `${name}-O`,
    tagId: `${name}-T`,
    device: {
      device_id: unit ? `${name}-H` : `${name}-T`,
      kind: unit ? 'home_unit' : 'tag',
      cipher: 'A256GCM',
      session_key: random.bytes(32).toString('base64url'),
      password: random.bytes(32).toString('base64url'),
    },
    at: toLonLat(town, home),
    zoneCentre: toLonLat(town, { x: home.x + ZONE_APART_M, y: home.y }),
  };
}

/** Order from `startMs` on; `curfewMs`: when the curfew of those with that role begins, whole seconds. */
export function loadOrder(person: LoadPerson, startMs: number, curfewMs: number | null): OrderPlan {
  const { device, tagId, role } = person;
  const start = rfc3339(startMs);
  const unit = device.kind === 'home_unit';
  return {
    order_id: person.orderId,
    subject_id: person.orderId.replace(/O$/, 'S'),
    revision: 1,
    type: 'COMMUNITY',
    curfew_only: unit,
    hdc: false,
    under_18: false,
    restricted: false,
    supervisor: 'probation-load',
    time_zone: TIME_ZONE,
    start,
    end: rfc3339(startMs + 24 * 30 * HOUR_MS),
    devices: [
      ...(unit ? [{ device_id: device.device_id, kind: 'home_unit' as const, address: 'primary', from: start }] : []),
      { device_id: tagId, kind: unit ? ('rf_tag' as const) : ('tag' as const), from: start },
    ],
    conditions: [unit ? curfew(role === 'curfew' ? curfewMs : null) : exclusion(person)],
  };
}

/** All day and every day for those who are at home; from the given moment for those who will not be. */
function curfew(fromMs: number | null): CurfewJson {
  const base = { condition_id: 'C1', kind: 'curfew' as const, tolerance_s: LOAD_TOLERANCE_S };
  const addresses = ['primary'];
  if (fromMs === null)
    return { ...base, timetable: [{ days: [...ALL_DAYS], start: '00:00', end: '00:00', addresses }] };
  const { date, seconds } = localOf(TIME_ZONE, fromMs);
  return {
    ...base,
    timetable: [],
    dated: [{ date, start: timeText(seconds), end: timeText((seconds + 7_200) % 86_400), addresses }],
  };
}

/** Nearby for those who walk into it, kilometres away for the others. */
function exclusion(person: LoadPerson): ExclusionJson {
  const [lon, lat] = person.at;
  if (person.role === 'exclusion') {
    return {
      condition_id: 'C1',
      kind: 'exclusion_zone',
      zone: { type: 'Circle', center: person.zoneCentre, radius_m: ZONE_RADIUS_M },
    };
  }
  const ring = Array.from({ length: 12 }, (_, i): PositionJson => {
    const angle = (2 * Math.PI * i) / 12;
    return [lon + 0.08 + 0.006 * Math.cos(angle), lat + 0.004 * Math.sin(angle)];
  });
  ring.push(ring[0] as PositionJson);
  return { condition_id: 'C1', kind: 'exclusion_zone', zone: { type: 'Polygon', coordinates: [ring] } };
}
