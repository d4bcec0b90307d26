// The definition of ATV, read out minute by minute from all absences of an order, against the machine.
import fc from 'fast-check';
import t from 'tap';
import { seedOfRun, times } from './seeded.js';
import { assigned, at, curfew, DAY, lineOf, orderOf, rf, TAG, UNIT, unitSays } from './step-driver.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const MINUTE = 60_000;
const HALF = 30_000;
type What = 'ENTER' | 'EXIT' | 'MOVED' | 'RESET';
interface Said {
  readonly atMs: number;
  readonly what: What;
}
interface Span {
  readonly startMs: number;
  readonly endMs: number;
}
const DAYS = 3;

/** The last reading that counted, unless the unit has been moved since. */
function absentAt(said: readonly Said[], atMs: number): boolean {
  let moved = false;
  let absent = false;
  for (const { what } of said.filter((s) => s.atMs <= atMs)) {
    if (what === 'MOVED') [moved, absent] = [true, false];
    else if (what === 'RESET') moved = false;
    else if (!moved) absent = what === 'EXIT';
  }
  return absent;
}

function violations(said: readonly Said[], windows: readonly Span[], toleranceMin: number): Span[] {
  return windows.flatMap(({ startMs, endMs }) => {
    const found: Span[] = [];
    for (let ms = startMs; ms < endMs; ms += MINUTE) {
      const last = found.at(-1);
      if (!absentAt(said, ms)) continue;
      if (last?.endMs === ms) found[found.length - 1] = { ...last, endMs: ms + MINUTE };
      else found.push({ startMs: ms, endMs: ms + MINUTE });
    }
    return found.filter((v) => v.endMs - v.startMs > toleranceMin * MINUTE);
  });
}

function passes(all: readonly Span[], toleranceMin: number, allowanceMin: number): number | null {
  const ms = (min: number): number => min * MINUTE;
  for (let now = DAY; now < at('00:00', DAYS); now += HALF) {
    const known = all.filter((v) => v.startMs + ms(toleranceMin) <= now);
    const sum = known.reduce((total, v) => total + Math.min(v.endMs, now) - v.startMs, 0);
    if (sum >= ms(allowanceMin) && known.some((v) => v.endMs > now)) return now;
  }
  return null;
}

const scenes = fc.record({
  said: fc
    .array(
      fc.record({
        day: fc.integer({ min: 0, max: DAYS - 1 }),
        minute: fc.integer({ min: 18 * 60 + 50, max: 23 * 60 + 10 }),
        what: fc.constantFrom<What>('ENTER', 'EXIT', 'EXIT', 'ENTER', 'MOVED', 'RESET'),
      }),
      { minLength: 2, maxLength: 24, size: 'max' },
    )
    .map((list) =>
      list
        .map(({ day, minute, what }): Said => ({ atMs: at('00:00', day) + minute * MINUTE, what }))
        .sort((a, b) => a.atMs - b.atMs),
    ),
  toleranceMin: fc.constantFrom(0, 1, 5, 20),
  allowanceMin: fc.oneof(fc.constantFrom(0, 1, 5, 20, 60, 120), fc.integer({ min: 0, max: 500 })),
  second: fc.constantFrom('', '20:00-22:00', '19:00-21:30'),
});

t.test('the instant at which the sum passes is that of the definition', (t) => {
  let passed = 0;
  fc.assert(
    fc.property(scenes, ({ said, toleranceMin, allowanceMin, second }) => {
      const spans = ['19:00-23:00', ...(second === '' ? [] : [second])].map((s) => s.split('-') as [string, string]);
      const order = orderOf({
        conditions: spans.map(([from, to], i) => curfew(from, to, `C${i}`)),
        devices: [assigned(UNIT, 'home_unit'), assigned(TAG, 'tag')],
        atvAllowanceMin: allowanceMin,
        policy: { silenceS: 20 * 86_400, toleranceS: toleranceMin * 60 },
      });
      const line = lineOf(order);
      for (const { atMs, what } of said) {
        line.say(UNIT, atMs, what === 'ENTER' || what === 'EXIT' ? rf(what) : unitSays(what));
      }
      line.runTo(at('00:00', DAYS));
      const told = line.findings.filter((f) => f.type === 'curfew.atv_exceeded');
      const all = spans.flatMap(([from, to]) =>
        violations(
          said,
          Array.from({ length: DAYS }, (_, day) => ({ startMs: at(from, day), endMs: at(to, day) })),
          toleranceMin,
        ),
      );
      const want = passes(all, toleranceMin, allowanceMin);
      if (want !== null) passed += 1;
      const got = told.map(({ op, eventMs, startMs }) => [op, eventMs, startMs]);
      const expected = want === null ? [] : [['open', want, want]];
      if (JSON.stringify(got) !== JSON.stringify(expected)) {
        throw new Error(`got ${JSON.stringify(got)}\nwant ${JSON.stringify(expected)}`);
      }
    }),
    { seed, numRuns: times(1_000), endOnFailure: true },
  );
  t.ok(passed > 200, `${passed} passed`);
  t.end();
});
