/** Looks for the highest rate that is kept up: doubling until one is not, then halving the difference. */

export interface Search {
  readonly fromRate: number;
  readonly maxRate: number;
  /** How often the difference is halved. */
  readonly halvings: number;
}

/** Below this nothing is looked for any more. */
const RATE_MIN = 50;

/**
 * `attempt` says whether a rate was kept up. Gives the highest one that was, or null when none was. Rates are whole
 * hundreds above 1,000, so that runs can be compared.
 */
export async function highestRate(search: Search, attempt: (rate: number) => Promise<boolean>): Promise<number | null> {
  let kept: number | null = null;
  let lost: number | null = null;
  for (let rate = search.fromRate; ; ) {
    if (await attempt(rate)) {
      kept = rate;
      if (lost !== null || rate >= search.maxRate) break;
      rate = Math.min(rate * 2, search.maxRate);
    } else {
      lost = rate;
      if (kept !== null) break;
      rate = rounded(rate / 2);
      if (rate < RATE_MIN) return null;
    }
  }
  for (let i = 0; i < search.halvings && kept !== null && lost !== null; i++) {
    const rate = rounded((kept + lost) / 2);
    if (rate <= kept || rate >= lost) break;
    if (await attempt(rate)) kept = rate;
    else lost = rate;
  }
  return kept;
}

const rounded = (rate: number): number => (rate > 1_000 ? Math.round(rate / 100) * 100 : Math.round(rate));
