/** bench/zones: which zones a fix is in, by ways that others go and by ours; every answer is compared. */
import { pointToPolygonDistance } from '@turf/turf';
import { compileShape, signedDistanceM } from '../src/rules/geometry.js';
import { type Context, type Measured, main } from './lib/main.js';
import { BAND_M, matchOwn } from './lib/own-zones.js';
import { Postgis } from './lib/postgis.js';
import { type Cell, isSpread } from './lib/result.js';
import type { Spread } from './lib/stats.js';
import { Agreement, timed } from './lib/zone-agreement.js';
import {
  type Fixes,
  inTheirBoxes,
  largeZones,
  OWN_VERTICES,
  OWN_ZONES,
  peopleWithZones,
  type Shared,
  sharedZones,
} from './lib/zone-ground.js';
import * as ways from './lib/zone-matchers.js';

const SIZES = [1, 10, 100] as const;
/** More than this would be scanned one by one for minutes. */
const SCANNED_MAX = 1_000;
/** turf reckons on a sphere: by so much its metres differ. */
const TURF_SHARE = 0.012;

await main({
  bench: 'zones',
  about:
    'Which zones a fix is in. "own": ten zones of 12 vertices of the wearer’s, each asked for its side; a fix a minute of ' +
    'people who stay at home, walk and drive among them, and take turns. "shared": zones of 12 vertices, 20 to a square ' +
    'kilometre: all that the fix is in. "large": the same of 100 zones of 4 km whose borders wind, of fixes anywhere about them; ' +
    '"in a box": of fixes in the box of one of them at least, which no index of boxes answers. "in doubt": those that ' +
    'such a fix is in or, by its radius, may be in, which is what the rules ask. "how far": the signed distance to one ' +
    'border, whatever it is.',
  aim:
    '≤ 1 µs median with safe radius, ≤ 3 µs without; ≥ 200 × rbush + turf on polygons of 10,000 vertices; ' +
    '≥ 20 × PostGIS, set-based',
  labelTitle: 'zones',
  columns: [
    { key: 'fixes', title: 'fixes' },
    { key: 'found', title: 'zones a fix', digits: 2 },
    { key: 'ours', title: 'ours, CPU µs', digits: 2 },
    { key: 'growth', title: 'of ×1', digits: 2 },
    { key: 'safe', title: 'with safe radius', digits: 2 },
    { key: 'flatbushOurs', title: 'flatbush + ours', digits: 2 },
    { key: 'turf', title: 'turf alone', digits: 2 },
    { key: 'rbushTurf', title: 'rbush + turf', digits: 2 },
    { key: 'flatbushTurf', title: 'flatbush + turf', digits: 2 },
    { key: 'postgis', title: 'PostGIS', digits: 2 },
    { key: 'timesTurf', title: 'times rbush + turf' },
    { key: 'timesPostgis', title: 'times PostGIS' },
  ],
  options: {
    people: {
      type: 'string',
      value: 'N',
      help: 'at the smallest size; the others have 10 and 100 times as many (default: 100)',
    },
    zones: { type: 'string', value: 'N', help: 'shared ones, likewise (default: 10000)' },
    vertices: { type: 'string', value: 'N', help: 'of the large ones, likewise (default: 100)' },
    fixes: { type: 'string', value: 'N', help: 'a run (default: 20000)' },
    runs: { type: 'string', value: 'N', help: 'measured runs after one to warm up (default: 5)' },
    'without-postgis': { type: 'boolean', help: 'even where it is installed' },
    'postgis-max': { type: 'string', value: 'N', help: 'zones to give to PostGIS at most (default: 1000000)' },
  },
  run: measureAll,
});

async function measureAll(context: Context): Promise<Measured> {
  const { smallest, seed } = context;
  const fixes = context.number('fixes', smallest ? 1_000 : 20_000);
  const runs = context.number('runs', smallest ? 2 : 5);
  const people = context.number('people', smallest ? 2 : 100);
  const zones = context.number('zones', smallest ? 20 : 10_000);
  const vertices = context.number('vertices', smallest ? 20 : 100);
  const server = context.flag('without-postgis') ? 'left out as asked' : await Postgis.start();
  const postgis = typeof server === 'string' ? null : server;
  const setting: Setting = { context, runs, agreement: new Agreement(), postgis, budgetMs: smallest ? 20 : 250 };
  const rows: Row[] = [];
  try {
    for (const times of SIZES) {
      const minutes = Math.max(10, Math.round((5 * fixes) / (people * times)));
      rows.push({
        label: `own: ×${times}: ${show(people * times)} people`,
        cells: own(setting, people * times, minutes),
      });
    }
    const [boxed, inDoubt, far]: [Row[], Row[], Row[]] = [[], [], []];
    for (const times of SIZES) {
      const made = largeZones(seed, smallest ? 10 : 100, vertices * times, fixes);
      const size = `×${times}: ${show(vertices * times)} vertices`;
      rows.push({ label: `large: ${size}`, cells: await found(setting, made) });
      const within = inTheirBoxes(seed, made);
      boxed.push({ label: `in a box: ${size}`, cells: await found(setting, within) });
      inDoubt.push({ label: `in doubt: ${size}`, cells: foundInDoubt(setting, within) });
      far.push({ label: `how far: ${size}`, cells: howFar(setting, made) });
    }
    rows.push(...boxed, ...inDoubt, ...far);
    for (const times of SIZES) {
      const cells = await found(setting, sharedZones(seed, zones * times, OWN_VERTICES, fixes));
      rows.push({ label: `shared: ×${times}: ${show(zones * times)}`, cells });
    }
    rows.forEach(({ cells }, i) => {
      cells.growth = (cells.ours as Spread).median / (rows[i - (i % SIZES.length)]!.cells.ours as Spread).median;
    });
  } finally {
    await postgis?.stop();
  }
  return { rows, notes: notesOf(runs, setting.agreement, server) };
}

interface Row {
  readonly label: string;
  readonly cells: Record<string, Cell>;
}
type Cells = Row['cells'];

interface Setting {
  readonly context: Context;
  readonly runs: number;
  readonly agreement: Agreement;
  readonly postgis: Postgis | null;
  /** A way that takes longer than this is asked about fewer fixes. */
  readonly budgetMs: number;
}

function own({ context, runs, agreement }: Setting, people: number, minutes: number): Cells {
  const made = peopleWithZones(context.seed, people, minutes);
  const cells = matchOwn(made, runs, agreement);
  context.say(`zones: ${people} people: ${us(cells.ours)}, with safe radius ${us(cells.safe)}`);
  return { fixes: made.fixes.lon.length, ...cells };
}

/** The zones that each fix is in. */
async function found(setting: Setting, made: Shared): Promise<Cells> {
  const { context, runs, agreement, postgis } = setting;
  const { polygons, fixes } = made;
  const mine = ways.ours(polygons, fixes, false);
  const cells = oursOf(setting, mine, fixes);
  const mayDiffer = (fix: number, zone: number): boolean => Math.abs(farM(made, fix, zone)) < BAND_M;
  const held = (key: string, them: ways.Matcher): void => {
    const asked = affordable(setting, them, fixes);
    agreement.compare(asked, mine.list, them.list, mayDiffer);
    cells[key] = timed(them, asked, runs);
  };
  held('flatbushOurs', ways.flatbushAndOurs(polygons, fixes));
  const features = ways.turfOf(polygons);
  if (polygons.length <= SCANNED_MAX) held('turf', ways.turfAlone(features, fixes));
  held('rbushTurf', ways.rbushAndTurf(features, fixes));
  held('flatbushTurf', ways.flatbushAndTurf(features, fixes));
  cells.timesTurf = (cells.rbushTurf as Spread).median / (cells.ours as Spread).median;
  if (postgis !== null && polygons.length <= context.number('postgis-max', 1_000_000)) {
    await ways.loadPostgis(postgis, polygons, fixes);
    const lists = await ways.listsByPostgis(postgis, fixes.lon.length);
    agreement.compare(lists.length, mine.list, (fix) => lists[fix]!, mayDiffer);
    const costs = await ways.timedByPostgis(postgis, lists, runs, context.smallest);
    cells.postgis = costs;
    cells.timesPostgis = costs.median / (cells.ours as Spread).median;
  }
  context.say(
    `zones: ${polygons.length} of ${polygons[0]![0]!.length - 1}: ${us(cells.ours)}, rbush + turf ${us(cells.rbushTurf)}`,
  );
  return cells;
}

/** The zones that each fix is in or, by its radius, may be in. */
function foundInDoubt(setting: Setting, made: Shared): Cells {
  const { polygons, fixes } = made;
  const mine = ways.ours(polygons, fixes, true);
  const cells = oursOf(setting, mine, fixes);
  const them = ways.rbushAndTurfInDoubt(ways.turfOf(polygons), fixes);
  const asked = affordable(setting, them, fixes);
  setting.agreement.compare(asked, mine.list, them.list, (fix, zone) => {
    const r = fixes.radiusM[fix]!;
    return Math.abs(farM(made, fix, zone) - r) < BAND_M + TURF_SHARE * r;
  });
  cells.rbushTurf = timed(them, asked, setting.runs);
  cells.timesTurf = cells.rbushTurf.median / (cells.ours as Spread).median;
  return cells;
}

function oursOf({ runs }: Setting, mine: ways.Matcher, fixes: Fixes): Cells {
  const all = fixes.lon.length;
  let zones = 0;
  for (let fix = 0; fix < all; fix++) zones += mine.count(fix);
  return { fixes: all, found: zones / all, ours: timed(mine, all, runs) };
}

function farM({ polygons, fixes }: Shared, fix: number, zone: number): number {
  const shape = compileShape(ways.shapeOf(polygons[zone]!));
  return signedDistanceM(shape, fixes.lon[fix]!, fixes.lat[fix]!);
}

/** The signed distance, whatever it is. */
function howFar(setting: Setting, { polygons, fixes }: Shared): Cells {
  const all = fixes.lon.length;
  const shapes = polygons.map((polygon) => compileShape(ways.shapeOf(polygon)));
  const features = ways.turfOf(polygons);
  const zoneOf = (fix: number): number => fix % polygons.length;
  const mine = (fix: number): number => signedDistanceM(shapes[zoneOf(fix)]!, fixes.lon[fix]!, fixes.lat[fix]!);
  const theirs = (fix: number): number =>
    pointToPolygonDistance([fixes.lon[fix]!, fixes.lat[fix]!], features[zoneOf(fix)]!, { units: 'meters' });
  const asked = affordable(setting, asMatcher(theirs), fixes);
  for (let fix = 0; fix < asked; fix++) {
    const [a, b] = [mine(fix), theirs(fix)];
    // from far away the point's own plane bends as well
    const bendM = 1e-7 * a * a * Math.tan((fixes.lat[fix]! * Math.PI) / 180);
    if (Math.abs(a - b) > 0.01 + TURF_SHARE * Math.abs(b) + bendM)
      throw new Error(`fix ${fix}: ${a} m, turf says ${b}`);
  }
  setting.agreement.compared += asked;
  const ours = timed(asMatcher(mine), all, setting.runs);
  const turf = timed(asMatcher(theirs), asked, setting.runs);
  return { fixes: all, ours, turf };
}

function asMatcher(count: (fix: number) => number): ways.Matcher {
  return { count, list: () => [] };
}

/** So many fixes that a run of them stays within the budget. */
function affordable({ budgetMs }: Setting, them: ways.Matcher, { lon }: Fixes): number {
  const startMs = performance.now();
  let asked = 0;
  while (asked < lon.length && performance.now() - startMs < budgetMs) them.count(asked++);
  return asked;
}

function us(cell: Cell | undefined): string {
  return isSpread(cell) ? `${cell.median.toFixed(2)} µs` : '–';
}

function show(n: number): string {
  return n.toLocaleString('en-GB');
}

function notesOf(runs: number, { compared, excluded }: Agreement, postgis: Postgis | string): string[] {
  return [
    `One run to warm up, then ${runs}; median, least and most of them. Processor time a fix, of the whole process; of PostGIS that of the process that answers.`,
    `Every answer of every way was compared with ours: ${show(compared)} fixes, ${show(excluded)} of them with a zone whose border is nearer than 1 mm (not compared for that zone). Slow ways are asked about as many fixes as they manage in a quarter of a second.`,
    `"own": ${OWN_ZONES} zones of ${OWN_VERTICES} vertices a person; the answer is the side of each: inside, outside or in doubt by the fix’s radius. turf says of each only whether it is inside.`,
    '"with safe radius": as long as a fix, its radius included, is within the clearance of where the person was last looked at, that answer stands. Each answer is compared with the full scan.',
    '"shared", "large" and "in a box" are `SharedZones.near` with no margin, "in doubt" with the fix’s radius: it can be changed, and answers by id, in order. turf is given the boxes of its features. Where a fix is in no box, both are quick, and "times" is a ratio of two indexes.',
    '"in doubt": rbush + turf by booleanPointInPolygon and, where that says no, pointToPolygonDistance. Compared but for those within 1.2 % of the radius: turf reckons on a sphere. "how far": pointToPolygonDistance, and the two within 1.2 %.',
    typeof postgis === 'string'
      ? `PostGIS: ${postgis}.`
      : `PostgreSQL ${postgis.version}, one join of all fixes with all zones by ST_Contains over GiST indexes on both, one process, warm.`,
    'Redis GEO holds points and no polygons: it cannot be asked this.',
  ];
}
