/** The circle question: people with a round zone each, and fixes that go in and out of it, clear of its edge. */
import { Random } from '../../src/sim/random.js';
import { type Area, positionOf, spotAround } from './ground.js';

export const RADIUS_M = 150;
/** Fixes in a row on one side. */
const STAY = 5;
/** Of the radius: far enough from the edge that no two ways to measure the earth differ about it. */
const [INSIDE_MAX, OUTSIDE_MIN, OUTSIDE_MAX] = [0.96, 1.04, 4] as const;

export interface PeerPerson {
  readonly id: string;
  readonly centre: readonly [lon: number, lat: number];
  readonly fixes: readonly { readonly lon: number; readonly lat: number; readonly inside: boolean }[];
}

/** The same for the same seed, in whichever process. The first fix of each is outside. */
export function makePeople(seed: string, people: number, fixes: number): PeerPerson[] {
  return Array.from({ length: people }, (_, i): PeerPerson => {
    const random = Random.of(seed, 'peer', i);
    // a tenth of a degree apart: nobody is near another's zone
    const area: Area = { lon: -5 + 0.1 * (i % 60), lat: 50 + 0.06 * Math.floor(i / 60) };
    return {
      id: `P-${i}`,
      centre: positionOf(area, { x: 0, y: 0 }) as unknown as PeerPerson['centre'],
      fixes: Array.from({ length: fixes }, (_, n) => {
        const inside = Math.floor(n / STAY) % 2 === 1;
        const [near, far] = inside ? [0, INSIDE_MAX] : [OUTSIDE_MIN, OUTSIDE_MAX];
        return { ...placed(random, area, near, far), inside };
      }),
    };
  });
}

/** Within 2 % of the edge, either side: where ways to measure the earth differ. */
export function edgeFixes(
  seed: string,
  person: number,
  many: number,
): { readonly lon: number; readonly lat: number }[] {
  const random = Random.of(seed, 'edge', person);
  const area: Area = { lon: -5 + 0.1 * (person % 60), lat: 50 + 0.06 * Math.floor(person / 60) };
  return Array.from({ length: many }, () => placed(random, area, 0.98, 1.02));
}

function placed(random: Random, area: Area, near: number, far: number) {
  const [lon, lat] = positionOf(area, spotAround(random, { x: 0, y: 0 }, near * RADIUS_M, far * RADIUS_M));
  return { lon: lon as number, lat: lat as number };
}

/** How often a person's side changes: what an alert is told of. */
export function changesOf({ fixes }: PeerPerson): number {
  return fixes.reduce((sum, { inside }, n) => sum + Number(inside !== (fixes[n - 1]?.inside ?? false)), 0);
}
