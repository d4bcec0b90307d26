/** Seeded chance for the tests; the seed is printed. */

/** Mulberry32: numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The seed of this run: `SEED` from the environment, `SEED=random` for a new one (a hunt), else always the same: a change
 * is judged by what it changed, and not by luck.
 */
export function seedOfRun(): number {
  const { SEED } = process.env;
  if (SEED === 'random') return 1 + Math.floor(Math.random() * 2 ** 31);
  const given = Number(SEED);
  return Number.isInteger(given) && given > 0 ? given : 20_260_309;
}

/** So many runs, or with `TIMES=n` in the environment n times as many: for a night, not for every change. */
export function times(runs: number): number {
  const given = Number(process.env.TIMES);
  return Number.isInteger(given) && given > 0 ? runs * given : runs;
}
