/**
 * When the conditions of an order are in force, by the definition and in exact milliseconds: from the order's JSON, with
 * wall clocks read off Intl.DateTimeFormat. A twin for tests: it shares no code with the rules or the codec, and no Temporal.
 */

export interface DefinedRow {
  readonly days?: readonly string[];
  readonly date?: string;
  readonly start: string;
  readonly end: string;
  readonly addresses?: readonly string[];
}

export interface DefinedCondition {
  readonly condition_id: string;
  readonly kind: string;
  readonly timetable?: readonly DefinedRow[];
  readonly dated?: readonly DefinedRow[];
  readonly authorised_absences?: readonly { readonly from: string; readonly to: string }[];
}

export interface DefinedWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly addresses: readonly string[];
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAY_NAMES = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

/** A clock on a wall in one zone. */
export class WallClock {
  static readonly #known = new Map<string, WallClock>();
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  static in(timeZone: string): WallClock {
    const clock = WallClock.#known.get(timeZone) ?? new WallClock(timeZone);
    WallClock.#known.set(timeZone, clock);
    return clock;
  }

  private constructor(timeZone: string) {
    const two = '2-digit' as const;
    const time = { hour: two, minute: two, second: two, hourCycle: 'h23' } as const;
    this.#format = new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric', month: two, day: two, ...time });
  }

  /** What the clock shows at an instant, as if it were UTC. */
  shows(ms: number): number {
    return ms + this.offset(ms);
  }

  offset(ms: number): number {
    const second = Math.floor(ms / 1000) * 1000;
    let offset = this.#offsets.get(second);
    if (offset === undefined) {
      const part: Record<string, number> = {};
      for (const { type, value } of this.#format.formatToParts(second)) part[type] = Number(value);
      const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second: s = 0 } = part;
      offset = Date.UTC(year, month - 1, day, hour, minute, s) - second;
      this.#offsets.set(second, offset);
    }
    return offset;
  }

  /** The first instant at which the clock shows `civilMs`; where it never does, as if it had not been changed yet. */
  instant(civilMs: number): number {
    // any instant at which it shows so is one of these: an offset that held within two days of it
    const offsets = new Set<number>();
    const step = HOUR_MS / 2;
    const fromMs = Math.floor((civilMs - 50 * HOUR_MS) / step) * step;
    for (let ms = fromMs; ms <= civilMs + 50 * HOUR_MS; ms += step) offsets.add(this.offset(ms));
    const shown = [...offsets].map((offset) => civilMs - offset).filter((ms) => this.shows(ms) === civilMs);
    if (shown.length > 0) return Math.min(...shown);
    // the change that leaps over it, found by halves: before it the clock shows less, after it more
    let [before, after] = [civilMs - 50 * HOUR_MS, civilMs + 50 * HOUR_MS];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.shows(middle) < civilMs) before = middle;
      else after = middle;
    }
    return civilMs - this.offset(before);
  }
}

const seconds = (text: string): number => {
  const [h = 0, m = 0, s = 0] = text.split(':').map(Number);
  return h * 3600 + m * 60 + s;
};

/**
 * Every row of every civil day, laid side by side; cut at all their edges; runs of one address set that are at most 60 s
 * apart joined; clipped to the order; absences cut out.
 */
export function definedWindows(
  condition: DefinedCondition,
  timeZone: string,
  order: { readonly startMs: number; readonly endMs: number },
): DefinedWindow[] {
  const { timetable, dated = [], authorised_absences: absences = [] } = condition;
  const always = timetable === undefined && dated.length === 0;
  const whole = [{ startMs: order.startMs, endMs: order.endMs, addresses: [] }];
  const joined = always ? whole : joinedRuns(laid([...(timetable ?? []), ...dated], timeZone, order));
  let windows = joined
    .map((run) => ({ ...run, startMs: Math.max(run.startMs, order.startMs), endMs: Math.min(run.endMs, order.endMs) }))
    .filter((run) => run.startMs < run.endMs);
  for (const { from, to } of absences) {
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    if (fromMs >= toMs) continue;
    windows = windows
      .flatMap((w) => [
        { ...w, endMs: Math.min(w.endMs, fromMs) },
        { ...w, startMs: Math.max(w.startMs, toMs) },
      ])
      .filter((w) => w.startMs < w.endMs);
  }
  return windows.sort((a, b) => a.startMs - b.startMs);
}

function laid(rows: readonly DefinedRow[], timeZone: string, order: { startMs: number; endMs: number }) {
  const clock = WallClock.in(timeZone);
  const spans: DefinedWindow[] = [];
  for (let day = Math.floor(order.startMs / DAY_MS) - 5; day * DAY_MS < order.endMs + 5 * DAY_MS; day++) {
    const name = DAY_NAMES[new Date(day * DAY_MS).getUTCDay()] ?? '';
    const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    for (const row of rows) {
      if (!(row.days?.includes(name) ?? row.date === date)) continue;
      const [startS, endS] = [seconds(row.start), seconds(row.end)];
      const startMs = clock.instant(day * DAY_MS + startS * 1000);
      const endMs = clock.instant((endS <= startS ? day + 1 : day) * DAY_MS + endS * 1000);
      if (startMs < endMs) spans.push({ startMs, endMs, addresses: row.addresses ?? [] });
    }
  }
  return spans;
}

function joinedRuns(spans: readonly DefinedWindow[]): DefinedWindow[] {
  const edges = [...new Set(spans.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort((a, b) => a - b);
  const runs: { startMs: number; endMs: number; addresses: readonly string[] }[] = [];
  edges.forEach((startMs, i) => {
    const endMs = edges[i + 1] ?? startMs;
    const over = spans.filter((span) => span.startMs <= startMs && span.endMs >= endMs && endMs > startMs);
    if (over.length === 0) return;
    // where clocks put one address over another, either will do
    const addresses = [...new Set(over.flatMap((span) => span.addresses))].sort();
    const last = runs.at(-1);
    if (last?.addresses.join() === addresses.join() && startMs - last.endMs <= 60_000) last.endMs = endMs;
    else runs.push({ startMs, endMs, addresses });
  });
  return runs;
}
