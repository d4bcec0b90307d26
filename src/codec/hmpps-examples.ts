/** Examples of what a person must supply: right in form, and nobody's. */

import type { Json } from './hmpps-draft.js';

/** Around a point in the North Sea, within the box of the order's country. */
export const EXAMPLE_ZONE = {
  type: 'Polygon',
  coordinates: [
    [
      [0.5, 54.5],
      [0.51, 54.5],
      [0.51, 54.51],
      [0.5, 54.51],
      [0.5, 54.5],
    ],
  ],
} as const;

export const ALCOHOL_LIMIT_EXAMPLES = { alcohol_abstinence: 200, alcohol_level: 800 } as const;

/** One home unit at each address, and what must be worn for these conditions, from a time on. */
export function exampleDevices(conditions: readonly Json[], from: string): Json[] {
  const kinds = conditions.map(({ kind }) => String(kind));
  const named = addressesOf(conditions);
  // a curfew whose rows are missing, too: those of their example
  const addresses = named.length === 0 && kinds.includes('curfew') ? ['primary'] : named;
  const alcohol = kinds.some((kind) => kind.startsWith('alcohol'));
  const located = kinds.some((kind) => kind !== 'curfew' && !kind.startsWith('alcohol'));
  const worn = located ? 'tag' : kinds.includes('curfew') ? 'rf_tag' : alcohol ? null : 'tag';
  return [
    ...addresses.map((address, i) => ({ device_id: `HU-${i + 1}`, kind: 'home_unit', address, from })),
    ...(worn === null ? [] : [{ device_id: 'TAG-1', kind: worn, from }]),
    ...(alcohol ? [{ device_id: 'ALC-1', kind: 'alcohol_tag', from }] : []),
  ];
}

/** Short names of addresses that conditions name, each once, sorted. */
export function addressesOf(conditions: readonly Json[]): string[] {
  const lists = conditions.flatMap(({ timetable, dated }) => [timetable, dated]);
  const rows = lists.flatMap((list) => (Array.isArray(list) ? (list as readonly Json[]) : []));
  const named = [...rows.flatMap(({ addresses }) => addresses), ...conditions.map(({ address }) => address)];
  return [...new Set(named.filter((name) => typeof name === 'string'))].sort();
}
