/** Positions that look like [latitude, longitude]: told up to the borders of the order's country, and guessed at nowhere else. */
import t from 'tap';
import type { Position, ZoneShape } from '../../src/domain/zone.js';
import { swappedProblem } from '../../src/rules/zone-countries.js';

/** West, south, east and north of the people of each zone, in degrees: as the contract has them. */
const countries: Readonly<Record<string, readonly [number, number, number, number]>> = {
  'Europe/London': [-9, 49, 2, 61],
  'Europe/Belfast': [-9, 49, 2, 61],
  'Europe/Isle_of_Man': [-9, 49, 2, 61],
  'Europe/Jersey': [-3, 48.5, -1.5, 50],
  'Europe/Guernsey': [-3, 48.5, -1.5, 50],
  'Europe/Dublin': [-11, 51, -5, 56],
  'Europe/Amsterdam': [3, 50.5, 7.5, 54],
  'Europe/Berlin': [5.5, 47, 15.5, 55.5],
  'Europe/Brussels': [2, 49, 7, 52],
  'Europe/Madrid': [-10, 35, 5, 44.5],
  'Europe/Paris': [-5.5, 41, 10, 51.5],
  'Europe/Rome': [6, 35, 19, 47.5],
  'Europe/Warsaw': [14, 48.5, 24.5, 55],
};
const told = (where: Position | ZoneShape, zone: string) => swappedProblem(where, zone, 'zone') !== null;

for (const [zone, [west, south, east, north]] of Object.entries(countries)) {
  t.test(`in ${zone} a swap is told up to the borders, and not beyond them`, (t) => {
    const middle = [(west + east) / 2, (south + north) / 2] as const;
    for (const lon of [west, middle[0], east]) {
      for (const lat of [south, middle[1], north]) {
        t.equal(told([lat, lon], zone), true, `${lat}, ${lon}`);
        t.equal(told([lon, lat], zone), false, 'the right way round it is well');
      }
    }
    for (const lon of [west - 0.01, east + 0.01]) t.equal(told([middle[1], lon], zone), false, `${lon} is abroad`);
    for (const lat of [south - 0.01, north + 0.01]) t.equal(told([lat, middle[0]], zone), false, `${lat} is abroad`);
    t.end();
  });
}

t.test('in a country that is not listed nothing is guessed, whatever its name', (t) => {
  for (const zone of ['Asia/Tokyo', 'constructor', 'toString', '']) t.equal(told([53.8, -1.5], zone), false, zone);
  t.end();
});

const leeds = [-1.5, 53.8] as const;
const swapped = [53.8, -1.5] as const;
const polygon = (...ring: Position[]): ZoneShape => ({ kind: 'polygons', polygons: [[ring]] });

t.test('a shape is swapped only when all of it is', (t) => {
  const around = ([x, y]: Position): Position[] => [
    [x, y],
    [x + 0.1, y],
    [x, y + 0.1],
    [x, y],
  ];
  t.equal(told(polygon(...around(swapped)), 'Europe/London'), true);
  t.equal(told(polygon(...around(leeds)), 'Europe/London'), false);
  t.equal(told(polygon(...around(swapped), [2.35, 48.86]), 'Europe/London'), false, 'one of them fits no way round');
  t.equal(told({ kind: 'circle', center: swapped, radiusM: 100 }, 'Europe/London'), true);
  t.equal(told({ kind: 'circle', center: leeds, radiusM: 100 }, 'Europe/London'), false);
  t.end();
});
