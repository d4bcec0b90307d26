/** Reads files of shared zones for every command that takes them. */
import { readZoneCollection, type ZoneReading } from '../codec/zone-json.js';
import type { Problem } from '../domain/problem.js';
import type { SharedZone } from '../domain/zone.js';
import { readItems } from './cli-files.js';
import { CommandFailed, problemLine } from './cli-run.js';

export interface ZoneItem extends ZoneReading {
  /** `file`, `file:line` or `file[index]`. */
  readonly where: string;
}

/** A problem, and the file it is in. */
export interface FileProblem extends Problem {
  readonly where: string;
}

/** Every Feature of the files with what is wrong with it, and what is wrong with files. Throws `CommandFailed` for no JSON. */
export function readZoneItems(files: readonly string[]): { items: ZoneItem[]; problems: FileProblem[] } {
  const items: ZoneItem[] = [];
  const problems: FileProblem[] = [];
  const seen = new Map<string, string>();
  for (const { where, json } of readItems(files)) {
    const read = readZoneCollection(json);
    for (const reading of read.zones) {
      const before = reading.zoneId === null ? undefined : seen.get(reading.zoneId);
      const twice = before !== undefined && before !== where;
      if (reading.zoneId !== null && !twice) seen.set(reading.zoneId, where);
      items.push(twice ? givenTwice(reading, where, before) : { ...reading, where });
    }
    problems.push(...read.problems.map((problem) => ({ ...problem, where })));
  }
  return { items, problems };
}

function givenTwice(reading: ZoneReading, where: string, before: string): ZoneItem {
  const path = reading.path === '' ? 'id' : `${reading.path}.id`;
  const got = `zone ${reading.zoneId}, which is in ${before} already: keep one of them`;
  return {
    ...reading,
    where,
    zone: null,
    problems: [...reading.problems, { path, expected: 'an id of its own', got }],
  };
}

/** Zones of the files. Throws `CommandFailed` with every problem of every file; `lost` says what did not happen. */
export function readZones(
  files: readonly string[],
  lost = 'nothing was stored',
): { where: string; zone: SharedZone }[] {
  const { items, problems } = readZoneItems(files);
  const faults = [
    ...items.flatMap(({ where, problems }) => problems.map((problem) => problemLine(where, problem))),
    ...problems.map((problem) => problemLine(problem.where, problem)),
  ];
  if (faults.length > 0) throw new CommandFailed([`${lost}: ${faults.length} problem(s)`, ...faults]);
  return items.flatMap(({ where, zone }) => (zone === null ? [] : [{ where, zone }]));
}
