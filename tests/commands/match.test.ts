// `fairwatch match` as a program uses it.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Polygon, Position } from '../../src/domain/zone.js';
import { repository } from '../house/repository.js';
import { exactlyInside, nearestEdgeM } from '../rules/exact-side.js';
import { vincentyTo } from '../rules/geodesic.js';
import { seeded, seedOfRun } from '../rules/seeded.js';
import { room } from './executable.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

interface Line {
  readonly index: number;
  readonly zones: { id: string; side: string; distance_m: number }[];
}
const linesOf = (out: string): Line[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const feature = (id: string, geometry: unknown, properties: unknown = null) => ({
  type: 'Feature',
  id,
  properties,
  geometry,
});
const box = (west: number, south: number, east: number, north: number): Position[] => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
const PARK: Polygon = [box(-1.55, 53.79, -1.53, 53.8), box(-1.545, 53.794, -1.54, 53.796)];
const FIJI: readonly Polygon[] = [[box(179.9, -17, 180, -16.9)], [box(-180, -17, -179.8, -16.9)]];
const ZONES = {
  type: 'FeatureCollection',
  features: [
    feature('park', { type: 'Polygon', coordinates: PARK }),
    feature('fiji', { type: 'MultiPolygon', coordinates: FIJI }),
    feature('stadium', { type: 'Circle', center: [-1.57, 53.78], radius_m: 250 }),
    feature('school', { type: 'Point', coordinates: [-1.54, 53.81] }, { radius_m: 100 }),
  ],
};

/** Runs with `points` as the file's text. */
function matching(t: Parameters<typeof room>[0]) {
  const { folder, run, env } = room(t);
  const [zones, points] = [join(folder, 'zones.json'), join(folder, 'points.ndjson')];
  writeFileSync(zones, JSON.stringify(ZONES));
  return {
    points,
    match(text: string, ...flags: string[]) {
      writeFileSync(points, text);
      return run('match', '--zones', zones, '--points', points, ...flags);
    },
    piped(input: string) {
      const main = join(repository, 'dist', 'src', 'main.js');
      const ran = spawnSync(process.execPath, [main, 'match', '--zones', zones, '--points', '-'], { env, input });
      return { code: ran.status, out: String(ran.stdout), err: String(ran.stderr) };
    },
  };
}

t.test('each point gets one line, byte for byte as agreed, with every zone in the order of its file', async (t) => {
  const { match } = matching(t);
  const { code, out } = await match('{"lon":-1.55,"lat":53.795}\n[180,-17]\n');
  t.equal(code, 0);
  const number = '-?\\d+(\\.\\d{1,6})?';
  const zone = (id: string, side: string, d: string) => `\\{"id":"${id}","side":"${side}","distance_m":${d}\\}`;
  const [first, second, end] = out.split('\n');
  const far = ['stadium', 'school'].map((id) => zone(id, 'outside', number)).join(',');
  t.match(
    first,
    new RegExp(
      `^\\{"index":0,"zones":\\[${zone('park', 'inside', '0')},${zone('fiji', 'outside', number)},${far}\\]\\}$`,
    ),
  );
  t.match(
    second,
    new RegExp(
      `^\\{"index":1,"zones":\\[${zone('park', 'outside', number)},${zone('fiji', 'inside', '0')},${far}\\]\\}$`,
    ),
  );
  t.equal(end, '');
});

t.test('sides are those of exact arithmetic, and distances to a circle those of the geodesic', async (t) => {
  const random = seeded(seed);
  const points: Position[] = [];
  for (let i = 0; i < 20_000; i++) {
    const [lon, lat] =
      i % 2 === 0
        ? [-1.56 + 0.04 * random(), 53.785 + 0.02 * random()]
        : [179.7 + 0.6 * random(), -17.1 + 0.3 * random()];
    points.push([lon > 180 ? lon - 360 : lon, lat]);
  }
  const circle = Array.from({ length: 500 }, () => 10_000 * random());
  for (const metres of circle) points.push(vincentyTo(-1.57, 53.78, 360 * random(), metres));
  const { match } = matching(t);
  const lines = linesOf((await match(points.map((at) => `${JSON.stringify(at)}\n`).join(''))).out);
  t.equal(lines.length, points.length);
  let inside = 0;
  for (const [i, at] of points.entries()) {
    const { index, zones } = lines[i] as Line;
    if (index !== i) t.fail(`${index} for ${i}`);
    for (const [z, polygons] of [[PARK], FIJI].entries()) {
      if (nearestEdgeM(polygons, at) < 0.001) continue;
      const want = exactlyInside(polygons, at) ? 'inside' : 'outside';
      if (zones[z]?.side !== want) t.fail(`${at}: ${JSON.stringify(zones[z])}`);
      if (want === 'inside') inside++;
    }
  }
  t.ok(inside > 3_000, `${inside} inside`);
  circle.forEach((metres, i) => {
    const zone = lines[20_000 + i]?.zones[2];
    if (Math.abs((zone?.distance_m ?? 0) - (metres - 250)) > 0.001) t.fail(`${zone?.distance_m} for ${metres - 250}`);
  });
});

t.test('the accuracy decides, the point’s own before the mechanism’s before the file’s', async (t) => {
  const { match } = matching(t);
  // 60 m inside the circle of 250 m
  const [lon, lat] = vincentyTo(-1.57, 53.78, 90, 190);
  const fix = { lat_e7: Math.round(lat * 1e7), lon_e7: Math.round(lon * 1e7) };
  const sides = async (...flags: string[]) => {
    const points = [
      { lon, lat },
      { lon, lat, accuracy_m: 0 },
      { lon, lat, accuracy_m: 59 },
      { lon, lat, accuracy_m: 61 },
      { ...fix, mechanism: 'GNSS' },
      { ...fix, mechanism: 'WIFI' },
      { ...fix, mechanism: 'WIFI', accuracy_dm: 590 },
      { ...fix, mechanism: 'LBS' },
    ];
    const { out } = await match(points.map((point) => JSON.stringify(point)).join('\n'), ...flags);
    return linesOf(out).map(({ zones }) => zones[2]?.side);
  };
  const rest = ['inside', 'inside', 'indeterminate', 'inside', 'indeterminate', 'inside', 'indeterminate'];
  t.same(await sides(), ['inside', ...rest]);
  t.same(await sides('--radius', '61'), ['indeterminate', ...rest]);
});

t.test('with --near only the zones within that distance are listed', async (t) => {
  const { match } = matching(t);
  const text = '[-1.54,53.8]\n[0,0]\n[-179.7,-16.95]\n';
  const [all, near] = await Promise.all([match(text), match(text, '--near', '11000')]);
  const within = linesOf(all.out).map(({ index, zones }) => ({
    index,
    zones: zones.filter((z) => z.distance_m <= 11_000),
  }));
  t.same(linesOf(near.out), within);
  t.same(
    within.map(({ zones }) => zones.map(({ id }) => id)),
    [['park', 'stadium', 'school'], [], ['fiji']],
  );
});

t.test('lines that are no point are told by number, and nothing is answered to half a file', async (t) => {
  const { match, points, piped } = matching(t);
  const text = '\ufeff{"lon":-1.54,"lat":53.8}\r\n\r\n{"lon":-1.54,"lat":153.8}\n[-1.54,53.8]\nnonsense\n';
  const wrong = await match(text);
  t.equal(wrong.code, 1);
  t.equal(wrong.out, '');
  t.match(wrong.err, /nothing was matched: 2 line\(s\) are no point/);
  t.match(wrong.err, `${points}:3: expected a latitude between -90 and 90, got 154`);
  t.match(wrong.err, `${points}:5: is no JSON`);
  // what came by a pipe cannot be read twice
  const stream = piped(text);
  t.equal(stream.code, 1);
  t.same(
    linesOf(stream.out).map(({ index }) => index),
    [0],
  );
  t.match(stream.err, /-:3: expected a latitude.*1 points before it/s);
  const taken = piped('[-1.54,53.8]\n\n[-1.54,53.8]');
  t.equal(taken.code, 0);
  t.same(
    linesOf(taken.out).map(({ index }) => index),
    [0, 1],
    'empty lines have no index, and the last line needs no end',
  );

  const many = await match('x\n'.repeat(30));
  t.match(many.err, /30 line\(s\).*and 10 more lines/s);
});

t.test('zones that are not sound, and files that are not there, are refused before anything is read', async (t) => {
  const { run, folder } = room(t);
  const [bow, points] = [join(folder, 'bow.json'), join(folder, 'points')];
  const ring = [
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 1],
    [0, 0],
  ];
  writeFileSync(bow, JSON.stringify(feature('Z-1', { type: 'Polygon', coordinates: [ring] })));
  writeFileSync(points, '[0,0]\n');
  const refused = await run('match', '--zones', bow, '--points', points);
  t.equal(refused.code, 1);
  t.match(refused.err, /nothing was matched.*geometry\.coordinates\[0\].*a crossing near position/s);
  writeFileSync(bow, JSON.stringify(ZONES));
  t.match(await run('match', '--zones', bow, '--points', join(folder, 'none')), {
    code: 1,
    err: /none cannot be read \(ENOENT\)/,
  });
  t.match(await run('match', '--zones', bow), { code: 2, err: /--points/ });
  t.match(await run('match', '--zones', bow, '--points', points, '--radius', '-1'), { code: 2, err: /--radius/ });
  t.match(await run('match', '--zones', bow, '--points', points, '--near', 'far'), { code: 2, err: /--near/ });
  t.match(await run('match', '--help'), { code: 0, out: /Examples/ });
});
