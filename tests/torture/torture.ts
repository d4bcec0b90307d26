/** The command line of the torture test: `scripts/torture`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseOptions, USAGE, UsageFault } from './options.js';
import { plantAll } from './planted.js';
import { reportText } from './report.js';
import { Run } from './run.js';

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === '--planted') return (await plantAll(Number(args[1] ?? 1), args.slice(2))) ? 0 : 1;
  const options = parseOptions(args);
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  const began = Date.now();
  const say = (line: string): void => {
    process.stdout.write(`${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
  };
  const run = new Run(options, say);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      run.abandon(options.keep);
      process.exit(1);
    });
  }
  try {
    const report = await run.all();
    const text = reportText(report);
    process.stdout.write(`\n${text}`);
    if (options.report !== null) writeFileSync(resolve(process.env.INIT_CWD ?? '.', options.report), text);
    return report.faults.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    run.abandon(true);
    return 1;
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (!(error instanceof UsageFault)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  },
);
