/** `scripts/fuzz`: inputs that people do not think of, against everything that reads what comes from outside. */
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CORPUS, readCorpus, writeCorpus } from './corpus.js';
import { countFrom, Reached } from './counters.js';
import { readFinding, writeFinding } from './finding.js';
import { minimised } from './minimise.js';
import { catchStrays, fuzz, runOnce } from './run.js';
import type { Target } from './target.js';
import { TARGETS } from './targets.js';
import { Watchdog } from './watchdog.js';

const HELP = `Usage: scripts/fuzz --target NAME[,NAME…] [options]

Runs a part of the gateway that reads what comes from outside on inputs made from well-formed ones by small changes. The
judged code counts what it runs through; an input that reaches something new is kept and changed again.

  --target T      which (all: each in turn); --list shows them with what they promise
  --runs N        executions of each target (default 20000)
  --seed S        the same seed makes the same inputs from the same corpus (default: the clock)
  --corpus DIR    inputs to begin with, DIR/NAME.txt (default: fixtures/fuzz; 'none' for the built-in ones alone)
  --keep          write what was kept, minimised, back into the corpus folder
  --minimise      only reduce the corpus to what is needed for what it reaches
  --findings DIR  where findings are written (default: a folder of the system's temporary one)
  --deadline MS   an input that takes longer hangs (default 20000)
  --rss MIB       more resident memory than this is a finding (default 1024)
  --replay FILE   run the input of a finding once, or those of a folder
  --json          the result of each target as a line of JSON

Prints executions, the stretches of judged code that were reached of how many there are, the corpus, the memory, and
findings: a crash (something thrown that is not foreseen), a broken promise, a hang or slowness, memory. A finding is
shrunk and written as a file.

Exit code 0: no finding. 1: there is one. 2: usage.

Example: scripts/fuzz --target upload --runs 500000 --seed 1
`;

const options = {
  target: { type: 'string' },
  runs: { type: 'string', default: '20000' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  corpus: { type: 'string', default: CORPUS },
  keep: { type: 'boolean', default: false },
  minimise: { type: 'boolean', default: false },
  findings: { type: 'string', default: join(tmpdir(), 'fairwatch-fuzz') },
  deadline: { type: 'string', default: '20000' },
  rss: { type: 'string', default: '1024' },
  replay: { type: 'string' },
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function usage(message: string): never {
  process.stderr.write(`scripts/fuzz: ${message}\n\n${HELP}`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({ options, strict: true }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
}

const o = readOptions();

function wholeNumber(name: 'runs' | 'seed' | 'deadline' | 'rss'): number {
  const value = Number(o[name]);
  return Number.isSafeInteger(value) && value >= 0 ? value : usage(`--${name} is a whole number, not ${o[name]}`);
}

const say = (line: string): void => void (o.json ? process.stderr : process.stdout).write(`${line}\n`);

async function fuzzOne(target: Target): Promise<boolean> {
  const [runs, seed, deadlineMs, rssMaxMib] = [
    wholeNumber('runs'),
    wholeNumber('seed'),
    wholeNumber('deadline'),
    wholeNumber('rss'),
  ];
  const folder = o.findings;
  const given = o.corpus === 'none' ? [] : readCorpus(o.corpus, target.name);
  const reached = new Reached(target.judges);
  if (o.minimise) {
    const fewer = await minimised(target, [...target.seeds(), ...given], reached);
    writeCorpus(o.corpus, target.name, fewer);
    say(`${target.name}: ${given.length} inputs → ${fewer.length}`);
    return true;
  }
  const watchdog = new Watchdog({ target: target.name, folder, seed, deadlineMs, bytesMax: target.bytesMax });
  const beganMs = performance.now();
  let toldMs = beganMs;
  const result = await fuzz(target, {
    runs,
    seed,
    corpus: given,
    reached,
    watchdog,
    rssMaxMib,
    told: ({ executions, corpus, reached: count, rssMib }) => {
      if (performance.now() - toldMs < 10_000) return;
      toldMs = performance.now();
      say(
        `${target.name}: ${executions} executions, ${count} of ${reached.total} stretches, ${corpus} inputs, ${Math.round(rssMib)} MiB`,
      );
    },
    found: (finding) => {
      say(
        `${target.name}: ${finding.kind.toUpperCase()} at ${finding.run}: ${finding.what}\n  ${writeFinding(folder, finding)}`,
      );
    },
  });
  const row = {
    target: target.name,
    seed,
    executions: result.executions,
    reached: reached.count,
    stretches: reached.total,
    corpus: result.corpus.length,
    findings: result.findings,
    rss_max_mib: Math.round(result.rssMaxMib),
    slowest_ms: Math.round(result.slowestMs),
    seconds: Math.round((performance.now() - beganMs) / 1000),
  };
  if (o.keep) {
    const all = await minimised(target, [...given, ...result.corpus], reached);
    writeCorpus(o.corpus === 'none' ? CORPUS : o.corpus, target.name, all);
    say(`${target.name}: ${all.length} inputs kept`);
  }
  await watchdog.close();
  if (o.json) process.stdout.write(`${JSON.stringify(row)}\n`);
  say(
    `${row.target}: seed ${row.seed}, ${row.executions} executions in ${row.seconds} s, ${row.reached} of ${row.stretches} ` +
      `stretches reached, ${row.corpus} inputs led on, ${row.findings} findings, ${row.rss_max_mib} MiB at most, slowest ${row.slowest_ms} ms`,
  );
  return result.findings === 0;
}

const findingsAt = (path: string): string[] =>
  statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];

async function replay(path: string): Promise<boolean> {
  const finding = readFinding(path);
  const target = await load(finding.target);
  await target.open?.();
  const guard = { reached: new Reached(target.judges), watchdog: null };
  const { fault } = await runOnce(target, finding.input, guard);
  await target.close?.();
  say(fault === null ? `${path}: nothing is wrong any more` : `${path}: ${fault.kind}\n${fault.what}`);
  return fault === null;
}

async function load(name: string): Promise<Target> {
  const target = TARGETS.find((one) => one.name === name);
  return target === undefined ? usage(`there is no target ${name}; --list shows them`) : target.load();
}

if (o.help) process.stdout.write(HELP);
else if (o.list) for (const { name, promise } of TARGETS) process.stdout.write(`${name.padEnd(10)} ${promise}\n`);
else {
  const findings = o.replay === undefined ? [] : findingsAt(o.replay);
  const names =
    findings.length > 0
      ? findings.map((path) => readFinding(path).target)
      : (o.target ?? usage('--target is missing')).split(',');
  const chosen = names.includes('all') ? TARGETS.map(({ name }) => name) : names;
  countFrom(TARGETS.filter(({ name }) => chosen.includes(name)).flatMap(({ judges }) => judges));
  catchStrays();
  // one that is never answered, with nothing under way, would end the process in silence: so the watchdog sees it
  const awake = setInterval(() => {}, 60_000);
  let good = true;
  try {
    for (const path of findings) good = (await replay(path)) && good;
    for (const name of findings.length > 0 ? [] : chosen) {
      const target = await load(name);
      await target.open?.();
      good = (await fuzzOne(target)) && good;
      await target.close?.();
    }
  } catch (error) {
    // of the fuzzer itself; what is thrown where nobody waits is taken for the target's, so nobody else would tell
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    good = false;
  }
  clearInterval(awake);
  process.exit(good ? 0 : 1);
}
