// Takes from the XML tests of the JTS Topology Suite what they say of polygons: which are valid, and where points lie.
//   node scripts/jts-cases.mjs JTS/modules/tests/src/test/resources/testxml > fixtures/jts/cases.json
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = process.argv[2];
if (root === undefined) {
  console.error('usage: node scripts/jts-cases.mjs TESTXML');
  process.exit(2);
}

const xmlFiles = (folder) =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return xmlFiles(path);
      return name.endsWith('.xml') ? [path] : [];
    });

/** WKT of points and polygons as GeoJSON; null for anything else (lines, collections, WKB, NaN, which JSON cannot say). */
function geometry(wkt) {
  let at = 0;
  const found = (pattern) => {
    const match = new RegExp(`\\s*(${pattern})`, 'iy');
    match.lastIndex = at;
    const hit = match.exec(wkt);
    if (hit !== null) at = match.lastIndex;
    return hit?.[1] ?? null;
  };
  const need = (pattern) => {
    const hit = found(pattern);
    if (hit === null) throw new SyntaxError(`expected ${pattern} at ${at} of ${wkt.slice(0, 80)}`);
    return hit;
  };
  const list = (item) => {
    if (found('EMPTY') !== null) return [];
    need('\\(');
    const items = [item()];
    while (found(',') !== null) items.push(item());
    need('\\)');
    return items;
  };
  const number = () => Number(need('[-+]?[0-9.]+(?:e[-+]?[0-9]+)?'));
  const position = () => [number(), number()];
  const inBrackets = () => list(position)[0] ?? null;
  const point = () => (/^\s*(\(|EMPTY)/i.test(wkt.slice(at)) ? inBrackets() : position());
  const ring = () => list(position);
  const type = found('[A-Z]+')?.toUpperCase();
  if (/NaN/i.test(wkt)) return null;
  if (type === 'POINT') return { type: 'MultiPoint', coordinates: [inBrackets()].filter(Boolean) };
  if (type === 'MULTIPOINT') return { type: 'MultiPoint', coordinates: list(point).filter(Boolean) };
  if (type === 'POLYGON') return { type: 'Polygon', coordinates: list(ring) };
  if (type === 'MULTIPOLYGON') return { type: 'MultiPolygon', coordinates: list(() => list(ring)) };
  return null;
}

const text = (xml, tag) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(xml)?.[1].trim().replace(/\s+/g, ' ') ?? '';
const attribute = (attributes, name) => new RegExp(`\\b${name}\\s*=\\s*"([^"]*)"`, 'i').exec(attributes)?.[1] ?? '';
const isArea = (one) => one?.type.endsWith('Polygon') === true;

/** Operations whose answer follows from where each point lies: inside, on the boundary or outside. */
const RELATIONS = [
  'relate',
  'intersects',
  'disjoint',
  'within',
  'contains',
  'covers',
  'coveredBy',
  'touches',
  'crosses',
];

const validity = [];
const points = [];
for (const path of xmlFiles(root)) {
  const xml = readFileSync(path, 'utf8').replace(/<!--[\s\S]*?-->/g, '');
  for (const [, one] of xml.matchAll(/<case>([\s\S]*?)<\/case>/g)) {
    const [a, b] = [geometry(text(one, 'a')), geometry(text(one, 'b'))];
    const of = { file: relative(root, path), about: text(one, 'desc') };
    const ops = [...one.matchAll(/<op\b([^>]*)>([\s\S]*?)<\/op>/g)].map(([, attributes, said]) => ({
      op: attribute(attributes, 'name'),
      first: attribute(attributes, 'arg1').toUpperCase() === 'A' ? a : b,
      matrix: attribute(attributes, 'arg3'),
      answer: said.trim() === 'true',
    }));
    const judged = isArea(a) ? ops.find(({ op }) => op === 'isValid') : undefined;
    if (judged !== undefined) validity.push({ ...of, valid: judged.answer, geometry: a });
    const area = isArea(a) ? a : b;
    const given = isArea(a) ? b : a;
    if (given === null || !isArea(area) || isArea(given) || given.coordinates.length === 0) continue;
    const says = ops
      .filter(({ op }) => RELATIONS.includes(op))
      .map(({ op, first, matrix, answer }) => ({
        op,
        of: first === area ? 'area' : 'points',
        ...(op === 'relate' && { matrix }),
        answer,
      }));
    if (says.length > 0) points.push({ ...of, points: given.coordinates, area, says });
  }
}
const lines = (cases) => cases.map((one) => JSON.stringify(one)).join(',\n');
console.log(`{"validity":[\n${lines(validity)}\n],"points":[\n${lines(points)}\n]}`);
