/** The fewest and shortest inputs that reach all that a corpus reaches. */
import type { Reached } from './counters.js';
import type { Target } from './target.js';

/** Shortest first, each kept if it reaches what none before did; then the other way round what is left over goes. */
export async function minimised(target: Target, corpus: readonly Buffer[], reached: Reached): Promise<Buffer[]> {
  const measured: { readonly input: Buffer; readonly features: number[] }[] = [];
  for (const input of corpus) {
    reached.begin();
    try {
      await target.run(input);
    } catch {
      continue;
    }
    measured.push({ input, features: reached.features() });
  }
  measured.sort((a, b) => a.input.length - b.input.length);
  const covered = new Map<number, number>();
  const kept = measured.filter(({ features }) => {
    if (features.every((feature) => covered.has(feature))) return false;
    for (const feature of features) covered.set(feature, (covered.get(feature) ?? 0) + 1);
    return true;
  });
  const needed = kept.toReversed().filter(({ features }) => {
    if (features.some((feature) => covered.get(feature) === 1)) return true;
    for (const feature of features) covered.set(feature, (covered.get(feature) ?? 1) - 1);
    return false;
  });
  return needed.map(({ input }) => input);
}
