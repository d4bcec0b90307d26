/** `scripts/bench --compare NOW BEFORE`: holds one kept result against another, without running anything. */
import { comparisonText } from './lib/comparison.js';
import { readResult } from './lib/result.js';

const [now, before] = process.argv.slice(2);
if (now === undefined || before === undefined) {
  process.stderr.write('Usage: scripts/bench --compare NOW.json BEFORE.json\n');
  process.exit(2);
}
try {
  const [one, other] = [readResult(now), readResult(before)];
  if (one.bench !== other.bench) throw new Error(`${now} is of bench/${one.bench}, ${before} of bench/${other.bench}`);
  process.stdout.write(comparisonText(one, other));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
