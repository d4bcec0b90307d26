import fc from 'fast-check';
import t from 'tap';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { TagFlag } from '../../src/domain/record.js';
import { equipmentDueMs, equipmentTime, stepEquipment, UNHEARD } from '../../src/rules/equipment.js';
import { Book, device, ref } from './moments.js';
import { seedOfRun, times } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const id = device('TAG-1');
const watched = { deviceId: id, kind: 'tag' } as const;
const SILENCE = DEFAULT_POLICY.tagSilenceS * 1000;

interface Status {
  readonly timeMs: number;
  readonly pct: number | null;
  readonly flags: readonly TagFlag[];
}
type Episode = readonly [type: string, startMs: number, endMs: number | null];

/** A switch, read off the list of all flags: an episode begins at a START after an END (or none), and ends at an END. */
function switched(all: readonly Status[], type: string, start: TagFlag, end: TagFlag): Episode[] {
  const flags = all.flatMap((s) => s.flags.filter((f) => f === start || f === end).map((f) => [f, s.timeMs] as const));
  const turns = flags.filter(([f], i) => f !== (flags[i - 1]?.[0] ?? end));
  return turns.flatMap(([f, ms], i) => (f === start ? [[type, ms, turns[i + 1]?.[1] ?? null] as const] : []));
}

/** Silences, read off the list of all times. */
function silences(all: readonly Status[], untilMs: number): Episode[] {
  return all.flatMap((s, i) => {
    const next = all[i + 1]?.timeMs ?? null;
    const fromMs = s.timeMs + SILENCE;
    if (next === null ? untilMs < fromMs : next <= fromMs) return [];
    const pct = all.slice(0, i + 1).findLast((x) => x.pct !== null)?.pct ?? null;
    const silent: Episode = ['device.silent', fromMs, next];
    return pct !== null && pct <= 3 ? [silent, ['battery.dead', fromMs, next]] : [silent];
  });
}

/** A level, read off the list: from the first status at or under, to the first 5 points above or put on the charger. */
function low(all: readonly Status[], type: string, threshold: number): Episode[] {
  const episodes: Episode[] = [];
  let from = 0;
  for (;;) {
    const begun = all.findIndex((s, i) => i >= from && s.pct !== null && s.pct <= threshold && !excused(all, i));
    if (begun === -1) return episodes;
    const over = all.findIndex(
      (s, i) => i > begun && ((s.pct !== null && s.pct >= threshold + 5) || s.flags.includes('CHARGING_START')),
    );
    episodes.push([type, (all[begun] as Status).timeMs, all[over]?.timeMs ?? null]);
    if (over === -1) return episodes;
    from = over;
  }
}

/** On the charger, and not lower than the level before on this same charge. */
function excused(all: readonly Status[], at: number): boolean {
  const flags = all
    .slice(0, at + 1)
    .flatMap((s, i) => s.flags.filter((f) => f.startsWith('CHARGING')).map((f) => [f, i] as const));
  const [last, since] = flags.at(-1) ?? ['CHARGING_END', 0];
  if (last === 'CHARGING_END') return false;
  const before = all.slice(since, at).findLast((s) => s.pct !== null)?.pct ?? -1;
  return (all[at]?.pct ?? 0) >= before;
}

const FLAGS: readonly TagFlag[] = [
  'STRAP_TAMPER_START',
  'STRAP_TAMPER_END',
  'SHIELDING_START',
  'SHIELDING_END',
  'CHARGING_START',
  'CHARGING_END',
  'MOTION_START',
];

const statuses = fc
  .array(
    fc.record({
      dtMs: fc.constantFrom(0, 60_000, 900_000, SILENCE - 1, SILENCE, SILENCE + 1, 3 * SILENCE),
      pct: fc.constantFrom(null, 0, 3, 4, 10, 11, 14, 15, 16, 20, 21, 24, 25, 60),
      flags: fc.array(fc.constantFrom(...FLAGS), { maxLength: 3 }),
    }),
    { maxLength: 25 },
  )
  .map((steps) => {
    let timeMs = 1_000_000;
    return steps.map(({ dtMs, ...rest }): Status => {
      timeMs += dtMs;
      return { timeMs, ...rest };
    });
  });

t.test('status by status the machine finds the episodes that the whole list shows', (t) => {
  let found = 0;
  fc.assert(
    fc.property(statuses, fc.constantFrom(0, SILENCE - 1, SILENCE, 10 * SILENCE), (all, afterMs) => {
      const book = new Book();
      const untilMs = (all.at(-1)?.timeMs ?? 0) + afterMs;
      let state = UNHEARD;
      const timers = (isDue: (ms: number) => boolean) => {
        const next = () => equipmentDueMs(watched, state, DEFAULT_POLICY);
        for (let due = next(); due !== null && isDue(due); due = next()) {
          state = equipmentTime(watched, state, DEFAULT_POLICY, book.at(due));
        }
      };
      for (const [n, { timeMs, pct, flags }] of all.entries()) {
        timers((due) => due < timeMs);
        const body = { kind: 'tag', batteryPct: pct, flags } as const;
        state = stepEquipment(watched, state, body, DEFAULT_POLICY, book.at(timeMs, ref(timeMs, `h${n}`)));
      }
      timers((due) => due <= untilMs);
      const order = (a: Episode, b: Episode) =>
        a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || (a[2] ?? Infinity) - (b[2] ?? Infinity);
      const got = [...book.ended, ...book.running.values()].map((f): Episode => [f.type, f.startMs, f.endMs]);
      const want = [
        ...switched(all, 'tamper.strap', 'STRAP_TAMPER_START', 'STRAP_TAMPER_END'),
        ...switched(all, 'tamper.shielding', 'SHIELDING_START', 'SHIELDING_END'),
        ...low(all, 'battery.low', 20),
        ...low(all, 'battery.critical', 10),
        ...silences(all, untilMs),
      ];
      found += want.length;
      if (JSON.stringify(got.sort(order)) !== JSON.stringify(want.sort(order))) {
        throw new Error(`\n got ${JSON.stringify(got)}\nwant ${JSON.stringify(want)}`);
      }
    }),
    { seed, numRuns: times(5_000) },
  );
  t.ok(found > 10_000, `${found} episodes`);
  t.end();
});
