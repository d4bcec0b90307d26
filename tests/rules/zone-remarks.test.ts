/** What people are asked to look at again, of zones that are taken. */
import t from 'tap';
import type { ZoneId } from '../../src/domain/ids.js';
import type { Polygon, Position, Ring, ZoneShape } from '../../src/domain/zone.js';
import { extentM, zoneRemarks } from '../../src/rules/zone-remarks.js';
import { vincentyM } from './geodesic.js';

const polygons = (...polygons: Polygon[]): ZoneShape => ({ kind: 'polygons', polygons });
const codes = (shape: ZoneShape, timeZone = 'Europe/London') =>
  zoneRemarks({ zoneId: 'Z-1' as ZoneId, revision: 1, shape }, 'features[3]', timeZone).map(({ code }) => code);
/** Counterclockwise, about 1.3 km by 1.1 km at Leeds. */
const box = (west: number, south: number, wide = 0.02, high = 0.01): Ring => [
  [west, south],
  [west + wide, south],
  [west + wide, south + high],
  [west, south + high],
  [west, south],
];
const leeds = box(-1.55, 53.79);
const hole = [...box(-1.545, 53.793, 0.005, 0.004)].reverse();

t.test('of a zone as RFC 7946 wants it nothing is remarked', async (t) => {
  t.same(codes(polygons([leeds, hole], [box(-1.5, 53.79)])), []);
  t.same(codes({ kind: 'circle', center: [-1.54, 53.8], radiusM: 250 }), []);
});

t.test('a ring that winds the other way is named', async (t) => {
  t.same(codes(polygons([[...leeds].reverse()])), ['winding']);
  t.same(codes(polygons([leeds, [...hole].reverse()])), ['winding']);
  const zone = {
    zoneId: 'Z-1' as ZoneId,
    revision: 1,
    shape: polygons([leeds], [box(-1.5, 53.79), [...hole].reverse()]),
  };
  const [remark] = zoneRemarks(zone, '', 'Europe/London');
  t.match(remark, { path: 'geometry', polygon: 1, ring: 1, expected: /^ring 1 of polygon 1 to wind clockwise/ });
});

t.test('winding is that of the zone, not of the jump at the antimeridian', async (t) => {
  const onMap = (ring: Ring) => ring.map(([lon, lat]): Position => [lon > 180 ? lon - 360 : lon, lat]);
  const fiji = box(179.99, -17);
  t.same(codes(polygons([onMap(fiji)])), ['antimeridian']);
  t.same(codes(polygons([onMap([...fiji].reverse())])), ['winding', 'antimeridian']);
});

t.test('a zone in which no good fix is ever surely inside, and one that is no place in a town', async (t) => {
  t.same(codes(polygons([box(-1.55, 53.79, 0.02, 0.0003)])), ['narrow']);
  t.same(codes({ kind: 'circle', center: [-1.54, 53.8], radiusM: 19 }), ['narrow']);
  t.same(codes({ kind: 'circle', center: [-1.54, 53.8], radiusM: 20 }), []);
  t.same(codes(polygons([box(-4, 51, 4, 4)])), ['wide']);
});

t.test('what looks swapped for the country it should be in', async (t) => {
  t.same(codes({ kind: 'circle', center: [53.8, -1.54], radiusM: 250 }), ['swapped']);
  t.same(codes({ kind: 'circle', center: [53.8, -1.54], radiusM: 250 }, 'Europe/Warsaw'), []);
  t.same(codes({ kind: 'circle', center: [52, 21], radiusM: 250 }, 'Europe/Warsaw'), ['swapped']);
  const [remark] = zoneRemarks(
    { zoneId: 'Z-1' as ZoneId, revision: 1, shape: { kind: 'circle', center: [53.8, -1.54], radiusM: 250 } },
    'features[3]',
    'Europe/London',
  );
  t.equal(remark?.path, 'features[3].geometry');
});

t.test('the extent is that of the widest row and of the column, also across the antimeridian', async (t) => {
  const near = (got: number, want: number) => t.ok(Math.abs(got - want) < want / 1000, `${got} for ${want}`);
  const both = ([eastWest, northSouth]: readonly [number, number], wide: number, high: number) => {
    near(eastWest, wide);
    near(northSouth, high);
  };
  both(extentM(polygons([leeds])), vincentyM(-1.55, 53.79, -1.53, 53.79), vincentyM(0, 53.79, 0, 53.8));
  both(
    extentM(
      polygons([
        [
          [179.99, -17],
          [-179.98, -17],
          [-179.98, 17],
          [179.99, 17],
          [179.99, -17],
        ],
      ]),
    ),
    vincentyM(0, 0, 0.03, 0),
    vincentyM(0, -17, 0, 17),
  );
  t.same(extentM({ kind: 'circle', center: [0, 0], radiusM: 250 }), [500, 500]);
});
