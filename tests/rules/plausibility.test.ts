import t from 'tap';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { LocationFix, Mechanism } from '../../src/domain/record.js';
import { UNHEARD } from '../../src/rules/equipment.js';
import {
  FIX_REMEMBERED_MS,
  judgeFix,
  radiusM,
  withForgottenFixes,
  withoutOldFixes,
} from '../../src/rules/plausibility.js';
import { initialState } from '../../src/rules/step.js';
import { vincentyTo } from './geodesic.js';
import { Book, device, ref } from './moments.js';

const tag = device('TAG-1');

function fixAt(metresEast: number, accuracyM = 10, mechanism: Mechanism = 'GNSS'): LocationFix {
  const [lon, lat] = vincentyTo(-1.54, 53.81, 90, metresEast);
  return {
    kind: 'fix',
    lonE7: Math.round(lon * 1e7),
    latE7: Math.round(lat * 1e7),
    accuracyDm: accuracyM * 10,
    speedCmS: 0,
    headingCdeg: 0,
    satellites: 0,
    hdopCenti: 0,
    mechanism,
    altitudeDm: 0,
  };
}

/** Fixes as seconds and metres; gives which are plausible. */
function judged(fixes: readonly (readonly [s: number, metres: number, accuracyM?: number])[], book = new Book()) {
  let state = UNHEARD;
  return fixes.map(([s, metres, accuracyM], n) => {
    const verdict = judgeFix(
      tag,
      state,
      fixAt(metres, accuracyM),
      DEFAULT_POLICY,
      book.at(s * 1000, ref(s * 1000, `h${n}`)),
    );
    state = verdict.state;
    return verdict.plausible;
  });
}

for (const [accuracyDm, mechanism, want] of [
  [35, 'GNSS', 3.5],
  [0, 'GNSS', 20],
  [0, 'WIFI', 100],
  [0, 'LBS', 1500],
  [0, 'RF', 1500],
  [0, 'UNSPECIFIED', 1500],
  [4000, 'LBS', 400],
] as const) {
  t.equal(radiusM({ accuracyDm, mechanism }, DEFAULT_POLICY), want, `${mechanism} with ${accuracyDm} dm: ${want} m`);
}

t.test('a fix is plausible up to 100 m/s from the last good one, both radii allowed for', (t) => {
  t.strictSame(
    judged([
      [0, 0],
      [10, 1015],
    ]),
    [true, true],
    '1,015 m in 10 s, less 20 m of radii',
  );
  t.strictSame(
    judged([
      [0, 0],
      [10, 1025],
    ]),
    [true, false],
  );
  t.end();
});

t.test('after a jump the last good fix is still the measure', (t) => {
  t.strictSame(
    judged([
      [0, 0],
      [10, 50_000],
      [20, 50_010],
      [30, 100],
      [600, 50_000],
    ]),
    [true, false, false, true, true],
  );
  t.end();
});

t.test('two fixes of one instant must overlap', (t) => {
  t.strictSame(
    judged([
      [0, 0],
      [0, 19],
      [0, 41],
    ]),
    [true, true, false],
  );
  t.end();
});

t.test('a coarse fix far away can be the same place', (t) => {
  t.strictSame(
    judged([
      [0, 0],
      [1, 1_500, 1_500],
    ]),
    [true, true],
  );
  t.end();
});

t.test('jumps are one alert of the tag with a count', (t) => {
  const book = new Book();
  judged(
    [
      [0, 0],
      [10, 50_000],
      [20, 50_000],
      [30, 50_000],
    ],
    book,
  );
  t.match(
    [...book.running.values()],
    [{ type: 'integrity.location_jump', deviceId: 'TAG-1', kind: 'alert', startMs: 10_000, count: 3 }],
  );
  t.strictSame(
    [...book.running.values()][0]?.records.map((r) => r.hash),
    ['h1', 'h3'],
  );
  t.end();
});

t.test(
  'a last good fix goes from a state after sixty hours, and judges nothing from then on, kept or not',
  async (t) => {
    const { state: heard } = judgeFix(tag, UNHEARD, fixAt(0), DEFAULT_POLICY, new Book().at(0, ref(0, 'h')));
    const whole = { ...initialState(), equipment: { [tag]: heard } };
    t.equal(withoutOldFixes(whole, FIX_REMEMBERED_MS - 1), whole, 'not a moment sooner');
    const forgotten = withoutOldFixes(whole, FIX_REMEMBERED_MS).equipment[tag];
    const forgottenFix = { timeMs: 0, hash: 'h', radiusM: heard.lastFix?.radiusM };
    t.strictSame(forgotten, { ...heard, lastFix: null, forgottenFix }, 'the position alone, not which record it was');
    const said = (hash: string) =>
      withForgottenFixes({ ...whole, equipment: { [tag]: forgotten ?? heard } }, (_, ref) =>
        ref.hash === hash ? fixAt(0) : null,
      );
    t.strictSame(said('h'), whole, 'whoever has the record gives it back');
    t.strictSame(said('other').equipment[tag], forgotten);
    const policy = { ...DEFAULT_POLICY, jumpMS: 1 };
    const next = (state: typeof heard, atMs: number) =>
      judgeFix(tag, state, fixAt(1_000_000), policy, new Book().at(atMs, ref(atMs, 'n'))).plausible;
    t.equal(next(heard, FIX_REMEMBERED_MS - 1), false);
    t.equal(next(heard, FIX_REMEMBERED_MS), true);
    t.equal(next(forgotten ?? heard, FIX_REMEMBERED_MS), true);
  },
);
