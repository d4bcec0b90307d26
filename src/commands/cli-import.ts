/** Sends what an import file holds: over the API, or through the command log of a data folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LmdbCommandLog } from '../adapters/lmdb/lmdb-command-log.js';
import { LmdbRegister } from '../adapters/lmdb/lmdb-register.js';
import type { Problem } from '../domain/problem.js';
import { destroyedNames } from '../lawful/destruction.js';
import type { Command, CommandOutcome } from '../ports/commands.js';
import type { ApiClient } from './cli-api.js';
import { CommandFailed, print, printJson, problemLine } from './cli-run.js';
import { type OpenFolder, reviewKeysOf } from './cli-stores.js';

export interface Outcome {
  readonly id: string;
  readonly outcome: 'created' | 'replaced' | 'unchanged' | 'stored' | 'logged' | 'refused';
  readonly problems: readonly Problem[];
}

export interface Sending {
  readonly where: string;
  readonly id: string;
  /** Things that have one of these in common are sent one after another, as they stand in the file. Absent: its id. */
  readonly concerns?: readonly string[];
  readonly path: string;
  readonly json: unknown;
  readonly command: Command;
}

/** Requests under way at once: enough to share the gateway's commits, few enough to be no burden. */
const atOnce = 8;
/** How long the engine's answers are waited for since the last one came. */
const waitMs = 5_000;

/** PUTs each thing; answers in their order. */
export async function sendOverApi(api: ApiClient, things: readonly Sending[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(things.length);
  const chains = chainsOf(things);
  let next = 0;
  const worker = async () => {
    for (let chain = chains[next++]; chain !== undefined; chain = chains[next++]) {
      for (const i of chain) {
        const { id, path, json } = things[i] as Sending;
        const answer = await api.request('PUT', path, json);
        outcomes[i] =
          answer.status < 300
            ? { id, outcome: answer.body.outcome as Outcome['outcome'], problems: [] }
            : { id, outcome: 'refused', problems: problemsOf(answer.problems, answer.detail) };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, chains.length) }, worker));
  return outcomes;
}

/** Places of things that must not overtake each other, each chain in the file's order. */
export function chainsOf(things: readonly Pick<Sending, 'id' | 'concerns'>[]): number[][] {
  // each place points at an earlier one of its chain, or at itself (union-find)
  const earlier: number[] = [];
  const firstOf = (place: number): number => {
    let at = place;
    while (earlier[at] !== at) at = earlier[at] ??= at;
    earlier[place] = at;
    return at;
  };
  const seen = new Map<string, number>();
  for (const [i, { id, concerns }] of things.entries()) {
    earlier[i] = i;
    for (const name of concerns ?? [id]) {
      const [a, b] = [firstOf(seen.get(name) ?? i), firstOf(i)];
      earlier[Math.max(a, b)] = Math.min(a, b);
      seen.set(name, i);
    }
  }
  const chains = new Map<number, number[]>();
  for (const i of things.keys()) {
    const chain = chains.get(firstOf(i));
    if (chain === undefined) chains.set(firstOf(i), [i]);
    else chain.push(i);
  }
  return [...chains.values()];
}

function problemsOf(problems: readonly Problem[], detail: string): readonly Problem[] {
  return problems.length > 0 ? problems : [{ path: '', expected: 'what the gateway takes', got: detail }];
}

/** Logs each command durably, then waits for what a running gateway makes of them. */
export async function sendThroughLog(folder: OpenFolder, things: readonly Sending[]): Promise<Outcome[]> {
  const log = LmdbCommandLog.open(folder.folders.commands, folder.rows);
  try {
    const places: (number | null)[] = [];
    const destroyed = things.some(({ command }) => command.kind === 'put_order') ? await destroyedIn(folder) : null;
    for (const { command } of things) {
      if (command.kind === 'put_order' && destroyed !== null) {
        const { orderId } = command.order;
        const keys = reviewKeysOf(folder);
        if (destroyed.has(keys.nameOf(orderId))) {
          places.push(null);
          continue;
        }
        await keys.make(orderId);
      }
      places.push(await log.append(command, Date.now()));
    }
    const outcomes: Outcome[] = [];
    let gone = false;
    for (const [i, place] of places.entries()) {
      const id = (things[i] as Sending).id;
      if (place === null) {
        const expected = 'an id of which nothing was erased';
        outcomes.push({ id, outcome: 'refused', problems: [{ path: 'order_id', expected, got: id }] });
        continue;
      }
      const settled: CommandOutcome | null = gone ? log.outcome(place) : await log.awaitOutcome(place, waitMs);
      gone = settled === null;
      if (settled === null) outcomes.push({ id, outcome: 'logged', problems: [] });
      else if (settled.ok) outcomes.push({ id, outcome: settled.created ? 'created' : 'stored', problems: [] });
      else outcomes.push({ id, outcome: 'refused', problems: settled.problems });
    }
    return outcomes;
  } finally {
    await log.close();
  }
}

/** Pseudonyms of orders that were erased: their ids are not used again. */
async function destroyedIn(folder: OpenFolder): Promise<Set<string>> {
  const path = join(folder.configuration.dataDir, 'register');
  // no review service has ever run here, so nothing was erased
  if (!existsSync(path)) return new Set();
  const register = LmdbRegister.openReader(path, reviewKeysOf(folder));
  try {
    return destroyedNames(register);
  } finally {
    await register.close();
  }
}

/** Tells what became of everything. Throws `CommandFailed` when something was refused. */
export function report(things: readonly Sending[], outcomes: readonly Outcome[], what: string, json: boolean): void {
  if (json) for (const outcome of outcomes) printJson(outcome);
  const counts = new Map<string, number>();
  for (const { outcome } of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const summary = [...counts].map(([outcome, n]) => `${n} ${outcome}`).join(', ');
  if (!json) print(`${outcomes.length} ${what}: ${summary}`);
  if (!json && counts.has('logged'))
    print('logged; a running gateway takes it in within 250 ms, another when it starts');
  const refused = outcomes.flatMap(({ problems }, i) =>
    problems.map((problem) => problemLine(`${things[i]?.where} ${things[i]?.id}`, problem)),
  );
  if (counts.has('refused'))
    throw new CommandFailed([`${counts.get('refused')} refused, the rest is as said:`, ...refused]);
}
