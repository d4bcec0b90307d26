/** Positions as programs and people write them. */
import t from 'tap';
import { parsePoint } from '../../src/codec/point-json.js';

const at = { lon: -1.54, lat: 53.8 };
const read = (json: unknown) => {
  const point = parsePoint(json);
  return point.ok ? point.value : point.fault;
};

t.test('a position is taken in every usual form, longitude first in lists', async (t) => {
  const geometry = { type: 'Point', coordinates: [-1.54, 53.8] };
  const plain = { ...at, accuracyM: null, mechanism: null };
  for (const form of [
    [-1.54, 53.8],
    [-1.54, 53.8, 120],
    at,
    { lng: -1.54, lat: 53.8 },
    { longitude: -1.54, latitude: 53.8, time: 'now' },
    geometry,
    { type: 'Feature', geometry, properties: null },
    { type: 'Feature', id: 7, geometry, properties: { name: 'a tag' } },
  ]) {
    t.same(read(form), plain, JSON.stringify(form));
  }
});

t.test('what it says of its accuracy is taken with it, also that it is exact', async (t) => {
  const geometry = { type: 'Point', coordinates: [-1.54, 53.8] };
  for (const name of ['accuracy_m', 'radius_m']) {
    for (const metres of [0, 12.5]) {
      const said = { [name]: metres };
      const forms = [
        { ...at, ...said },
        { ...geometry, ...said },
        { type: 'Feature', geometry, properties: said },
      ];
      for (const form of forms) t.same(read(form), { ...at, accuracyM: metres, mechanism: null }, JSON.stringify(form));
    }
  }
  t.same(read({ ...at, mechanism: 'LBS' }), { ...at, accuracyM: null, mechanism: 'LBS' });
});

t.test('a fix is taken as devices send it, by itself or in its record; 0 is no accuracy', async (t) => {
  const fix = { lat_e7: 538_000_000, lon_e7: -15_400_000, accuracy_dm: 125, mechanism: 'WIFI', altitude_dm: 3 };
  t.same(read(fix), { ...at, accuracyM: 12.5, mechanism: 'WIFI' });
  t.same(read({ time_ms: 1, fix }), { ...at, accuracyM: 12.5, mechanism: 'WIFI' });
  t.same(read({ ...fix, accuracy_dm: 0 }), { ...at, accuracyM: null, mechanism: 'WIFI' });
  t.same(read({ lat_e7: 538_000_000, lon_e7: -15_400_000 }), { ...at, accuracyM: null, mechanism: 'UNSPECIFIED' });
});

t.test('what is no position is refused in words that quote no place', async (t) => {
  const wrong: readonly [unknown, RegExp][] = [
    [null, /^expected a GeoJSON Point/],
    ['-1.5412,53.8012', /^expected a GeoJSON Point/],
    [53.8012, /^expected a GeoJSON Point/],
    [{}, /^expected a GeoJSON Point/],
    [{ lon: -1.5412 }, /^expected a GeoJSON Point/],
    [[-1.5412], /two numbers of degrees/],
    [[-1.5412, 53.8012, 1, 2], /two numbers of degrees/],
    [['-1.5412', '53.8012'], /two numbers of degrees/],
    [{ lon: '-1.5412', lat: '53.8012' }, /two numbers of degrees/],
    [{ lon: -1.5412, lat: 153.8012 }, /latitude between -90 and 90, got 154/],
    [[190.5412, 53.8012], /longitude between -180 and 180, got 191/],
    [{ type: 'Point', coordinates: [53.8012, 153.8012] }, /latitude between/],
    [{ type: 'Point', coordinates: '53.8012' }, /coordinates/],
    [{ type: 'LineString', coordinates: [[-1.5412, 53.8012]] }, /a Point, got "LineString"/],
    [{ type: 'Feature', geometry: null, properties: {} }, /Feature of a Point/],
    [{ type: 'FeatureCollection', features: [] }, /one Feature a line/],
    [{ ...at, accuracy_m: -1 }, /accuracy of 0 or more metres/],
    [{ ...at, accuracy_m: '5412' }, /accuracy of 0 or more metres/],
    [{ ...at, mechanism: 'GPS' }, /mechanism of UNSPECIFIED GNSS/],
    [{ lat_e7: 538012000, lon_e7: 1.5412 }, /whole numbers/],
    [{ lat_e7: 538012000 }, /whole numbers/],
    [{ lat_e7: 938012000, lon_e7: 0 }, /latitude between -90 and 90/],
    [{ lat_e7: 1, lon_e7: 0, accuracy_dm: -5 }, /accuracy_dm/],
    [{ lat_e7: 1, lon_e7: 0, mechanism: 'toString' }, /mechanism of/],
  ];
  for (const [json, fault] of wrong) {
    const got = read(json);
    t.match(got, fault, JSON.stringify(json));
    t.notMatch(String(got), /5412|8012/);
  }
});
