/** Fixes of people about their zones: each surely in, surely out or in doubt by design, at moments on which much hangs. */
import type { FixJson, LonLat, ZoneConditionJson, ZoneJson } from '../contract.js';
import { positionOf, signedDistance } from '../earth.js';
import { Undecidable } from '../undecidable.js';
import { effectiveWindows, windowsOf } from '../windows.js';
import { mustBeDecidable, radiusOf } from '../zones.js';
import type { Chance } from './chance.js';
import { type Draft, type DraftOrder, emptyOrder, orderJson, say, talkingTime } from './draft.js';
import { around, someZone } from './places.js';
import { iso, someAbsences, someTimetable } from './rows.js';
import { HOUR } from './seasons.js';

const MINUTE = 60_000;

interface Watched {
  readonly zone: ZoneJson;
  readonly bufferM: number;
}

export interface ZoneWishes {
  readonly kinds: readonly ZoneConditionJson['kind'][];
  readonly buffers: boolean;
}

export function zonePeople(chance: Chance, draft: Draft, wishes: ZoneWishes): void {
  const order = emptyOrder(chance, draft, 'A');
  const town = chance.pick(draft.season.towns);
  const watched = addZones(chance, draft, order, town, wishes);
  if (chance.is(0.3)) order.policy.k = chance.pick([1, 2, 5]);
  if (chance.is(0.3)) order.policy.gap_s = chance.pick([120, 300, 1_200]);
  const tag = (n: number) => `${draft.name}-T${n}`;
  const changes = chance.is(0.3) ? [chance.int(order.fromMs + HOUR, order.toMs - HOUR)] : [];
  const starts = [order.fromMs, ...changes];
  for (const [i, fromMs] of starts.entries()) {
    const to = starts[i + 1];
    order.devices.push({
      device_id: tag(i + 1),
      kind: 'tag',
      from: iso(fromMs),
      ...(to !== undefined && { to: iso(to) }),
    });
  }
  const tagAt = (ms: number) => tag(changes.length > 0 && ms >= (changes[0] as number) ? 2 : 1);
  walk(chance, draft, order, watched, tagAt);
}

/** Zones for somebody who is under curfew with a tag that knows where it is. */
export function zonesBeside(chance: Chance, draft: Draft, order: DraftOrder): void {
  const tags = order.devices.filter(({ kind }) => kind === 'tag');
  if (tags.length === 0) return;
  const kinds = ['exclusion_zone', 'inclusion_zone'] as const;
  const watched = addZones(chance, draft, order, chance.pick(draft.season.towns), { kinds, buffers: true });
  const tagAt = (ms: number) => (tags.findLast(({ from }) => Date.parse(from) <= ms) ?? tags[0])?.device_id as string;
  walk(chance, draft, order, watched, tagAt);
}

function addZones(chance: Chance, draft: Draft, order: DraftOrder, town: LonLat, wishes: ZoneWishes): Watched[] {
  const watched: Watched[] = [];
  for (let i = 0; i < chance.pick([1, 1, 2]); i++) {
    const kind = chance.pick(wishes.kinds);
    const isMeridian = town[0] === 0 || Math.abs(town[0]) === 180;
    const zone = someZone(
      chance,
      i === 0 && isMeridian ? town : around(town, chance.int(0, 359), chance.int(0, 2_500)),
    );
    const bufferM = wishes.buffers && kind === 'exclusion_zone' && chance.is(0.8) ? chance.pick([50, 200, 500]) : 0;
    const id = `Z${i + 1}`;
    const isShared = chance.is(0.25);
    if (isShared) draft.zones.push(feature(`${draft.name}-${id}`, zone));
    const bare: ZoneConditionJson = {
      condition_id: id,
      kind,
      ...(isShared ? { zone_ref: `${draft.name}-${id}` } : { zone }),
      ...(bufferM > 0 && { buffer_m: bufferM }),
      ...(kind === 'inclusion_zone' && chance.is(0.6) && { tolerance_s: chance.pick([0, 60, 600, 1_800]) }),
      ...(chance.is(0.6) && someTimetable(chance, draft.season, null)),
    };
    const absences = someAbsences(chance, windowsOf(orderJson(order), bare));
    order.conditions.push(absences.length === 0 ? bare : { ...bare, authorised_absences: absences });
    watched.push({ zone, bufferM });
  }
  return watched;
}

const feature = (id: string, zone: ZoneJson): Draft['zones'][number] =>
  zone.type === 'Circle'
    ? {
        type: 'Feature',
        id,
        geometry: { type: 'Point', coordinates: zone.center },
        properties: { radius_m: zone.radius_m },
      }
    : { type: 'Feature', id, geometry: zone, properties: {} };

/** Sessions of fixes, each about the edge of a window or of the order. */
function walk(
  chance: Chance,
  draft: Draft,
  order: DraftOrder,
  watched: readonly Watched[],
  tagAt: (ms: number) => string,
): void {
  const { fromMs, toMs } = talkingTime(chance, order);
  const json = orderJson(order);
  const windows = order.conditions.flatMap((condition) =>
    condition.kind === 'exclusion_zone' || condition.kind === 'inclusion_zone' ? effectiveWindows(json, condition) : [],
  );
  const edges = [order.fromMs, order.toMs, ...windows.flatMap((w) => [w.fromMs, w.toMs])];
  const gapMs = (order.policy.gap_s ?? 600) * 1_000;
  const sessions = Array.from({ length: chance.int(2, 5) }, () => chance.pick(edges)).sort((a, b) => a - b);
  let at = Math.max(fromMs, (sessions[0] as number) - 30 * MINUTE);
  for (const edge of sessions) {
    at = Math.max(at + chance.int(1, 3_000), edge - chance.int(0, 40) * MINUTE);
    const usual = chance.pick([20_000, 60_000, 60_000, 180_000]);
    let leaning: Leaning = chance.pick(LEANINGS);
    for (let n = chance.int(8, 45); n > 0; n--) {
      if (chance.is(0.35)) leaning = chance.pick(LEANINGS);
      const passes = edges.find((one) => at < one && one < at + usual);
      at =
        passes !== undefined && chance.is(0.5)
          ? passes + chance.pick([0, 0, 1, -1])
          : at +
            (chance.is(0.85)
              ? usual
              : chance.pick([0, gapMs, gapMs, gapMs + 1, gapMs - 1, chance.int(1_000, 2 * gapMs)]));
      if (at < fromMs || at >= toMs) continue;
      const fix = someFix(chance, watched, leaning);
      if (fix !== null) say(draft, tagAt(at), { time_ms: at, fix });
    }
  }
}

const LEANINGS = ['in', 'in?', 'out?', 'out', 'away'] as const;
type Leaning = (typeof LEANINGS)[number];

/** A fix that leans as wished about one of the zones, and that every zone can decide; null if none was found. */
export function someFix(chance: Chance, watched: readonly Watched[], leaning: Leaning): FixJson | null {
  const { zone, bufferM } = chance.pick(watched);
  const offset = chance.is(0.5) ? bufferM : 0;
  if (leaning === 'away' && chance.is(0.05)) return jump(chance, watched, zone);
  const isVague = leaning === 'in?' || leaning === 'out?';
  for (let tries = 0; tries < 25; tries++) {
    const source = chance.pick<Pick<FixJson, 'accuracy_dm' | 'mechanism'>>([
      { accuracy_dm: isVague ? chance.int(300, 5_000) : chance.int(20, 400), mechanism: 'GNSS' },
      isVague ? { accuracy_dm: chance.int(500, 9_000), mechanism: 'LBS' } : { mechanism: 'GNSS' },
      isVague ? { mechanism: 'WIFI' } : { accuracy_dm: chance.int(20, 600), mechanism: 'WIFI' },
      ...(isVague ? [{ mechanism: 'LBS' as const }, {}] : []),
    ]);
    const [lon, lat] = around(
      someCorner(chance, zone),
      chance.int(0, 359),
      chance.between(0, leaning === 'away' ? 1_500 : 600),
    );
    const fix: FixJson = { lat_e7: Math.round(lat * 1e7), lon_e7: Math.round(lon * 1e7), ...source };
    const [d, r] = [signedDistance(zone, positionOf(fix)) - offset, radiusOf(fix)];
    const isWished =
      leaning === 'in' ? d <= -r : leaning === 'in?' ? -r < d && d <= 0 : leaning === 'out?' ? 0 < d && d < r : d >= r;
    if (isWished && isDecidable(watched, fix)) return fix;
  }
  return null;
}

/** A fix from somewhere quite else. */
function jump(chance: Chance, watched: readonly Watched[], zone: ZoneJson): FixJson | null {
  const [lon, lat] = around(someCorner(chance, zone), chance.int(0, 359), chance.int(15_000, 80_000));
  const fix: FixJson = { lat_e7: Math.round(lat * 1e7), lon_e7: Math.round(lon * 1e7), accuracy_dm: 100 };
  return isDecidable(watched, fix) ? fix : null;
}

function someCorner(chance: Chance, zone: ZoneJson): LonLat {
  if (zone.type === 'Circle') return around(zone.center, chance.int(0, 359), chance.between(0, zone.radius_m));
  return chance.pick(chance.pick(zone.type === 'Polygon' ? zone.coordinates : zone.coordinates.flat()));
}

function isDecidable(watched: readonly Watched[], fix: FixJson): boolean {
  try {
    for (const { zone, bufferM } of watched) {
      const d = signedDistance(zone, positionOf(fix));
      mustBeDecidable(d, radiusOf(fix), d);
      if (bufferM > 0) mustBeDecidable(d - bufferM, radiusOf(fix), d);
    }
    return true;
  } catch (error) {
    if (error instanceof Undecidable) return false;
    throw error;
  }
}
