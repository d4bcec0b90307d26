/** `scripts/audit-tampering`: the campaign from the command line. */
import { parseArgs } from 'node:util';
import { campaign } from './campaign.js';

const usage = `Tampers with the raw rows of audit logs and counts what \`fairwatch audit verify\`'s check finds.

  scripts/audit-tampering [--count 10000] [--seed 1] [--json]

Each log is written through the real store, one of its heads is witnessed, and then rows are changed: bits, drops,
swaps, insertions, truncation, whole logs signed anew by another key and by the real one. Exit 1 if one is not found,
is trusted further than it was changed, or is not named where the witness kept the leaves.
`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (values.help) process.stdout.write(usage);
else if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write(`${usage}\n--count and --seed are whole numbers\n`);
  process.exitCode = 2;
} else await run(count, seed);

async function run(count: number, seed: number): Promise<void> {
  const startedMs = performance.now();
  const { found, missed, tried } = await campaign(count, seed, (done) => process.stderr.write(`\r${done}/${count}`));
  process.stderr.write('\n');
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  if (values.json) {
    console.log(
      JSON.stringify({ count, seed, found, missed: missed.length, seconds, tried: Object.fromEntries(tried) }),
    );
  } else {
    for (const [name, times] of [...tried].sort()) console.log(`${String(times).padStart(6)}  ${name}`);
    console.log(`seed ${seed}: ${found} of ${count} found in ${seconds} s`);
  }
  for (const line of missed.slice(0, 20)) console.error(`not found: ${line}`);
  if (missed.length > 0) process.exitCode = 1;
}
