/** Civil time to UTC by asking Intl what the clocks show, and nothing else (rules.md §1: Temporal's `compatible`). */

const formats = new Map<string, Intl.DateTimeFormat>();
const shown = new Map<string, number>();
const answers = new Map<string, number>();
const DAY = 86_400_000;

/** What the clocks of the zone show at an instant, as the UTC milliseconds of a place that has no offset. */
export function wallAt(zone: string, utcMs: number): number {
  // clocks go by whole minutes since 1972, so one question a minute answers for the rest of it
  const minute = Math.floor(utcMs / 60_000);
  const key = `${zone} ${minute}`;
  let wall = shown.get(key);
  if (wall === undefined) {
    wall = ask(zone, minute * 60_000);
    shown.set(key, wall);
  }
  return wall + (utcMs - minute * 60_000);
}

function ask(zone: string, utcMs: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(utcMs)) part[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * The instant at which the clocks show `wall`. Where they show it twice, the first; where they pass over it, as much
 * after the jump as it is after the jump's beginning. Assumes that the zone's clocks change at most once in two days.
 */
export function utcOf(zone: string, wall: number): number {
  const key = `${zone} ${wall}`;
  let found = answers.get(key);
  if (found === undefined) {
    const before = wallAt(zone, wall - DAY) - (wall - DAY);
    const after = wallAt(zone, wall + DAY) - (wall + DAY);
    const both = [wall - before, wall - after].filter((utc) => wallAt(zone, utc) === wall);
    found = both.length > 0 ? Math.min(...both) : wall - before;
    answers.set(key, found);
  }
  return found;
}

/** Midnight of a civil date, in the form of `wallAt`. */
export const wallOfDate = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/** The instants within `[fromMs, toMs)` at which the zone's clocks change. */
export function changesOf(zone: string, fromMs: number, toMs: number): number[] {
  const hour = 3_600_000;
  const changes: number[] = [];
  const offset = (t: number): number => wallAt(zone, t) - t;
  for (let t = fromMs; t < toMs; t += 12 * hour) {
    if (offset(t) === offset(t + 12 * hour)) continue;
    let [low, high] = [t, t + 12 * hour];
    while (high - low > 60_000) {
      const middle = low + Math.floor((high - low) / 120_000) * 60_000;
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}
