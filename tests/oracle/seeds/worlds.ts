/** Whole worlds by seed and class: orders, shared zones, uploads, and the time at which the picture is taken. */
import type { ConditionJson, LonLat, RecordJson, UploadJson, World } from '../contract.js';
import { Chance } from './chance.js';
import { deliver } from './delivery.js';
import { type Draft, type DraftOrder, orderJson, say } from './draft.js';
import { curfewPeople } from './homes.js';
import { around } from './places.js';
import { iso } from './rows.js';
import { HOUR, seasonOf } from './seasons.js';
import { zonePeople, zonesBeside } from './walks.js';
import { equippedPeople, soberPeople } from './wear.js';

const MAKERS = {
  curfew: curfewPeople,
  exclusion: (chance, draft) => zonePeople(chance, draft, { kinds: ['exclusion_zone'], buffers: false }),
  inclusion: (chance, draft) => zonePeople(chance, draft, { kinds: ['inclusion_zone'], buffers: false }),
  zones: (chance, draft) => zonePeople(chance, draft, { kinds: ['exclusion_zone', 'inclusion_zone'], buffers: true }),
  mixed,
  attendance,
  alcohol: soberPeople,
  equipment: equippedPeople,
  contradiction,
  integrity,
} satisfies Record<string, (chance: Chance, draft: Draft) => void>;

export type WorldClass = keyof typeof MAKERS;
export const WORLD_CLASSES = Object.keys(MAKERS) as WorldClass[];

/** Every id of the world begins with it, so that many can share their files. */
export const nameOf = (seed: number, cls: WorldClass): string => `${cls}${seed}`;

export function worldOf(seed: number, cls: WorldClass): World {
  const chance = new Chance(seed, cls);
  const draft: Draft = { name: nameOf(seed, cls), season: seasonOf(seed), orders: [], zones: [], said: new Map() };
  MAKERS[cls](chance, draft);
  let uploads = [...draft.said].flatMap(([deviceId, records]) =>
    deliver(chance, deviceId, records, cls !== 'integrity'),
  );
  if (cls === 'integrity') uploads = uploads.flatMap((upload, i) => misdated(chance, upload, i));
  uploads = chance.is(0.3)
    ? chance.shuffled(uploads)
    : [...uploads].sort((a, b) => a.received_ms - b.received_ms || a.sequence - b.sequence);
  return { orders: draft.orders.map(orderJson), zones: draft.zones, uploads, untilMs: draft.season.untilMs };
}

/** Curfew and zones in one order. */
function mixed(chance: Chance, draft: Draft): void {
  curfewPeople(chance, draft);
  zonesBeside(chance, draft, draft.orders[0] as DraftOrder);
}

/** Appointments at an address, or in a zone. */
function attendance(chance: Chance, draft: Draft): void {
  const atZone = chance.is(0.4);
  if (atZone) zonePeople(chance, draft, { kinds: ['exclusion_zone'], buffers: false });
  else curfewPeople(chance, draft);
  const order = draft.orders[0] as DraftOrder;
  const records = [...draft.said.values()].flat();
  const zoned = order.conditions.find(({ kind }) => kind === 'exclusion_zone');
  const zone = zoned?.kind === 'exclusion_zone' ? (zoned.zone ?? null) : null;
  if (records.length === 0 || (atZone && zone === null)) return;
  const appointments = Array.from({ length: chance.int(1, 3) }, () => {
    const from = chance.pick(records).time_ms + chance.pick([0, chance.int(-HOUR, HOUR)]);
    const minutes = chance.pick([10, 30, 120]);
    return { from: iso(from), to: iso(from + minutes * 60_000), attend_min: chance.int(1, minutes) };
  }).filter(({ from, to }) => Date.parse(from) >= order.fromMs && Date.parse(to) <= order.toMs);
  if (appointments.length === 0) return;
  const where = zone === null ? { address: 'primary' } : { zone };
  order.conditions.push({ condition_id: 'ATT', kind: 'attendance', ...where, appointments } as ConditionJson);
}

/** A curfew with fixes far from the address while the home unit says that its wearer is there. */
function contradiction(chance: Chance, draft: Draft): void {
  curfewPeople(chance, draft);
  const order = draft.orders[0] as DraftOrder;
  const tags = order.devices.filter(({ kind }) => kind === 'tag');
  if (tags.length === 0) return;
  const home = chance.pick(draft.season.towns.slice(-1)) as LonLat;
  order.addresses.primary = { position: home };
  const tagAt = (ms: number) => tags.findLast(({ from }) => Date.parse(from) <= ms)?.device_id;
  for (let n = chance.int(1, 4); n > 0; n--) {
    let at = chance.int(order.fromMs, order.toMs);
    for (let fixes = chance.int(2, 20); fixes > 0; fixes--) {
      at += chance.int(60, 600) * 1_000;
      const [lon, lat] = around(
        home,
        chance.int(0, 359),
        chance.pick([chance.between(0, 450), chance.between(700, 1_500)]),
      );
      const record: RecordJson = {
        time_ms: at,
        fix: { lat_e7: Math.round(lat * 1e7), lon_e7: Math.round(lon * 1e7), accuracy_dm: chance.int(20, 200) },
      };
      const deviceId = tagAt(at);
      if (deviceId !== undefined && at < order.toMs) say(draft, deviceId, record);
    }
  }
}

/** Zones or curfews, with devices that nobody wears and clocks that are wrong. */
function integrity(chance: Chance, draft: Draft): void {
  if (chance.is(0.5)) curfewPeople(chance, draft);
  else zonePeople(chance, draft, { kinds: ['exclusion_zone'], buffers: false });
  const order = draft.orders[0] as DraftOrder;
  if (chance.is(0.5))
    for (let n = chance.int(1, 3); n > 0; n--)
      say(draft, `${draft.name}-SPARE`, { time_ms: chance.int(order.fromMs, order.toMs), heartbeat: { uptime_s: n } });
}

function misdated(chance: Chance, upload: UploadJson, i: number): UploadJson[] {
  const [first, last] = [upload.records[0], upload.records.at(-1)];
  if (first === undefined || last === undefined || i % 9 !== 0 || chance.is(0.5)) return [upload];
  const received_ms = chance.is(0.5)
    ? last.time_ms - chance.pick([120_000, 120_001, HOUR])
    : first.time_ms + chance.pick([72 * HOUR, 72 * HOUR + 1, 80 * HOUR]);
  return [{ ...upload, received_ms }];
}
