/**
 * Runs many seeds through `replay` and the oracle. Every disagreement is printed with the smallest world that shows it;
 * a law besides: the same records in another order of arrival give the same lines.
 */
import { writeFileSync } from 'node:fs';
import { agrees, type Difference, differenceOf } from './compare.js';
import type { Line, World } from './contract.js';
import { type Expected, expectedOf } from './oracle.js';
import { linesOfWorld, replayHere, replayLines } from './run-replay.js';
import { Chance } from './seeds/chance.js';
import { redelivered } from './seeds/delivery.js';
import { BATCH } from './seeds/seasons.js';
import { nameOf, WORLD_CLASSES, type WorldClass, worldOf } from './seeds/worlds.js';
import { shrink } from './shrink.js';
import { Undecidable } from './undecidable.js';

export interface Wishes {
  readonly classes: readonly WorldClass[];
  readonly only: 'violations' | 'all';
  /** At most this many failing seeds are made small; 0: none. */
  readonly shrinkMax: number;
  readonly say: (line: string) => void;
}

export interface Tally {
  compared: number;
  undecidable: number;
  violations: number;
  alerts: number;
  /** `class seed`, of those that failed. */
  failed: string[];
}

interface Judged {
  readonly seed: number;
  readonly world: World;
  readonly expected: Expected;
}

/** Seeds `from` to `to`, both included. */
export async function replaySeeds(from: number, to: number, wishes: Wishes): Promise<Tally> {
  const tally: Tally = { compared: 0, undecidable: 0, violations: 0, alerts: 0, failed: [] };
  for (const cls of wishes.classes) {
    for (let first = from; first <= to; first = BATCH * (Math.floor(first / BATCH) + 1)) {
      const last = Math.min(to, BATCH * (Math.floor(first / BATCH) + 1) - 1);
      await runBatch(cls, first, last, wishes, tally);
    }
    wishes.say(`${cls}: ${tally.compared} worlds compared so far, ${tally.failed.length} failed`);
  }
  return tally;
}

async function runBatch(cls: WorldClass, first: number, last: number, wishes: Wishes, tally: Tally): Promise<void> {
  const judged: Judged[] = [];
  for (let seed = first; seed <= last; seed++) {
    const world = worldOf(seed, cls);
    const expected = expectedOrNull(world);
    if (expected === null) tally.undecidable++;
    else judged.push({ seed, world, expected });
  }
  if (judged.length === 0) return;
  const shuffled = judged.map(({ world, seed }) => ({
    ...world,
    uploads: redelivered(new Chance(seed, 'redelivered'), world.uploads, world.untilMs),
  }));
  const lines = await replayLines(judged.map(({ world }) => world));
  // what integrity alerts count hangs on arrivals, so their class has its own order only
  const again = cls === 'integrity' ? lines : await replayLines(shuffled);
  for (const [i, { seed, world, expected }] of judged.entries()) {
    tally.compared++;
    tally.violations += expected.violations.length;
    tally.alerts += expected.alerts.length;
    const inOrder = differenceOf(expected, linesOfWorld(lines, nameOf(seed, cls)), wishes.only);
    const otherwise = differenceOf(expected, linesOfWorld(again, nameOf(seed, cls)), wishes.only);
    if (agrees(inOrder) && agrees(otherwise)) continue;
    const failing = agrees(inOrder)
      ? { world: shuffled[i] as World, difference: otherwise }
      : { world, difference: inOrder };
    await tell(cls, seed, agrees(inOrder), failing, wishes, tally);
  }
}

async function tell(
  cls: WorldClass,
  seed: number,
  isLaw: boolean,
  { world, difference }: { world: World; difference: Difference },
  wishes: Wishes,
  tally: Tally,
): Promise<void> {
  tally.failed.push(`${cls} ${seed}`);
  wishes.say(`\nFAILED ${cls} seed ${seed}${isLaw ? ' (only when delivered in another order)' : ''}`);
  for (const line of difference.expected.slice(0, 6)) wishes.say(`  expected ${line}`);
  for (const line of difference.got.slice(0, 6)) wishes.say(`  got      ${line}`);
  if (tally.failed.length > wishes.shrinkMax) return;
  const small = await shrink(world, async (smaller) => !agrees((await judge(smaller, wishes.only)) ?? nothing), 3_000);
  const left = (await judge(small, wishes.only)) ?? nothing;
  wishes.say('the smallest world that still fails:');
  for (const order of small.orders) wishes.say(`  order  ${JSON.stringify(order)}`);
  for (const zone of small.zones) wishes.say(`  zone   ${JSON.stringify(zone)}`);
  for (const upload of small.uploads) wishes.say(`  upload ${JSON.stringify(upload)}`);
  wishes.say(`  until  ${new Date(small.untilMs).toISOString()}`);
  for (const line of left.expected) wishes.say(`  expected ${line}`);
  for (const line of left.got) wishes.say(`  got      ${line}`);
}

const nothing: Difference = { expected: [], got: [] };

/** Null: the oracle cannot say, or `replay` refuses the world. */
async function judge(world: World, only: Wishes['only']): Promise<Difference | null> {
  const expected = expectedOrNull(world);
  if (expected === null) return null;
  let lines: Line[];
  try {
    lines = await replayHere([world]);
  } catch {
    return null;
  }
  return differenceOf(expected, lines, only);
}

function expectedOrNull(world: World): Expected | null {
  try {
    return expectedOf(world);
  } catch (error) {
    if (error instanceof Undecidable) return null;
    throw error;
  }
}

const HELP = `Usage: scripts/replay-seeds FROM TO [--class A,B,…] [--violations] [--shrink N] [--write FOLDER]

Makes the seeded worlds FROM to TO of each class (${WORLD_CLASSES.join(', ')}; default: all), runs
\`fairwatch replay\` on their files, and compares every line with what an independent oracle (tests/oracle) reads off the
rules. Prints a failing seed with the smallest world that shows the failure. Exit 1 when one failed.

  --violations    compare violations only, not alerts
  --shrink N      make at most N failing worlds small (default 3)
  --write FOLDER  write orders.ndjson, zones.ndjson, records.ndjson and expected.ndjson there instead of running them;
                  FROM to TO must lie within a batch of ${BATCH} (they share their --until, which is printed).
                  Any other implementation can be judged by these files

A world is named by its class and seed; ids begin with that name. The oracle reads rules.md's definitions off the whole
timeline, keeps no state over time and imports nothing of src; distances that lie within 0.5 % and 1 m of a decision are
left out ("too close to call"). Hand-worked cases of the oracle itself: tests/oracle/oracle.test.ts.
`;

/** The command line; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const [from, to] = [Number(args[0]), Number(args[1])];
  const classes = (value('--class')?.split(',') ?? WORLD_CLASSES) as WorldClass[];
  if (!Number.isInteger(from) || !Number.isInteger(to) || classes.some((cls) => !WORLD_CLASSES.includes(cls))) {
    process.stderr.write(HELP);
    return 2;
  }
  const folder = value('--write');
  if (folder !== undefined) {
    await writeBatch(folder, from, to, classes);
    return 0;
  }
  const startedMs = performance.now();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const only = args.includes('--violations') ? 'violations' : 'all';
  const tally = await replaySeeds(from, to, { classes, only, shrinkMax: Number(value('--shrink') ?? 3), say });
  say(
    `${tally.compared} worlds (${tally.violations} violations, ${tally.alerts} alerts), ${tally.undecidable} too close ` +
      `to call, ${tally.failed.length} failed, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`,
  );
  if (tally.failed.length > 0) say(`failed: ${tally.failed.slice(0, 40).join(', ')}`);
  return tally.failed.length === 0 ? 0 : 1;
}

async function writeBatch(folder: string, from: number, to: number, classes: readonly WorldClass[]): Promise<void> {
  const { writeWorlds } = await import('./run-replay.js');
  const worlds: World[] = [];
  for (const cls of classes) for (let seed = from; seed <= to; seed++) worlds.push(worldOf(seed, cls));
  const known = worlds.filter((world) => expectedOrNull(world) !== null);
  writeWorlds(folder, known);
  const lines = known.flatMap((world) => {
    const { violations, alerts } = expectedOf(world);
    return [...violations, ...alerts];
  });
  writeFileSync(`${folder}/expected.ndjson`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  process.stdout.write(`--until ${new Date((known[0] as World).untilMs).toISOString()}\n`);
}
