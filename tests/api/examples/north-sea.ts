// A person who does not exist, living on a raft in the North Sea: their order, their records, nothing of anybody.
import { said } from '../evidence.js';
import { nowMs, orderJson } from '../harness.js';

/** No place of any example lies outside it: west, south, east, north. */
export const NORTH_SEA = [2, 54, 5, 57] as const;

export const HOUR = 3_600_000;
const home = [3.42, 55.71];
export const startMs = nowMs - 2 * HOUR;
export const endMs = startMs + 10 * 60_000;

export const zone = (id: string, radius = 400) => ({
  type: 'Feature',
  id,
  properties: {},
  geometry: { type: 'Circle', center: [3.51, 55.76], radius_m: radius },
});

export const order = (n: number, over: Record<string, unknown> = {}): Record<string, unknown> =>
  orderJson({
    order_id: `ORD-${n}`,
    subject_id: `SUB-${n}`,
    minor_max_min: 15,
    devices: [
      { device_id: `HU-${n}`, kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' },
      { device_id: `TAG-${n}`, kind: 'tag', from: '2026-03-01T09:00:00Z' },
    ],
    addresses: { primary: { position: home } },
    conditions: [
      {
        condition_id: 'C1',
        kind: 'curfew',
        tolerance_s: 300,
        timetable: [{ days: ['MONDAY', 'TUESDAY'], start: '19:00', end: '07:00', addresses: ['primary'] }],
      },
      ...(n === 1
        ? [
            { condition_id: 'C2', kind: 'exclusion_zone', zone_ref: 'Z-1' },
            { condition_id: 'C3', kind: 'trail' },
          ]
        : []),
    ],
    ...over,
  });

/** Five minutes of a tag, and what it said of its battery. */
export const records = [
  ...Array.from({ length: 5 }, (_, n) =>
    said('TAG-1', startMs + n * 60_000, {
      kind: 'fix',
      latE7: 557_600_000 + n * 1_000,
      lonE7: 35_100_000 - n * 1_000,
      accuracyDm: 52,
      speedCmS: 140,
      headingCdeg: 9_000,
      satellites: 9,
      hdopCenti: 90,
      mechanism: 'GNSS',
      altitudeDm: 0,
    }),
  ),
  said('HU-1', startMs + 60_000, { kind: 'unit', flags: ['MAINS_LOST'], batteryPct: 80 }),
];
