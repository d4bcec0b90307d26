/** Puts every mutant before the tests that reach it, those first that are likely to kill it cheaply. */
import type { Baseline } from './baseline.js';
import { changed, type Mutant, type MutatedFile } from './mutants.js';
import type { WatchedWorker } from './watched-worker.js';

export type Verdict =
  | { readonly kind: 'killed' | 'timeout' | 'crash'; readonly by: string; readonly error: string }
  | { readonly kind: 'survived'; readonly runs: number }
  | { readonly kind: 'not reached' };

export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly ms: number;
}

/** A run that takes ten times as long as it did, and a second and a half more, is taken to go on for ever. */
const limitMs = (ms: number): number => 1_500 + 10 * ms;

export class Hunt {
  readonly #runs: readonly Baseline[];
  readonly #freshFor: (file: MutatedFile) => ReadonlySet<string>;
  /** By file, how many of its mutants each run has killed: neighbours die of the same. */
  readonly #kills = new Map<MutatedFile, Map<Baseline, number>>();

  /** `freshFor`: what must be made anew when that file changes. */
  constructor(runs: readonly Baseline[], freshFor: (file: MutatedFile) => ReadonlySet<string>) {
    this.#runs = runs;
    this.#freshFor = freshFor;
  }

  async judge(worker: WatchedWorker, file: MutatedFile, mutant: Mutant): Promise<Judged> {
    const startMs = performance.now();
    const kills = this.#kills.get(file) ?? new Map<Baseline, number>();
    this.#kills.set(file, kills);
    const dear = (run: Baseline): number => (5 + run.ms) / (0.5 + (kills.get(run) ?? 0));
    const reaching = this.#runs.filter(({ reached }) => reached.has(mutant.region)).sort((a, b) => dear(a) - dear(b));
    const { verdict, killer } = await judge(worker, file, mutant, this.#freshFor(file), reaching);
    if (killer !== undefined) kills.set(killer, (kills.get(killer) ?? 0) + 1);
    return { mutant, verdict, ms: performance.now() - startMs };
  }
}

async function judge(
  worker: WatchedWorker,
  { path, text }: MutatedFile,
  mutant: Mutant,
  fresh: ReadonlySet<string>,
  reaching: readonly Baseline[],
): Promise<{ readonly verdict: Verdict; readonly killer?: Baseline | undefined }> {
  if (reaching.length === 0) return { verdict: { kind: 'not reached' } };
  const fate = await worker.ask(
    { kind: 'mutant', path, text: changed(text, mutant.mutation), fresh, runs: reaching.map(({ run }) => run) },
    (run) => limitMs(reaching[run]?.ms ?? 0),
  );
  const killed = (kind: 'killed' | 'timeout' | 'crash', run: number, error: string) => {
    const killer = reaching[run];
    return { verdict: { kind, by: killer?.name ?? '', error }, killer };
  };
  switch (fate.kind) {
    case 'timeout':
    case 'crash':
      return killed(fate.kind, fate.run, '');
    case 'mutant':
      if (fate.failed === null) return { verdict: { kind: 'survived', runs: reaching.length } };
      return killed('killed', fate.failed, fate.error);
    default:
      throw new Error(`${mutant.file}:${mutant.line} ${mutant.change}: ${'error' in fate ? fate.error : fate.kind}`);
  }
}
