/** `scripts/bench --report`: writes the table of all results; `--check` only says whether it is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readResults, reportOf } from './lib/report.js';

const folder = process.argv[2] ?? 'bench';
const path = join(folder, 'RESULTS.md');
const report = reportOf(readResults(join(folder, 'results')));
if (!process.argv.includes('--check')) {
  writeFileSync(path, report);
  process.stderr.write(`${path} written\n`);
} else if (readFileSync(path, 'utf8') !== report) {
  process.stderr.write(`${path} is not what ${join(folder, 'results')} says: run scripts/bench --report\n`);
  process.exitCode = 1;
}
