// `fairwatch zones check` as programs and people read it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { room } from './executable.js';

const feature = (id: unknown, geometry: unknown) => ({ type: 'Feature', id, properties: null, geometry });
const circle = (lon: number, lat: number, radius_m = 250) => ({ type: 'Circle', center: [lon, lat], radius_m });
const leeds = [
  [-1.55, 53.79],
  [-1.53, 53.79],
  [-1.53, 53.8],
  [-1.55, 53.8],
  [-1.55, 53.79],
];
const bow = [leeds[0], leeds[2], leeds[1], leeds[3], leeds[4]];
const FEATURES = [
  feature('sound', { type: 'Polygon', coordinates: [leeds] }),
  feature('bow', { type: 'MultiPolygon', coordinates: [[leeds.map(([x = 0, y = 0]) => [x + 1, y])], [bow]] }),
  feature('open', { type: 'Polygon', coordinates: [leeds.slice(0, 4)] }),
  feature('north', { type: 'Polygon', coordinates: [leeds.map(([x = 0, y = 0], i) => [x, i === 2 ? y + 90 : y])] }),
  feature('huge', circle(-1.5, 53.8, 100_001)),
  feature('bow', circle(-1.5, 53.8)),
  feature('no id!', circle(-1.5, 53.8)),
  feature('clockwise', { type: 'Polygon', coordinates: [[...leeds].reverse()] }),
  feature('swapped', circle(53.8, -1.5)),
  feature('empty', { type: 'Polygon', coordinates: [] }),
];

function zones(t: Parameters<typeof room>[0], features: readonly unknown[]) {
  const { run, folder } = room(t);
  const file = join(folder, 'zones.json');
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection', features }));
  return { run, file, folder };
}

t.test('a program reads of each zone whether it is valid, and why not, by code, ring and position', async (t) => {
  const { run, file } = zones(t, FEATURES);
  const { code, out } = await run('zones', 'check', '--json', file);
  t.equal(code, 1);
  const { zones: count, problems, checked } = JSON.parse(out);
  t.equal(count, 10);
  t.equal(problems.length, 6);
  const table = checked.map((one: Record<string, unknown[]>) => {
    const told = [...(one.problems ?? []), ...(one.warnings ?? [])] as Record<string, unknown>[];
    return [one.id, one.valid, ...told.map(({ code, polygon, ring, position }) => [code, polygon, ring, position])];
  });
  const nowhere = [undefined, undefined, undefined];
  t.same(table, [
    ['sound', true],
    ['bow', false, ['crossing', 1, 0, 0]],
    ['open', false, ['not_closed', 0, 0, 3]],
    ['north', false, ['off_the_earth', 0, 0, 2]],
    ['huge', false, ['radius', null, null, null]],
    ['bow', false, ['not_readable', ...nowhere]],
    [null, false, ['not_readable', ...nowhere]],
    ['clockwise', true, ['winding', 0, 0, undefined]],
    ['swapped', true, ['swapped', ...nowhere]],
    ['empty', true, ['empty', null, null, null]],
  ]);
  const [problem] = checked[3].problems;
  t.equal(problem.path, 'features[3].geometry.coordinates[0][2]');
  t.equal(problem.message, `${problem.path}: expected a latitude between -90 and 90, got 144`);
  t.same(checked[0].extent_m.map(Math.round), [1318, 1113], 'about 1.3 km by 1.1 km');
});

t.test('people read the same on standard error, and exit 0 means that every zone is valid', async (t) => {
  const { run, file } = zones(t, FEATURES);
  const { code, err } = await run('zones', 'check', file);
  t.equal(code, 1);
  t.match(err, /6 of 10 zones are not in order: 6 problem\(s\)/);
  t.match(err, /features\[1\]\.geometry\.coordinates\[1\]\[0\]: expected rings that cross neither .* near position 0/);
  t.match(err, /warning: .*swapped: features\[8\]\.geometry: .*what looks like \[latitude, longitude\]/);
  t.match(err, /warning: .*empty.*import refuses it/);

  const good = zones(t, [FEATURES[0], FEATURES[7]]);
  const said = await good.run('zones', 'check', good.file);
  t.equal(said.code, 0);
  t.equal(said.out, '2 zones are in order\n');
  const elsewhere = await good.run('zones', 'check', '--json', good.file, '--time-zone', 'Europe/Warsaw');
  t.equal(elsewhere.code, 0);
  t.same(JSON.parse(elsewhere.out).problems, []);
});

t.test('import refuses an empty zone, which would watch nothing', async (t) => {
  const { run, file } = zones(t, [FEATURES[9]]);
  const { code, err } = await run('zones', 'import', file);
  t.equal(code, 1);
  t.match(err, /nothing was stored: 1 problem.*at least one ring, got none/s);
});

t.test('a file whose every ring winds the other way is told in a few lines', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => feature(`Z-${i}`, (FEATURES[7] as { geometry: unknown }).geometry));
  const { run, file } = zones(t, many);
  const { code, err } = await run('zones', 'check', file);
  t.equal(code, 0);
  t.equal(err.trimEnd().split('\n').length, 6);
  t.match(err, /and 35 more of this kind \(winding\)/);
});

t.test('a zone of one file is not taken again from another', async (t) => {
  const { run, file, folder } = zones(t, [FEATURES[0]]);
  const second = join(folder, 'second.json');
  writeFileSync(second, JSON.stringify(FEATURES[0]));
  const { code, err } = await run('zones', 'check', file, second);
  t.equal(code, 1);
  t.match(err, /second\.json: id: expected an id of its own, got zone sound, which is in .*zones\.json already/);
});
