/** `fairwatch zones check`: is every zone valid, and what else should a person look at? */
import { formatProblem, type Problem } from '../domain/problem.js';
import { extentM, zoneRemarks } from '../rules/zone-remarks.js';
import { CommandFailed, print, printJson, problemLine } from './cli-run.js';
import { readZoneItems, type ZoneItem } from './cli-zones.js';

interface Flags {
  readonly json?: true;
  readonly timeZone: string;
}

/** As programs read it; codes and indexes are null where a problem is not of the geometry. */
const problemJson = (problem: Problem) => ({
  code: 'not_readable',
  message: formatProblem(problem),
  ...problem,
});

function checked(item: ZoneItem, timeZone: string) {
  const { where, path, zone } = item;
  // OGC calls an empty geometry valid: import refuses it, for it would watch nothing and look as if it did
  const isEmpty = (problem: Problem) => 'code' in problem && problem.code === 'empty';
  const problems = item.problems.filter((problem) => !isEmpty(problem));
  const warnings = [
    ...item.problems.filter(isEmpty).map((problem) => ({ ...problem, got: `${problem.got}: import refuses it` })),
    ...(zone === null ? [] : zoneRemarks(zone, path, timeZone)),
  ];
  const extent = zone === null ? null : extentM(zone.shape).map((metres) => Math.round(metres * 10) / 10);
  return { where, id: item.zoneId, valid: problems.length === 0, extent_m: extent, problems, warnings };
}

/** Sets exit code 1 (by `CommandFailed`) when a zone is not valid. */
export async function checkZones(files: string[], { json, timeZone }: Flags): Promise<void> {
  const { items, problems: ofFiles } = readZoneItems(files);
  const each = items.map((item) => checked(item, timeZone));
  const invalid = each.filter(({ valid }) => !valid).length;
  const all = [
    ...each.flatMap(({ where, problems }) => problems.map((problem) => ({ where, problem }))),
    ...ofFiles.map(({ where, ...problem }) => ({ where, problem })),
  ];
  if (json) {
    const problems = all.map(({ where, problem }) => ({ where, ...problemJson(problem) }));
    const list = each.map((one) => ({
      ...one,
      problems: one.problems.map(problemJson),
      warnings: one.warnings.map(problemJson),
    }));
    printJson({ zones: items.length, problems, checked: list });
  }
  if (!json) for (const line of warningLines(each)) process.stderr.write(`fairwatch: warning: ${line}\n`);
  if (all.length > 0) {
    const head = `${invalid} of ${items.length} zones are not in order: ${all.length} problem(s)`;
    throw new CommandFailed([head, ...all.map(({ where, problem }) => problemLine(where, problem))]);
  }
  if (!json) print(`${items.length} zones are in order`);
}

/** A file from a tool that winds its rings the other way has as many warnings as zones: a few of each kind will do. */
const LINES_A_KIND = 5;

function warningLines(each: readonly ReturnType<typeof checked>[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const { where, id, warnings } of each) {
    for (const warning of warnings) {
      const code = 'code' in warning ? String(warning.code) : '';
      const lines = kinds.get(code) ?? [];
      kinds.set(code, lines);
      lines.push(problemLine(`${where} ${id}`, warning));
    }
  }
  return [...kinds].flatMap(([code, lines]) => {
    const more = lines.length - LINES_A_KIND;
    const rest = more > 0 ? [`and ${more} more of this kind (${code}): --json tells all`] : [];
    return [...lines.slice(0, LINES_A_KIND), ...rest];
  });
}
