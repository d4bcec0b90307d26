/** `fairwatch zones`: checks and imports shared zones. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { LmdbLedgerReader } from '../adapters/lmdb/lmdb-ledger-reader.js';
import { zoneToJson } from '../codec/zone-json.js';
import type { SharedZone } from '../domain/zone.js';
import { apiFlags, apiOf } from './cli-api.js';
import { type Outcome, report, type Sending, sendOverApi, sendThroughLog } from './cli-import.js';
import { runs } from './cli-run.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';
import { type OpenFolder, openFolder } from './cli-stores.js';
import { readZones } from './cli-zones.js';
import { checkZones } from './zones-check.js';

export { readZones } from './cli-zones.js';

interface Flags extends Record<string, unknown> {
  readonly json?: true;
  readonly api?: string;
  readonly tokenFile?: string;
}

const CHECK_HELP = `
Exit 0 when every zone is valid, 1 when one is not. Warnings (winding, size, what looks swapped, an edge across the
antimeridian, an empty zone) change no exit code; an empty zone is valid as OGC has it, and refused by import.
With --json: {"zones":2,"problems":[...],"checked":[{"where","id","valid","extent_m":[eastWest,northSouth],
  "problems":[{"code","message","path","expected","got","polygon","ring","position"}],"warnings":[...]}]}

Example:
  fairwatch zones check towns.geojson
`;

export function register(program: Command): void {
  const zones = program.command('zones').description('checks and imports shared zones');
  zones
    .command('check')
    .description('says what is wrong with zones (OGC validity: rings, crossings, nesting), and stores nothing')
    .argument('<files...>', 'GeoJSON: a Feature, a FeatureCollection, or a Feature a line')
    .option('--json', 'one line of JSON: how many zones, every problem, and each zone by itself')
    .option(
      '--time-zone <zone>',
      'whose country the zones are in: warns of latitude and longitude swapped',
      'Europe/London',
    )
    .addHelpText('after', CHECK_HELP)
    .action(runs(checkZones));
  settingFlags(
    apiFlags(
      zones
        .command('import')
        .description('stores or replaces shared zones; done twice it changes nothing')
        .argument('<files...>', 'GeoJSON: a Feature, a FeatureCollection, or a Feature a line')
        .option('--json', 'one line of JSON a zone with what became of it'),
    ),
    FOLDER_SETTINGS,
  )
    .addHelpText(
      'after',
      '\nExamples:\n  fairwatch zones import towns.geojson --data-dir ./data\n' +
        '  fairwatch zones import towns.geojson --api http://127.0.0.1:8080 --token-file ./data/dev-token\n',
    )
    .action(runs(importZones));
}

async function importZones(files: string[], flags: Flags): Promise<void> {
  const api = apiOf(flags);
  const read = readZones(files);
  const by = userInfo().username;
  const thing = (where: string, zone: SharedZone): Sending => ({
    where,
    id: zone.zoneId,
    path: `/v1/zones/${zone.zoneId}`,
    json: zoneToJson(zone),
    command: { kind: 'put_zone', zone, by },
  });
  const all = read.map(({ where, zone }) => thing(where, zone));
  if (api !== null) return report(all, await sendOverApi(api, all), 'zones', flags.json === true);

  const folder = await openFolder(flags);
  const stored = await storedZones(
    folder,
    read.map(({ zone }) => zone),
  );
  const changed = read.flatMap(({ where, zone }) => {
    const before = stored.get(zone.zoneId);
    if (before !== undefined && isDeepStrictEqual(before.shape, zone.shape)) return [];
    return [thing(where, { ...zone, revision: (before?.revision ?? 0) + 1 })];
  });
  const sent = new Map((await sendThroughLog(folder, changed)).map((outcome) => [outcome.id, outcome]));
  const outcomes = all.map(({ id }): Outcome => sent.get(id) ?? { id, outcome: 'unchanged', problems: [] });
  report(all, outcomes, 'zones', flags.json === true);
}

/** What stands in the ledger, if there is one yet. */
async function storedZones(folder: OpenFolder, wanted: readonly SharedZone[]): Promise<Map<string, SharedZone>> {
  if (!existsSync(folder.folders.engine)) return new Map();
  const ledger = LmdbLedgerReader.openReader(folder.folders.engine, folder.rows);
  try {
    return new Map(
      wanted.flatMap(({ zoneId }) => {
        const zone = ledger.zone(zoneId);
        return zone === null ? [] : [[zoneId, zone] as const];
      }),
    );
  } finally {
    await ledger.close();
  }
}
