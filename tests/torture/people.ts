/** The people of a run: each wears or has one device that talks, lives under one order, and has one story. */
import { rfc3339 } from '../../src/sim/civil-time.js';
import { around, metresPerDegree, TOWNS, toLonLat } from '../../src/sim/ground.js';
import type { OrderPlan, PositionJson } from '../../src/sim/order-plan.js';
import { Random } from '../../src/sim/random.js';
import type { DeviceSettings } from './device.js';

/** Those with the names of alerts raise them; `quiet-*` and `brief` do nothing wrong, and must raise nothing. */
export const ROLES = [
  'quiet-tag',
  'quiet-unit',
  'strap',
  'case',
  'battery',
  'power',
  'unit-case',
  'curfew',
  'brief',
  'exclusion',
] as const;
export type Role = (typeof ROLES)[number];

/** Of a hundred people. */
const SHARES: Readonly<Record<Role, number>> = {
  'quiet-tag': 40,
  'quiet-unit': 14,
  strap: 10,
  case: 5,
  battery: 6,
  power: 6,
  'unit-case': 4,
  curfew: 6,
  brief: 3,
  exclusion: 6,
};

export interface Person {
  readonly role: Role;
  readonly orderId: string;
  readonly device: DeviceSettings & { readonly kind: 'tag' | 'home_unit' };
  /** The tag that a home unit sees, or the talking tag itself. */
  readonly tagId: string;
  readonly at: PositionJson;
  /** Middle of the circle that those of the role `exclusion` walk into. */
  readonly zoneCentre: PositionJson;
}

export const ZONE_RADIUS_M = 150;
export const ZONE_APART_M = 210;
export const TOLERANCE_S = 5;
export const SUPERVISOR = 'probation-torture';
const DAYS_MS = 86_400_000;
const UNITS: readonly Role[] = ['quiet-unit', 'power', 'unit-case', 'curfew', 'brief'];

export function roleOf(random: Random, only?: readonly Role[]): Role {
  const among = only ?? ROLES;
  let at = random.next() * among.reduce((sum, role) => sum + SHARES[role], 0);
  for (const role of among) {
    at -= SHARES[role];
    if (at < 0) return role;
  }
  return among[0] ?? 'quiet-tag';
}

/** `name` is no one's but theirs, over all runs on one gateway. */
export function personOf(seed: number, name: string, role: Role): Person {
  const random = Random.of(seed, 'torture', name);
  const town = random.pick(TOWNS);
  const home = around({ x: 0, y: 0 }, random.between(0, 2 * Math.PI), random.between(500, 3_000));
  const unit = UNITS.includes(role);
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

/** In force from `startMs`. A home unit's people have a curfew all day and every day; the others a zone to stay out of. */
export function orderOf(person: Person, startMs: number): OrderPlan {
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
    supervisor: SUPERVISOR,
    time_zone: 'UTC',
    start,
    end: rfc3339(startMs + 30 * DAYS_MS),
    devices: [
      ...(unit ? [{ device_id: device.device_id, kind: 'home_unit' as const, address: 'primary', from: start }] : []),
      { device_id: tagId, kind: unit ? ('rf_tag' as const) : ('tag' as const), from: start },
    ],
    conditions: [
      unit
        ? {
            condition_id: 'C1',
            kind: 'curfew',
            tolerance_s: TOLERANCE_S,
            timetable: [{ days: [...WEEK], start: '00:00', end: '00:00', addresses: ['primary'] }],
          }
        : {
            condition_id: 'C1',
            kind: 'exclusion_zone',
            zone:
              role === 'exclusion'
                ? { type: 'Circle', center: person.zoneCentre, radius_m: ZONE_RADIUS_M }
                : { type: 'Polygon', coordinates: [farAway(person.at)] },
          },
    ],
  };
}

const WEEK = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;

/** Kilometres from where they are. */
function farAway([lon, lat]: PositionJson): PositionJson[] {
  const ring = Array.from({ length: 8 }, (_, i): PositionJson => {
    const angle = (Math.PI * i) / 4;
    return [lon + 0.08 + 0.006 * Math.cos(angle), lat + 0.004 * Math.sin(angle)];
  });
  return [...ring, ring[0] as PositionJson];
}

/** At this distance from the boundary of their circle (negative: inside), on the line from its middle to their home. */
export function fromZone({ zoneCentre: [lon, lat] }: Person, distanceM: number): PositionJson {
  return [lon - (ZONE_RADIUS_M + distanceM) / metresPerDegree(lat).lon, lat];
}

export function nearHome({ at: [lon, lat] }: Person, random: Random): PositionJson {
  const per = metresPerDegree(lat);
  return [lon + random.between(-5, 5) / per.lon, lat + random.between(-5, 5) / per.lat];
}
