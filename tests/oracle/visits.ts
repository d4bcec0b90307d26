/** Visits to a zone, read off the whole list of fixes (rules.md §4 "Visit"). */

export interface Seen {
  readonly timeMs: number;
  /** By more than its radius on the side that counts: inside, or outside for an inclusion zone. */
  readonly surely: boolean;
  /** By more than its radius on the other side. */
  readonly surelyNot: boolean;
  readonly leans: boolean;
}

export interface Visit {
  readonly fromMs: number;
  /** Its fixes that lean in. */
  readonly fixes: readonly Seen[];
  /** Null while it runs. */
  readonly end: { readonly atMs: number; readonly by: 'return' | 'gap' } | null;
}

export function visitsOf(fixes: readonly Seen[], k: number, gapMs: number, untilMs: number): Visit[] {
  return sequences(fixes, gapMs).flatMap((sequence, i, all) => {
    const last = sequence.at(-1) as Seen;
    const isLost = i < all.length - 1 || untilMs - last.timeMs >= gapMs;
    return visitsIn(sequence, k, isLost);
  });
}

/** Fixes without a gap between them. */
function sequences(fixes: readonly Seen[], gapMs: number): Seen[][] {
  const found: Seen[][] = [];
  for (const fix of fixes) {
    const running = found.at(-1);
    if (running === undefined || fix.timeMs - (running.at(-1) as Seen).timeMs > gapMs) found.push([fix]);
    else running.push(fix);
  }
  return found;
}

function visitsIn(fixes: readonly Seen[], k: number, isLost: boolean): Visit[] {
  const at = (i: number): Seen => fixes[i] as Seen;
  const lastK = (i: number, first: number): Seen[] => (i - k + 1 < first ? [] : fixes.slice(i - k + 1, i + 1));
  const visits: Visit[] = [];
  let free = 0;
  for (let i = 0; i < fixes.length; i++) {
    const row = lastK(i, free);
    const isRow = row.length === k && row.every((f) => f.leans);
    if (!at(i).surely && !isRow) continue;
    const first = at(i).surely ? i : i - k + 1;

    let out = i + 1;
    const isRowOut = (j: number) => lastK(j, i + 1).length === k && lastK(j, i + 1).every((f) => !f.leans);
    while (out < fixes.length && !at(out).surelyNot && !isRowOut(out)) out++;
    if (out === fixes.length) {
      const within = fixes.slice(first).filter((f) => f.leans);
      const end = isLost ? { atMs: (within.at(-1) as Seen).timeMs, by: 'gap' as const } : null;
      visits.push({ fromMs: at(first).timeMs, fixes: within, end });
      return visits;
    }
    const over = isRowOut(out) ? out - k + 1 : out;
    visits.push({
      fromMs: at(first).timeMs,
      fixes: fixes.slice(first, over).filter((f) => f.leans),
      end: { atMs: at(over).timeMs, by: 'return' },
    });
    free = out + 1;
    i = out;
  }
  return visits;
}
