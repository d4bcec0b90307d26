/** Sixty seeds of the simulator; `scripts/simulate-seeds` plays as many as are wanted. */
import t from 'tap';
import { countFaults } from './simulator/faults.js';
import { judge } from './simulator/judge.js';
import { makePlan } from './simulator/plan.js';
import { explain } from './simulator/report.js';

const SEEDS = 60;

t.test(`no invariant is broken in seeds 1 to ${SEEDS}, with faults of every kind`, async (t) => {
  const kinds = new Set<string>();
  let crashes = 0;
  let lateVersions = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const plan = makePlan(seed);
    const { history, violations } = await judge(plan);
    for (const kind of countFaults(plan.faults).keys()) kinds.add(kind);
    crashes += history.counts.crashes;
    lateVersions += history.counts.lateVersions;
    if (violations.length > 0) t.fail((await explain(seed, 100)).join('\n'));
  }
  t.ok(crashes >= 3 * SEEDS, `${crashes} crashes in ${SEEDS} seeds`);
  t.ok(lateVersions > SEEDS, `${lateVersions} versions came of late data`);
  t.same([...kinds].sort(), [
    ...['ack lost', 'act', 'backlog', 'clock', 'crash', 'delayed', 'disk full', 'lost', 'offline', 'pause', 'poison'],
    ...['reader cut off', 'redis away', 'redis emptied', 'redis set back', 'repeated', 'revised', 'stop', 'twice'],
  ]);
});

t.test('a seed gives the same run, call for call, however often it is played', async (t) => {
  for (const seed of [3, 14, 15]) {
    const traces: string[][] = [[], []];
    for (const trace of traces) await judge(makePlan(seed), (line) => trace.push(line));
    t.ok((traces[0]?.length ?? 0) > 50);
    t.same(traces[0], traces[1], `seed ${seed}`);
  }
});
