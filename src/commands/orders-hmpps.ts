/** `fairwatch orders import --format hmpps-create-an-order`: maps orders, asks for what is missing, stores nothing by halves. */
import { writeFileSync } from 'node:fs';
import type { Needed, Note } from '../codec/hmpps-draft.js';
import { type HmppsOrder, readHmppsOrder } from '../codec/hmpps-order.js';
import { exampleSupply, supplied, withExamples } from '../codec/hmpps-supply.js';
import type { Problem } from '../domain/problem.js';
import { type Item, readItems } from './cli-files.js';
import { CommandFailed, print, printJson, problemLine } from './cli-run.js';
import { checkOrders } from './orders-checked.js';

export interface HmppsFlags {
  readonly json?: true;
  readonly supply?: string;
  readonly out?: string;
}

interface Mapped {
  readonly where: string;
  readonly orderId: string | null;
  /** In the contract's JSON, as far as it goes. */
  readonly order: unknown;
  readonly missing: readonly Needed[];
  readonly offered: readonly Needed[];
  readonly notes: readonly Note[];
  readonly dropped: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * The orders of the files in the contract's JSON, complete. Throws `CommandFailed` when something is missing or wrong,
 * after it has told what; with `out`, the drafts have been written by then.
 */
export function hmppsItems(files: readonly string[], flags: HmppsFlags): Item[] {
  const sources = readItems(files);
  const supplies = flags.supply === undefined ? [] : readItems([flags.supply]).map(({ json }) => json);
  if (supplies.length > 1 && supplies.some((supply) => orderIdOf(supply) === null)) {
    throw new CommandFailed(`${flags.supply}: with several supplies each must say its order_id`, 2);
  }
  if (sources.length > 1 && supplies.length === 1 && orderIdOf(supplies[0]) === null) {
    throw new CommandFailed(`${flags.supply}: there are ${sources.length} orders: a supply must say its order_id`, 2);
  }
  const mapped = sources.map(({ where, json }) => mapOrder(where, json, supplies, sources.length === 1));
  if (flags.json) for (const one of mapped) printJson(mappedJson(one));
  else for (const one of mapped) tell(one);
  if (flags.out !== undefined) writeDrafts(flags.out, mapped);
  refuseUnready(mapped, flags);
  return mapped.map(({ where, order }) => ({ where, json: order }));
}

function mapOrder(where: string, json: unknown, supplies: readonly unknown[], alone: boolean): Mapped {
  const nothing = { where, orderId: null, order: null, missing: [], offered: [], notes: [], dropped: [] };
  const read = readHmppsOrder(json);
  if (!read.ok) return { ...nothing, problems: read.fault };
  const { draft, dropped } = read.value;
  const orderId = typeof draft.order.order_id === 'string' ? draft.order.order_id : null;
  const supply = supplies.find((one) => orderIdOf(one) === orderId) ?? (alone ? supplies[0] : undefined);
  const done = supplied(draft, supply);
  if (!done.ok)
    return { ...nothing, orderId, problems: done.fault.map((p) => ({ ...p, path: `supply ${p.path}`.trim() })) };
  const { order, missing } = done.value;
  const offered = draft.needed.filter(({ required }) => !required);
  const problems = problemsOf(read.value, supply, missing);
  return { where, orderId, order, missing, offered, notes: draft.notes, dropped, problems };
}

/** What is wrong whatever will be supplied: the examples stand in for what is missing. */
function problemsOf({ draft }: HmppsOrder, supply: unknown, missing: readonly Needed[]): readonly Problem[] {
  const whole = missing.length === 0 ? supplied(draft, supply) : withExamples(draft, supply, missing);
  if (!whole.ok) return whole.fault;
  const [checked] = checkOrders([{ where: '', json: whole.value.order }], () => true);
  return checked?.problems ?? [];
}

function orderIdOf(supply: unknown): string | null {
  const id = typeof supply === 'object' && supply !== null && 'order_id' in supply ? supply.order_id : null;
  return typeof id === 'string' ? id : null;
}

/** The contract of `--json`. */
const mappedJson = ({ where, orderId, missing, offered, notes, dropped, problems }: Mapped) => ({
  where,
  order_id: orderId,
  outcome: problems.length > 0 ? 'refused' : missing.length > 0 ? 'incomplete' : 'complete',
  supply: missing.map(neededJson),
  may_supply: offered.map(neededJson),
  notes,
  not_carried_over: dropped,
  problems,
});

const neededJson = ({ path, or, what, why, example }: Needed) => ({ path, or, what, why, example });

function tell({ where, orderId, missing, offered, notes, dropped, problems }: Mapped): void {
  print(`${where} ${orderId ?? ''}`.trim());
  for (const problem of problems) print(`  refused: ${problemLine('', problem).slice(2)}`);
  for (const { path, what, why, example } of missing) {
    print(`  supply ${path}: ${what}`);
    print(`    why: ${why}`);
    print(`    example: ${JSON.stringify(example)}`);
  }
  for (const { path, what, why } of offered) print(`  may supply ${path}: ${what} (${why})`);
  for (const { path, note } of notes) print(`  note: ${path} ${note}`);
  for (const [object, fields] of byObject(dropped)) print(`  not carried over: ${object}${fields.join(', ')}`);
  if (missing.length > 0) print(`  a file for --supply, with the examples: ${JSON.stringify(exampleSupply(missing))}`);
}

/** `deviceWearer.firstName`, `deviceWearer.lastName` → `deviceWearer: ` and both names. */
function byObject(paths: readonly string[]): Map<string, string[]> {
  const objects = new Map<string, string[]>();
  for (const path of paths) {
    const dot = path.lastIndexOf('.');
    const object = dot < 0 ? '' : `${path.slice(0, dot)}: `;
    objects.set(object, [...(objects.get(object) ?? []), path.slice(dot + 1)]);
  }
  return objects;
}

/** One draft as an object, several as a list. A file that is there stays: somebody may have completed it. */
function writeDrafts(path: string, mapped: readonly Mapped[]): void {
  const drafts = mapped.flatMap(({ order }) => (order === null ? [] : [order]));
  try {
    writeFileSync(path, `${JSON.stringify(drafts.length === 1 ? drafts[0] : drafts, null, 2)}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const why =
      code === 'EEXIST' ? 'is there already: name another file, or move it away' : `cannot be written (${code})`;
    throw new CommandFailed(`${path} ${why}`);
  }
}

function refuseUnready(mapped: readonly Mapped[], { supply, out }: HmppsFlags): void {
  const refused = mapped.filter(({ problems }) => problems.length > 0);
  const incomplete = mapped.filter(({ missing }) => missing.length > 0);
  if (refused.length + incomplete.length === 0) return;
  const lines = refused.flatMap(({ where, orderId, problems }) =>
    problems.map((problem) => problemLine(`${where} ${orderId ?? ''}`.trim(), problem)),
  );
  const wanting = incomplete.map(
    ({ where, orderId, missing }) => `${where} ${orderId ?? ''}: missing ${missing.map(({ path }) => path).join(', ')}`,
  );
  const again =
    supply === undefined ? 'put what is missing in a file and import again with --supply FILE' : `complete ${supply}`;
  const advice =
    out === undefined ? `${again}, or write a draft with --out FILE` : `complete ${out} and import it without --format`;
  throw new CommandFailed(['nothing was stored', ...lines, ...wanting, ...(wanting.length > 0 ? [advice] : [])]);
}
