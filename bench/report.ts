/** `scripts/bench --report`: the tables, here and in the README, and the plots of all results; `--check` only says whether they are up to date. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plotsOf, readResults, reportOf, withFigures } from './lib/report.js';

const folder = process.argv[2] ?? 'bench';
const plotFolder = join(folder, 'plots');
const results = readResults(join(folder, 'results'));
const wanted = new Map([[join(folder, 'RESULTS.md'), reportOf(results)]]);
const readme = join(folder, '..', 'README.md');
wanted.set(readme, withFigures(readFileSync(readme, 'utf8'), results));
for (const [name, svg] of plotsOf(results)) wanted.set(join(plotFolder, name), svg);
mkdirSync(plotFolder, { recursive: true });
const left = readdirSync(plotFolder)
  .map((name) => join(plotFolder, name))
  .filter((path) => !wanted.has(path));

if (!process.argv.includes('--check')) {
  for (const [path, text] of wanted) writeFileSync(path, text);
  for (const path of left) rmSync(path);
  process.stderr.write(
    `${join(folder, 'RESULTS.md')} and the figures of the README and ${wanted.size - 2} plots written\n`,
  );
} else {
  const wrong = [...wanted].filter(([path, text]) => textAt(path) !== text).map(([path]) => path);
  for (const path of [...wrong, ...left]) {
    process.stderr.write(`${path} is not what ${join(folder, 'results')} says: run scripts/bench --report\n`);
    process.exitCode = 1;
  }
}

function textAt(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
