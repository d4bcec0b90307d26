/** How a seed is told: one line when all is well, and the shortest way to a violation when it is not. */

import { describeFault } from './faults.js';
import type { Counts } from './history.js';
import { iso } from './invariants/telling.js';
import { judge } from './judge.js';
import { makePlan, type Plan } from './plan.js';
import { shrink } from './shrink.js';

/** `seed 17: 141 records in 98 uploads; crashes 4, power cuts 2, …; ok` */
export function seedLine(seed: number, { records, uploads, calls, versions, lateVersions, ...faults }: Counts): string {
  const said = Object.entries(faults).filter(([, count]) => count > 0);
  const text = said.map(([name, count]) => `${words(name)} ${count}`).join(', ');
  return `seed ${seed}: ${records} records in ${uploads} uploads, ${versions} versions (${lateVersions} late), ${calls} calls; ${text}`;
}

const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Every line of the shortest run found that breaks what the seed breaks. */
export async function explain(seed: number, triesMax: number): Promise<string[]> {
  const plan = makePlan(seed);
  const { violations } = await judge(plan);
  if (violations.length === 0) return [`seed ${seed}: no invariant is broken`];
  const shrunk = await shrink(plan, violations, triesMax);
  const trace: string[] = [];
  const { violations: left } = await judge(shrunk.plan, (line) => trace.push(line));
  return [
    `seed ${seed}, as it came:`,
    ...violations.map((violation) => `  ${violation}`),
    `the smallest of ${shrunk.tries} plans that break it too:`,
    ...describePlan(shrunk.plan).map((line) => `  ${line}`),
    ...trace.map((line) => `  ${line}`),
    ...left.map((violation) => `  ${violation}`),
  ];
}

function describePlan({ orders, uploads, faults }: Plan): string[] {
  return [
    ...orders.map((order) => `order ${JSON.stringify(order)}`),
    ...uploads.flatMap(({ id, deviceId, madeMs, reports }) => [
      `upload ${id} of ${deviceId}, made ${iso(madeMs)}:`,
      ...reports.map(({ timeMs, bodies }) => `  ${iso(timeMs)} ${JSON.stringify(bodies)}`),
    ]),
    ...faults.map(describeFault),
  ];
}
