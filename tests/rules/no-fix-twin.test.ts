// The definition of `device.no_fix`, read out moment by moment from the whole list of records, against the machine.
import fc from 'fast-check';
import t from 'tap';
import type { RecordBody, TagFlag } from '../../src/domain/record.js';
import { seedOfRun, times } from './seeded.js';
import { assigned, at, fix, heartbeat, lineOf, orderOf, TAG, tagSays } from './step-driver.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

/** A grid on which everything happens, so that every moment that matters is on it too. */
const GRID = 30_000;
const TEN_MIN = 20;
const HOUR = 120;
const SILENCE = 130;

/** In steps of the grid. */
interface Said {
  readonly step: number;
  readonly what: 'good' | 'poor' | 'heartbeat' | readonly TagFlag[];
}

/** Was the tag known to move during the step that begins here? */
function moves(said: readonly Said[], step: number): boolean {
  const until = said.filter((s) => s.step <= step);
  const steps = [...until.map((s) => s.step), said.find((s) => s.step > step)?.step ?? step];
  const silent = steps.findLastIndex((at, i) => i > 0 && at - (steps[i - 1] as number) > SILENCE);
  if (silent === steps.length - 1) return false; // in the midst of a silence
  const since = silent === -1 ? 0 : (steps[silent] as number);
  const flags = until
    .filter((s) => s.step >= since)
    .flatMap(({ what }) => (Array.isArray(what) ? (what as TagFlag[]) : []))
    .filter((flag) => flag === 'MOTION_START' || flag === 'MOTION_END');
  return flags.at(-1) === 'MOTION_START';
}

function definition(said: readonly Said[]): [number, number | null][] {
  const found: [number, number | null][] = [];
  const lastStep = said.at(-1)?.step ?? 0;
  const motion = Array.from({ length: lastStep }, (_, step) => moves(said, step));
  const fixes = said.filter(({ what }) => what === 'good').map(({ step }) => step);
  let overAt = -1;
  for (let step = 0; step < lastStep; step++) {
    if (step < overAt) continue;
    const lastFix = fixes.findLast((f) => f <= step) ?? 0;
    const moved = motion.slice(Math.max(0, step - HOUR, lastFix), step).filter(Boolean).length;
    if (moved < TEN_MIN) continue;
    const end = fixes.find((f) => f > step) ?? null;
    found.push([step, end]);
    if (end === null) break;
    overAt = end;
  }
  return found;
}

const BODIES = { good: fix(0, 100), poor: fix(0, 100.1), heartbeat } as const;
const bodyOf = (what: Said['what']): RecordBody =>
  typeof what === 'string' ? BODIES[what] : tagSays(...(what as TagFlag[]));

const flags = fc.constantFrom<TagFlag[]>(
  ['MOTION_START'],
  ['MOTION_START'],
  ['MOTION_START'],
  ['MOTION_END'],
  ['MOTION_END', 'MOTION_START'],
  ['MOTION_START', 'MOTION_END'],
  ['CHARGING_START'],
);
const lists = fc
  .array(
    fc.record({
      after: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }) },
        { weight: 2, arbitrary: fc.constantFrom(19, 20, 21, 100, 119, 120, 121) },
        { weight: 1, arbitrary: fc.constantFrom(129, 130, 131, 200) },
      ),
      what: fc.oneof(
        { weight: 5, arbitrary: flags },
        { weight: 3, arbitrary: fc.constantFrom('poor' as const, 'heartbeat' as const, 'heartbeat' as const) },
        { weight: 1, arbitrary: fc.constant('good' as const) },
      ),
    }),
    { minLength: 2, maxLength: 30, size: 'max' },
  )
  .map((steps): Said[] => {
    let step = 0;
    return steps.map(({ after, what }) => {
      step += after;
      return { step, what };
    });
  });

t.test('record by record the machine finds what the whole list shows', (t) => {
  let found = 0;
  let ended = 0;
  fc.assert(
    fc.property(lists, (said) => {
      const line = lineOf(orderOf({ conditions: [], devices: [assigned(TAG, 'tag')] }));
      const begin = at('06:00');
      for (const { step, what } of said) line.say(TAG, begin + step * GRID, bodyOf(what));
      const newest = new Map(line.versions.filter((v) => v.type === 'device.no_fix').map((v) => [v.alertId, v]));
      const steps = (ms: number | null): number | null => (ms === null ? null : (ms - begin) / GRID);
      const got = [...newest.values()].map(({ startMs, endMs }) => [steps(startMs), steps(endMs)]);
      const want = definition(said);
      found += want.length;
      ended += want.filter(([, end]) => end !== null).length;
      if (JSON.stringify(got) !== JSON.stringify(want)) {
        throw new Error(`\n got ${JSON.stringify(got)}\nwant ${JSON.stringify(want)}`);
      }
    }),
    { seed, numRuns: times(3_000), endOnFailure: true },
  );
  t.ok(found > 1_000 && ended > 300, `${found} alerts, ${ended} of them ended`);
  t.end();
});
