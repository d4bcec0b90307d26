/** Runs tests of the rules, again and again, on rules that are changed in one place. */
import { parentPort, workerData } from 'node:worker_threads';
import * as fastCheck from 'fast-check';
import { ModuleGraph, type StandIn } from './graph.js';
import type { Reply, Request, RunOf, WorkerSetup } from './protocol.js';
import { REACHED } from './regions.js';
import { Shim } from './tap-shim.js';

const setup = workerData as WorkerSetup;
const graph = new ModuleGraph(setup.sources);
const progress = new Int32Array(setup.progress);
const reached = new Uint8Array(setup.regions);
Object.assign(globalThis, { [REACHED]: reached });

/** What was thrown where nobody waited for it. */
let stray: unknown = null;
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    stray ??= error;
  });
}

const fewerRuns: StandIn = (() => {
  const assert = <T>(property: fastCheck.IProperty<T>, options: fastCheck.Parameters<T> = {}): unknown =>
    fastCheck.assert(property, {
      ...options,
      numRuns: Math.max(1, Math.ceil((options.numRuns ?? 100) * setup.share)),
      endOnFailure: true,
    });
  return { ...fastCheck, assert, default: { ...fastCheck.default, assert } };
})();

/** The modules of one round, and the tests of each file as they are loaded. */
class Round {
  readonly #root = new Shim();
  readonly #loaded = new Map<string, Shim['tests']>();

  constructor(fresh: ReadonlySet<string>, texts: ReadonlyMap<string, string>) {
    graph.begin(fresh, texts, { tap: { default: this.#root, t: this.#root }, 'fast-check': fewerRuns });
  }

  async tests(file: string): Promise<Shim['tests']> {
    Shim.lenient = false;
    let tests = this.#loaded.get(file);
    if (tests === undefined) {
      const before = this.#root.tests.length;
      await graph.load(file);
      tests = this.#root.tests.slice(before);
      this.#loaded.set(file, tests);
    }
    return tests;
  }

  async run({ file, index, lenient }: RunOf): Promise<void> {
    const tests = await this.tests(file);
    const chosen = index === null ? tests : [tests[index]];
    for (const test of chosen) {
      if (test === undefined) throw new Error('the test is not there any more');
      Shim.lenient = lenient;
      await test.run();
    }
    if (stray !== null) throw stray;
  }
}

async function answer(request: Request): Promise<Reply> {
  stray = null;
  switch (request.kind) {
    case 'names': {
      const tests = await new Round(setup.fresh, new Map()).tests(request.file);
      return { kind: 'names', names: tests.map(({ name }) => name) };
    }
    case 'baseline': {
      reached.fill(0);
      const round = new Round(setup.fresh, setup.counted);
      const startMs = performance.now();
      const error = await round.run(request.run).then(() => null, described);
      const numbers = [...reached.keys()].filter((i) => reached[i] === 1);
      return { kind: 'baseline', error, ms: performance.now() - startMs, reached: numbers };
    }
    case 'mutant':
      return mutant(request);
  }
}

async function mutant({ path, text, fresh, runs }: Extract<Request, { kind: 'mutant' }>): Promise<Reply> {
  const round = new Round(fresh, new Map([[path, text]]));
  for (const [i, run] of runs.entries()) {
    Atomics.store(progress, 0, i);
    Atomics.add(progress, 1, 1);
    try {
      await round.run(run);
    } catch (error) {
      return { kind: 'mutant', failed: i, error: described(error) };
    }
  }
  return { kind: 'mutant', failed: null, error: '' };
}

function described(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, 2_000);
}

parentPort?.on('message', async (request: Request) => {
  parentPort?.postMessage(await answer(request).catch((error) => ({ kind: 'broken', error: described(error) })));
});
