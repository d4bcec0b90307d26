import t from 'tap';
import { parseZoneId } from '../../src/domain/ids.js';
import type { SharedZone, ZoneShape } from '../../src/domain/zone.js';
import { compileShape, signedDistanceM } from '../../src/rules/geometry.js';
import { SharedZones } from '../../src/rules/zone-index.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const zoneId = (name: string) => {
  const id = parseZoneId(name);
  if (!id.ok) throw new Error(id.fault);
  return id.value;
};

/** A circle or a box, at a place that is often near the antimeridian. */
function zone(random: () => number, name: string, revision: number): SharedZone {
  const lon = random() < 0.5 ? 179.5 + random() : -180 + 360 * random();
  const lat = -85 + 170 * random();
  const size = 0.001 + 0.2 * random();
  const shape: ZoneShape =
    random() < 0.5
      ? { kind: 'circle', center: [lon > 180 ? lon - 360 : lon, lat], radiusM: 100_000 * size }
      : {
          kind: 'polygons',
          polygons: [
            [
              [
                [lon, lat],
                [lon + size, lat],
                [lon, lat + size],
                [lon, lat],
              ],
            ],
          ],
        };
  return { zoneId: zoneId(name), revision, shape };
}

t.test('the zones within a margin are found as by looking at every one, while zones come, change and go', (t) => {
  const random = seeded(seed);
  const index = new SharedZones();
  const all = new Map<string, SharedZone>();
  let found = 0;
  for (let i = 0; i < 3_000; i++) {
    const name = `Z-${Math.floor(400 * random())}`;
    if (random() < 0.25) {
      index.remove(zoneId(name));
      all.delete(name);
    } else {
      const made = zone(random, name, i);
      index.put(made);
      all.set(name, made);
    }
    const [somewhere] = [...all.values()].slice(Math.floor(all.size * random()));
    const at = somewhere?.shape;
    const [lon0, lat0] = at?.kind === 'circle' ? at.center : (at?.polygons[0]?.[0]?.[0] ?? [0, 0]);
    const [lon, lat] = [lon0 + 0.4 * random() - 0.2, lat0 + 0.4 * random() - 0.2];
    const marginM = 20_000 * random();
    const want = [...all.values()]
      .filter((z) => signedDistanceM(compileShape(z.shape), lon, lat) <= marginM)
      .map((z) => z.zoneId)
      .sort();
    const got = index.near(lon, lat, marginM);
    found += want.length;
    if (got.join() !== want.join()) t.fail(`${lon} ${lat} within ${marginM}: ${got} for ${want}`);
  }
  t.equal(index.size, all.size);
  t.ok(found > 1_000, `${found} found`);
  t.end();
});

t.test('a zone that was replaced is found where it is now, and its shape is the new one', (t) => {
  const index = new SharedZones();
  const at = (lon: number, revision: number): SharedZone => ({
    zoneId: zoneId('Z-1'),
    revision,
    shape: { kind: 'circle', center: [lon, 51], radiusM: 100 },
  });
  index.put(at(0, 1));
  index.put(at(1, 2));
  t.strictSame(index.near(0, 51, 50), []);
  t.strictSame(index.near(1, 51, 50), ['Z-1']);
  t.equal(index.get(zoneId('Z-1'))?.revision, 2);
  t.strictSame(index.shapeOf(zoneId('Z-1')), at(1, 2).shape);
  index.remove(zoneId('Z-1'));
  t.strictSame(index.near(1, 51, 50), []);
  t.equal(index.shapeOf(zoneId('Z-1')), null);
  t.end();
});

t.test('many zones at once are found as if they had come one by one, and the last of an id stands', (t) => {
  const random = seeded(seed + 1);
  const [oneByOne, atOnce] = [new SharedZones(), new SharedZones()];
  const put = (zone: SharedZone) => {
    oneByOne.put(zone);
    atOnce.put(zone);
  };
  for (let round = 0; round < 5; round++) {
    const zones = Array.from({ length: 200 }, (_, i) =>
      zone(random, `Z-${Math.floor(300 * random())}`, 200 * round + i),
    );
    for (const one of zones) oneByOne.put(one);
    atOnce.putAll(zones);
    t.equal(atOnce.size, oneByOne.size);
    for (let n = 0; n < 400; n++) {
      const [lon, lat] = [179 + 2 * random(), -85 + 170 * random()];
      t.same(atOnce.near(lon, lat, 20_000), oneByOne.near(lon, lat, 20_000));
    }
    for (const { zoneId } of zones) t.equal(atOnce.get(zoneId)?.revision, oneByOne.get(zoneId)?.revision);
    // and edited live after that, a few more at once among them
    for (let n = 0; n < 200; n++) {
      const name = `Z-${Math.floor(400 * random())}`;
      const few = [zone(random, name, n), zone(random, `Z-${Math.floor(400 * random())}`, n)];
      const turn = random();
      if (turn < 0.4) {
        oneByOne.remove(zoneId(name));
        atOnce.remove(zoneId(name));
      } else if (turn < 0.9) put(few[0] as SharedZone);
      else {
        for (const one of few) oneByOne.put(one);
        atOnce.putAll(few);
      }
      const shape = oneByOne.shapeOf(zoneId(name));
      const [lon, lat] = shape?.kind === 'circle' ? shape.center : (shape?.polygons[0]?.[0]?.[0] ?? [180, 0]);
      t.same(atOnce.near(lon, lat, 20_000), oneByOne.near(lon, lat, 20_000));
      t.equal(atOnce.size, oneByOne.size);
    }
  }
  t.end();
});

t.test('a zone around the whole earth is near wherever one stands, and named once', (t) => {
  const index = new SharedZones();
  const around = [
    [-180, 60],
    [180, 60],
    [180, 90],
    [-180, 90],
    [-180, 60],
  ] as const;
  index.put({ zoneId: zoneId('Z-1'), revision: 1, shape: { kind: 'polygons', polygons: [[around]] } });
  for (const lon of [-180, -179.9, 0, 179.9, 180]) {
    t.same(index.near(lon, 70, 100), ['Z-1'], `${lon}`);
    t.same(index.near(lon, 50, 100), [], `south of it: ${lon}`);
  }
  t.end();
});
