// The polygon cases of JTS's own XML tests, through `zones check` and `match`, at three sizes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from '../house/repository.js';
import { room } from './executable.js';

type Position = [number, number];
type Area = { type: 'Polygon'; coordinates: Position[][] } | { type: 'MultiPolygon'; coordinates: Position[][][] };
interface Says {
  readonly op: string;
  /** What it is asked of; the other is its argument. */
  readonly of: 'area' | 'points';
  readonly matrix?: string;
  readonly answer: boolean;
}
interface Cases {
  readonly validity: readonly { file: string; about: string; valid: boolean; geometry: Area }[];
  readonly points: readonly { file: string; about: string; points: Position[]; area: Area; says: Says[] }[];
}
const cases = JSON.parse(readFileSync(join(repository, 'fixtures', 'jts', 'cases.json'), 'utf8')) as Cases;

/** JTS's plane on the map. Powers of two move no point across an edge; decimals are as people write. */
type Scale = (all: readonly Position[]) => (at: Position) => Position;
const largest = (all: readonly Position[]) =>
  Math.max(1, ...all.map(([x, y]) => Math.max(Math.abs(x) / 2, Math.abs(y))));
const SCALES: Readonly<Record<string, Scale>> = {
  'as large as the map allows'(all) {
    // within 89° each way, so that no edge is longer than half a turn
    const by = 2 ** Math.floor(Math.log2(44 / largest(all)));
    return ([x, y]) => [x * by, y * by];
  },
  'as large as a town'(all) {
    const by = 2 ** (Math.floor(Math.log2(44 / largest(all))) - 10);
    return ([x, y]) => [x * by, y * by];
  },
  'in decimals'(all) {
    const by = 10 ** Math.ceil(Math.log10(largest(all) / 4));
    return ([x, y]) => [x / by, y / by];
  },
};
const positions = (area: Area): Position[] =>
  (area.type === 'Polygon' ? area.coordinates : area.coordinates.flat()).flat();
const mapped = (area: Area, at: (position: Position) => Position): Area =>
  area.type === 'Polygon'
    ? { type: area.type, coordinates: area.coordinates.map((ring) => ring.map(at)) }
    : { type: area.type, coordinates: area.coordinates.map((rings) => rings.map((ring) => ring.map(at))) };
const collection = (areas: readonly Area[]) =>
  JSON.stringify({
    type: 'FeatureCollection',
    features: areas.map((geometry, i) => ({ type: 'Feature', id: String(i), properties: null, geometry })),
  });

interface Checked {
  readonly checked: { id: string; valid: boolean; problems: { code: string }[] }[];
}
interface Matched {
  readonly zones: { id: string; side: string; distance_m: number }[];
}

for (const [scale, of] of Object.entries(SCALES)) {
  t.test(`a polygon is valid if JTS says so, ${scale}`, async (t) => {
    const { run, folder } = room(t);
    const file = join(folder, 'zones.json');
    // digits of the last places do not survive a division by ten
    const taken = cases.validity.filter(
      ({ geometry }) => scale !== 'in decimals' || positions(geometry).every(isShort),
    );
    writeFileSync(file, collection(taken.map(({ geometry }) => mapped(geometry, of(positions(geometry))))));
    const { out } = await run('zones', 'check', '--json', file);
    const { checked } = JSON.parse(out) as Checked;
    t.equal(checked.length, taken.length);
    t.ok(checked.length > 390, `${checked.length} polygons`);
    taken.forEach(({ file, about, valid, geometry }, i) => {
      const { valid: got, problems } = checked[i] as Checked['checked'][number];
      if (got === valid) return;
      t.fail(`${file} "${about}" ${JSON.stringify(geometry).slice(0, 300)}: ${got} ${JSON.stringify(problems)}`);
    });
  });

  t.test(`points lie to a polygon as JTS says, ${scale}`, async (t) => {
    const { run, folder } = room(t);
    const placed = cases.points.map(({ area, points }) => {
      const at = of([...positions(area), ...points]);
      return { area: mapped(area, at), points: points.map(at) };
    });
    const [zones, points] = [join(folder, 'zones.json'), join(folder, 'points.ndjson')];
    writeFileSync(zones, collection(placed.map(({ area }) => area)));
    writeFileSync(points, placed.flatMap(({ points }) => points.map((at) => `${JSON.stringify(at)}\n`)).join(''));
    const { code, out, err } = await run('match', '--zones', zones, '--points', points);
    t.equal(code, 0, err);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Matched);
    let [line, asked] = [0, 0];
    for (const [i, { file, about, points, says }] of cases.points.entries()) {
      const places = points.map(() => placeOf(lines[line++]?.zones[i]));
      for (const one of says) {
        asked++;
        if (follows(one, new Set(places)) !== one.answer) {
          t.fail(`${file} "${about}" ${one.op} of ${one.of}: ${one.answer}, points are ${places.join(' ')}`);
        }
      }
    }
    t.equal(line, lines.length);
    t.ok(asked > 400, `${asked} answers`);
  });
}

const isShort = ([x, y]: Position): boolean => [x, y].every((n) => Number.isInteger(n * 100) && Math.abs(n) < 1e6);

type Place = 'I' | 'B' | 'E';

/** On the boundary is where the distance is 0; an exact position there counts as inside. */
function placeOf(zone: Matched['zones'][number] | undefined): Place {
  if (zone === undefined) throw new Error('a zone is not listed');
  if (zone.side !== (zone.distance_m <= 0 ? 'inside' : 'outside')) throw new Error(JSON.stringify(zone));
  return zone.distance_m === 0 ? 'B' : zone.distance_m < 0 ? 'I' : 'E';
}

/** What OGC's relation says of points with these places: points in one place each, of which an area has more than they. */
function follows({ op, of, matrix }: Says, places: ReadonlySet<Place>): boolean {
  const [inside, boundary, outside] = (['I', 'B', 'E'] as const).map((place) => places.has(place));
  switch (op) {
    case 'relate': {
      // rows are those of the first geometry; points have no boundary, so theirs is the first row or column
      const cells = of === 'points' ? [0, 1, 2] : [0, 3, 6];
      return [inside, boundary, outside].every((there, i) => (matrix?.[cells[i] as number] !== 'F') === there);
    }
    case 'intersects':
      return inside === true || boundary === true;
    case 'disjoint':
      return !inside && !boundary;
    case 'within':
    case 'coveredBy':
      return of === 'points' && !outside && (op === 'coveredBy' || inside === true);
    case 'contains':
    case 'covers':
      return of === 'area' && !outside && (op === 'covers' || inside === true);
    case 'touches':
      return !inside && boundary === true;
    case 'crosses':
      return inside === true && outside === true;
    default:
      throw new Error(op);
  }
}
