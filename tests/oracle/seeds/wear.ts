/** People with equipment that fails, and people who may not drink: what their devices say of themselves. */
import type { RecordJson, TagStatusJson } from '../contract.js';
import type { Chance } from './chance.js';
import { type Draft, type DraftOrder, emptyOrder, say } from './draft.js';
import { around } from './places.js';
import { iso } from './rows.js';
import { HOUR } from './seasons.js';

const MINUTE = 60_000;

export function equippedPeople(chance: Chance, draft: Draft): void {
  const order = trailOrder(chance, draft);
  const id = (name: string) => `${draft.name}-${name}`;
  const from = iso(order.fromMs);
  const kind = chance.pick(['tag', 'tag', 'rf_tag'] as const);
  order.devices.push({ device_id: id('H0'), kind: 'home_unit', address: 'primary', from });
  order.devices.push({ device_id: id('T1'), kind, from });
  if (chance.is(0.2)) order.policy.tag_silence_s = chance.pick([1_800, 7_200]);
  const unitLife = times(chance, order, (order.policy.silence_s ?? 7_500) * 1_000, HOUR);
  const unitStatus = faults(chance, [
    ['MAINS_LOST', 'MAINS_RESTORED'],
    ['MOVED', 'RESET'],
    ['CASE_OPEN_START', 'CASE_OPEN_END'],
    ['SELF_TEST_FAULT', 'SELF_TEST_OK'],
  ]);
  const unitBattery = battery(chance, 0, false);
  for (const time_ms of unitLife) say(draft, id('H0'), { time_ms, unit: status(chance, unitStatus(), unitBattery) });
  const tagStatus = faults(chance, [
    ['STRAP_TAMPER_START', 'STRAP_TAMPER_END'],
    ['CASE_OPEN_START', 'CASE_OPEN_END'],
    ['SHIELDING_START', 'SHIELDING_END'],
    ['JAMMING_START', 'JAMMING_END'],
    ['SELF_TEST_FAULT', 'SELF_TEST_OK'],
  ]);
  // how an RF-only tag is heard to be dead is said nowhere
  const tagBattery = battery(chance, kind === 'rf_tag' ? 4 : 0, true);
  if (kind === 'rf_tag') {
    for (const time_ms of chance.some(unitLife, 0.7)) {
      const rf = { tag_id: id('T1'), kind: 'PRESENT', status: status(chance, tagStatus(), tagBattery) } as const;
      say(draft, id('H0'), { time_ms: time_ms + 1, rf });
    }
    return;
  }
  const motion = faults(chance, [['MOTION_START', 'MOTION_END']], 0.25);
  const place = chance.pick(draft.season.towns);
  for (const time_ms of times(chance, order, (order.policy.tag_silence_s ?? 3_900) * 1_000, 10 * MINUTE)) {
    if (chance.is(0.3)) {
      const [lon, lat] = around(place, 0, 20);
      const accuracy_dm = chance.pick([50, 990, 1_000, 1_001, 3_000]);
      say(draft, id('T1'), {
        time_ms,
        fix: { lat_e7: Math.round(lat * 1e7), lon_e7: Math.round(lon * 1e7), accuracy_dm },
      });
    } else say(draft, id('T1'), { time_ms, tag: status(chance, [...tagStatus(), ...motion()], tagBattery) });
  }
}

export function soberPeople(chance: Chance, draft: Draft): void {
  const order = trailOrder(chance, draft);
  const deviceId = `${draft.name}-A1`;
  order.devices.push({ device_id: deviceId, kind: 'alcohol_tag', from: iso(order.fromMs) });
  const level = chance.pick([100, 200, 800]);
  order.conditions.push({
    condition_id: 'C1',
    kind: chance.pick(['alcohol_abstinence', 'alcohol_level'] as const),
    threshold_ug_l: level,
    ...(chance.is(0.5) && { consecutive: chance.pick([1, 2, 3, 4]) }),
  });
  const tampers = faults(chance, [['', '']], 0.1);
  let isTampered = false;
  for (const time_ms of times(chance, order, (order.policy.alcohol_silence_s ?? 90_000) * 1_000, 30 * MINUTE)) {
    if (tampers().length > 0) isTampered = !isTampered;
    const tac_ug_l = chance.pick([1, level - 1, level, level, level + 1, chance.int(1, 2 * level)]);
    const flags = isTampered ? [chance.pick(['OBSTRUCTED', 'REMOVED'])] : [];
    const record: RecordJson = { time_ms, alcohol: { tac_ug_l, ...(flags.length > 0 && { flags }) } };
    say(draft, deviceId, record);
  }
}

function trailOrder(chance: Chance, draft: Draft): DraftOrder {
  const order = emptyOrder(chance, draft, 'A');
  order.addresses.primary = {};
  order.conditions.push({ condition_id: 'TRAIL', kind: 'trail' });
  return order;
}

/** Moments at which a device speaks: regular, with silences that end on, before and after the moment that counts. */
function times(chance: Chance, order: DraftOrder, silenceMs: number, every: number): number[] {
  const found: number[] = [];
  let at = order.fromMs + chance.int(0, every);
  // it does not end at its order's end, where its alerts would be closed for another reason
  while (at < order.toMs - 1) {
    found.push(at);
    at += chance.is(0.04)
      ? chance.pick([silenceMs, silenceMs + 1, silenceMs - 1, chance.int(1, 3) * silenceMs])
      : every + chance.int(-every / 4, every / 4);
  }
  return found;
}

/** Flags that come and go in pairs, with repeats. */
function faults(chance: Chance, pairs: readonly (readonly [string, string])[], rate = 0.06): () => string[] {
  return () => chance.some(pairs, rate).map((pair) => chance.pick(pair));
}

/** Levels that fall, and rise on the charger. */
function battery(chance: Chance, least: number, tellsOfCharger: boolean): () => TagStatusJson {
  let level = chance.int(5, 60);
  return () => {
    if (level <= least + 1 || (level < 30 && chance.is(0.05))) {
      level = chance.int(30, 95);
      if (tellsOfCharger) return { flags: ['CHARGING_START'] };
    }
    level = Math.min(100, Math.max(least, level + chance.pick([0, -1, -2, -5, chance.int(-3, 6)])));
    return { battery_pct: level };
  };
}

function status(chance: Chance, flags: readonly string[], level: () => TagStatusJson): TagStatusJson {
  const of = chance.is(0.7) ? level() : {};
  const all = [...new Set([...(of.flags ?? []), ...flags])];
  return {
    ...(of.battery_pct !== undefined && { battery_pct: of.battery_pct }),
    ...(all.length > 0 && { flags: all }),
  };
}
