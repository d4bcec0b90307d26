/** Zones from GeoJSON and back. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { parseZoneCollection, parseZoneFeature, zoneToJson } from '../../src/codec/zone-json.js';
import type { ZoneId } from '../../src/domain/ids.js';
import { formatProblem } from '../../src/domain/problem.js';
import { seedOfRun } from '../rules/seeded.js';
import { arbitraryShape } from '../support/arbitrary-orders.js';

const seed = seedOfRun();
t.comment(`seed ${seed}`);

const ring = [
  [-1.55, 53.79],
  [-1.53, 53.79],
  [-1.53, 53.8],
  [-1.55, 53.79],
];
const geometry = { type: 'Polygon', coordinates: [ring] };
const feature = { type: 'Feature', id: 'Z-1', properties: null, geometry };
const told = (json: unknown): string[] => {
  const parsed = parseZoneFeature(json);
  return parsed.ok ? [] : parsed.fault.map(formatProblem);
};

t.test('a zone that was written is read back as the same zone', async (t) => {
  fc.assert(
    fc.property(arbitraryShape, fc.integer({ min: 1, max: 99 }), (shape, revision) => {
      const zone = { zoneId: 'Z-1' as ZoneId, revision, shape };
      const parsed = parseZoneFeature(JSON.parse(JSON.stringify(zoneToJson(zone))), revision);
      assert.deepStrictEqual(parsed, { ok: true, value: zone });
    }),
    { seed, numRuns: 200 },
  );
  t.pass();
});

t.test('what a Feature says of itself is ignored, and a number is an id', async (t) => {
  const json = { ...feature, id: 4471, bbox: [0, 0, 1, 1], properties: { name: 'a place', radius_m: 'wide' } };
  t.match(parseZoneFeature(json, 7), { ok: true, value: { zoneId: '4471', revision: 7 } });
});

t.test('an altitude is dropped', async (t) => {
  const high = ring.map(([lon, lat]) => [lon, lat, 120]);
  t.match(parseZoneFeature({ ...feature, geometry: { ...geometry, coordinates: [high] } }), {
    value: { shape: { polygons: [[ring]] } },
  });
});

t.test('a Point with a radius is a circle', async (t) => {
  const point = { type: 'Point', coordinates: [-1.5, 53.5] };
  t.same(parseZoneFeature({ ...feature, geometry: point, properties: { radius_m: 300 } }), {
    ok: true,
    value: { zoneId: 'Z-1', revision: 1, shape: { kind: 'circle', center: [-1.5, 53.5], radiusM: 300 } },
  });
  t.same(told({ ...feature, geometry: point }), ['properties: expected an object, got nothing']);
  t.same(told({ ...feature, geometry: point, properties: {} }), [
    'properties.radius_m: expected a radius in metres, got nothing',
  ]);
});

t.test('a circle as geometry is a circle', async (t) => {
  const circle = { type: 'Circle', center: [-1.5, 53.5], radius_m: 300 };
  t.match(parseZoneFeature({ ...feature, geometry: circle }), { value: { shape: { kind: 'circle', radiusM: 300 } } });
});

t.test('a shared zone needs an id, a geometry and no field that is not known', async (t) => {
  t.same(told({ ...feature, id: undefined }), ['id: expected 1 to 64 of A-Z a-z 0-9 . _ -, got nothing']);
  t.same(told({ ...feature, geometry: null }), ['geometry: expected an object, got nothing']);
  t.same(told({ ...feature, colour: 'red' }), [
    'colour: expected a known field (type, id, bbox, properties, geometry), got one that is not known',
  ]);
  t.same(told({ ...feature, geometry: { ...geometry, crs: 'x' } }), [
    'geometry.crs: expected a known field (type, bbox, coordinates), got one that is not known',
  ]);
});

t.test('no problem quotes where a zone is', async (t) => {
  const wrong = [
    ['-1.5512', '53.7912'],
    '-1.5512,53.7912',
    { lon: -1.5512, lat: 53.7912 },
    [-1.5512],
    [53.7912, 151.5512],
  ];
  for (const position of wrong) {
    const [problem = ''] = told({ ...feature, geometry: { type: 'Polygon', coordinates: [[position, ...ring]] } });
    t.match(problem, /^geometry\.coordinates\[0\]\[0\]: /);
    t.notMatch(problem, /5512|7912/);
  }
});

t.test('a collection gives its zones, with paths of the whole file', async (t) => {
  const collection = { type: 'FeatureCollection', features: [feature, { ...feature, id: 'Z-2' }] };
  t.match(parseZoneCollection(collection), { ok: true, value: [{ zoneId: 'Z-1' }, { zoneId: 'Z-2' }] });
  t.match(parseZoneCollection(feature), { ok: true, value: [{ zoneId: 'Z-1' }] });

  const open = { ...feature, id: 'Z-3', geometry: { ...geometry, coordinates: [ring.slice(0, 3)] } };
  const parsed = parseZoneCollection({ ...collection, features: [feature, feature, open] });
  t.same(parsed.ok ? [] : parsed.fault.map(formatProblem), [
    'features[1].id: expected an id of its own, got "Z-1"',
    'features[2].geometry.coordinates[0]: expected a ring of at least 4 positions, got 3',
  ]);
});
