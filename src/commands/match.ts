/** `fairwatch match`: of each position, on which side of each zone it is. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { type GivenPoint, parsePoint } from '../codec/point-json.js';
import type { ZoneId } from '../domain/ids.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { SharedZone } from '../domain/zone.js';
import { type CompiledShape, compileShape, signedDistanceM } from '../rules/geometry.js';
import { radiusM } from '../rules/plausibility.js';
import { SharedZones } from '../rules/zone-index.js';
import { sideOf } from '../rules/zone-side.js';
import { lineBatches } from './cli-lines.js';
import { CommandFailed, runs } from './cli-run.js';
import { readZones } from './cli-zones.js';

interface Flags {
  readonly zones: string[];
  readonly points: string;
  readonly radius: string;
  readonly near?: string;
}

/** Faults of a file that are told before the rest is only counted. */
const FAULTS_TOLD = 20;

const HELP = `
Zones: GeoJSON as \`zones import\` takes it (a Feature, a FeatureCollection, or a Feature a line; Polygon, MultiPolygon,
{"type":"Circle","center":[lon,lat],"radius_m":n}, or a Point with properties.radius_m).

Points, one a line, in any of these forms (degrees; longitude first in lists):
  {"lon":-1.54,"lat":53.8}        also lng, longitude, latitude; accuracy_m or radius_m in metres
  [-1.54,53.8]
  {"type":"Point","coordinates":[-1.54,53.8]}
  {"type":"Feature","geometry":{"type":"Point",...},"properties":{"accuracy_m":12}}
  {"lat_e7":538000000,"lon_e7":-15400000,"accuracy_dm":120,"mechanism":"GNSS"}   a fix, or a record with its "fix"
Empty lines are skipped, and have no index.

Out, one line a point, in their order (index from 0), the zones in the order of their file:
  {"index":0,"zones":[{"id":"Z-1","side":"inside","distance_m":-212.40417}]}
distance_m is signed metres to the boundary (negative inside, 0 on it), within 0.5 % under 10 km; the sign is exact but
for 1 mm about an edge, at any distance. With r the accuracy: inside if distance_m <= -r, outside if >= r, else
indeterminate. A point without accuracy has that of --radius; a fix without, that of its mechanism (GNSS
${DEFAULT_POLICY.gnssRadiusM}, WIFI ${DEFAULT_POLICY.wifiRadiusM}, others ${DEFAULT_POLICY.otherRadiusM} m).
A line that is no point: its number and what was expected, exit 1; of a file nothing is then written, of standard input
(--points -) what came before it.

Examples:
  fairwatch match --zones towns.geojson --points fixes.ndjson
  jq -c '.features[]' track.geojson | fairwatch match --zones towns.geojson --points - --radius 20 --near 500
`;

export function register(program: Command): void {
  program
    .command('match')
    .description('says of positions on which side of zones they are, with the rules that judge fixes')
    .requiredOption('--zones <files...>', 'GeoJSON of the zones')
    .requiredOption('--points <file>', 'positions, one JSON value a line; - is standard input')
    .option('--radius <metres>', 'accuracy of points that say none; 0: the position is exact', '0')
    .option('--near <metres>', 'lists only zones that are at most so far away (default: every zone)')
    .option('--json', 'changes nothing: what is printed is JSON always')
    .addHelpText('after', HELP)
    .action(runs(match));
}

async function match(flags: Flags): Promise<void> {
  const fileRadiusM = metres('--radius', flags.radius);
  const nearM = flags.near === undefined ? null : metres('--near', flags.near);
  const zones = readZones(flags.zones, 'nothing was matched').map(({ zone }) => zone);
  const lineOf = matcher(zones, { fileRadiusM, nearM });
  // an answer to half a file looks like one to the whole
  if (flags.points !== '-') await checkPoints(flags.points);
  let index = 0;
  let out: string[] = [];
  for await (const { first, lines } of lineBatches(flags.points)) {
    for (const [i, line] of lines.entries()) {
      if (isBlank(line)) continue;
      const point = pointOf(line);
      if (typeof point === 'string') {
        await write(out);
        throw new CommandFailed([faultLine(flags.points, first + i, point), `${index} points before it were matched`]);
      }
      out.push(lineOf(index++, point));
    }
    await write(out);
    out = [];
  }
}

function metres(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new CommandFailed(`${flag}: expected 0 or more metres, got ${JSON.stringify(text.slice(0, 40))}`, 2);
}

/** Throws `CommandFailed` with the faulty lines. */
async function checkPoints(path: string): Promise<void> {
  const told: string[] = [];
  let faults = 0;
  for await (const { first, lines } of lineBatches(path)) {
    for (const [i, line] of lines.entries()) {
      if (isBlank(line)) continue;
      const point = pointOf(line);
      if (typeof point === 'string' && ++faults <= FAULTS_TOLD) told.push(faultLine(path, first + i, point));
    }
  }
  if (faults > FAULTS_TOLD) told.push(`and ${faults - FAULTS_TOLD} more lines`);
  if (faults > 0) throw new CommandFailed([`nothing was matched: ${faults} line(s) are no point`, ...told]);
}

const isBlank = (line: string): boolean => line === '' || line.trim() === '';
const faultLine = (path: string, line: number, fault: string): string => `${path}:${line}: ${fault}`;

/** The point of a line, or what is wrong with it. */
function pointOf(line: string): GivenPoint | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return 'is no JSON: expected one point a line (of a FeatureCollection: jq -c ".features[]")';
  }
  const point = parsePoint(json);
  return point.ok ? point.value : point.fault;
}

interface Listed {
  readonly shape: CompiledShape;
  /** `{"id":"…","side":"` as it stands in every line. */
  readonly head: string;
}

/** Gives the line of one point after another. */
function matcher(
  zones: readonly SharedZone[],
  { fileRadiusM, nearM }: { fileRadiusM: number; nearM: number | null },
): (index: number, point: GivenPoint) => string {
  const listed = zones.map(
    ({ zoneId, shape }): Listed => ({ shape: compileShape(shape), head: `{"id":${JSON.stringify(zoneId)},"side":"` }),
  );
  const candidates = nearM === null ? () => listed : nearby(zones, listed, nearM);
  return (index, point) => {
    const r = radiusOf(point, fileRadiusM);
    let line = `{"index":${index},"zones":[`;
    let comma = '';
    for (const { shape, head } of candidates(point)) {
      const d = signedDistanceM(shape, point.lon, point.lat);
      line += `${comma}${head}${sideOf(d, r)}","distance_m":${Math.round(d * 1e6) / 1e6}}`;
      comma = ',';
    }
    return `${line}]}`;
  };
}

/** The zones within a distance, found by an index of all, in the order of their file. */
function nearby(zones: readonly SharedZone[], listed: readonly Listed[], nearM: number) {
  const index = new SharedZones();
  const places = new Map<ZoneId, number>();
  index.putAll(zones);
  for (const [i, { zoneId }] of zones.entries()) places.set(zoneId, i);
  return ({ lon, lat }: GivenPoint): Listed[] =>
    index
      .near(lon, lat, nearM)
      .map((id) => places.get(id) as number)
      .sort((a, b) => a - b)
      .map((i) => listed[i] as Listed);
}

function radiusOf({ accuracyM, mechanism }: GivenPoint, fileRadiusM: number): number {
  if (accuracyM !== null) return accuracyM;
  return mechanism === null ? fileRadiusM : radiusM({ accuracyDm: 0, mechanism }, DEFAULT_POLICY);
}

/** Waits for a reader that is slower than we are. */
async function write(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  if (!process.stdout.write(`${lines.join('\n')}\n`)) await once(process.stdout, 'drain');
}
