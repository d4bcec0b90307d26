/** Fixes just within and just beyond what a person can have covered, to the millimetre. */
import t from 'tap';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { LocationFix } from '../../src/domain/record.js';
import { UNHEARD } from '../../src/rules/equipment.js';
import { distanceM } from '../../src/rules/geometry.js';
import { judgeFix, radiusM } from '../../src/rules/plausibility.js';
import { Book, device, ref } from './moments.js';

const tag = device('TAG-1');
const NOON = Date.UTC(2026, 2, 1, 12);

function fixAt(lon: number, lat: number): LocationFix {
  return {
    kind: 'fix',
    lonE7: Math.round(lon * 1e7),
    latE7: Math.round(lat * 1e7),
    accuracyDm: 0,
    speedCmS: 0,
    headingCdeg: 0,
    satellites: 0,
    hdopCenti: 0,
    mechanism: 'GNSS',
    altitudeDm: 0,
  };
}
const LEEDS = fixAt(-1.54, 53.81);
const BRADFORD = fixAt(-1.75, 53.79);
const APART_M = distanceM(-1.54, 53.81, -1.75, 53.79);

/** Is the last fix of a path plausible, when GNSS is taken to be that good? What is not is told. */
function plausible(seconds: number, gnssRadiusM: number, jumpMS: number, path = [LEEDS, BRADFORD]): boolean {
  const numbers = { ...DEFAULT_POLICY, gnssRadiusM, jumpMS };
  const book = new Book();
  let state = UNHEARD;
  let last = true;
  for (const [n, fix] of path.entries()) {
    const atMs = NOON + n * seconds * 1000;
    const verdict = judgeFix(tag, state, fix, numbers, book.at(atMs, ref(atMs)));
    state = verdict.state;
    last = verdict.plausible;
  }
  return last && book.running.size === 0;
}

t.test('two fixes of one instant are plausible while their circles touch, whichever came first', (t) => {
  for (const path of [
    [LEEDS, BRADFORD],
    [BRADFORD, LEEDS],
  ]) {
    t.equal(plausible(0, APART_M / 2, 100, path), true, 'they touch');
    t.equal(plausible(0, APART_M / 2 - 0.0005, 100, path), false, 'a millimetre between them');
  }
  t.end();
});

t.test('what the fastest journey covers is plausible, and hardly more is not', (t) => {
  const radius = 20;
  const metresPerSecond = (APART_M - 2 * radius) / 1000;
  t.equal(plausible(1000, radius, metresPerSecond * 1.000001), true);
  t.equal(plausible(1000, radius, metresPerSecond * 0.999999), false);
  t.end();
});

t.test('a radius of a tenth of a metre is a radius that the device gave', (t) => {
  t.equal(radiusM({ accuracyDm: 1, mechanism: 'LBS' }, DEFAULT_POLICY), 0.1);
  t.end();
});

t.test('a plausible fix is remembered with its record, beside all else that is known of the device', (t) => {
  const heard = { ...UNHEARD, lastMs: NOON - 1, lastBatteryPct: 40 };
  const { state } = judgeFix(tag, heard, LEEDS, DEFAULT_POLICY, new Book().at(NOON, ref(NOON, 'its-hash')));
  t.strictSame(state, {
    ...heard,
    lastFix: { timeMs: NOON, hash: 'its-hash', latE7: 538_100_000, lonE7: -15_400_000, radiusM: 20 },
  });
  t.end();
});
