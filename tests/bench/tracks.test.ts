/** Days for the archive's bench are as noisy as the bench says, and the same for the same seed. */
import t from 'tap';
import { dayOf, FIELD_NOISE, unforeseeableBits } from '../../bench/lib/tracks.js';
import type { LocationFix } from '../../src/domain/record.js';

const DAY = 20_500;
const days = [1, 2, 3].map((person) => dayOf('tracks', person, DAY, FIELD_NOISE));
const fixes = days.map((day) => day.flatMap(({ record }) => (record.body.kind === 'fix' ? [record.body] : [])));
const percentile = (values: number[], part: number) => values.sort((a, b) => a - b)[Math.floor(part * values.length)];

t.test('the same seed makes the same days, another one others', async (t) => {
  const [once, again, other] = ['tracks', 'tracks', 'others'].map((seed) =>
    JSON.stringify(dayOf(seed, 2, DAY, FIELD_NOISE)),
  );
  t.ok(once === again);
  t.ok(once !== other);
});

t.test('a day has a fix a minute, in order, and nothing of another day', async (t) => {
  for (const [n, day] of days.entries()) {
    t.equal(fixes[n]?.length, 1_440);
    const times = day.map(({ record }) => record.timeMs);
    t.same(
      times,
      [...times].sort((a, b) => a - b),
    );
    t.same([...new Set(times.map((ms) => Math.floor(ms / 86_400_000)))], [DAY]);
    t.same([...new Set(day.map(({ record }) => record.body.kind))].sort(), ['fix', 'rf', 'tag']);
  }
});

t.test('radii are stated as the field states them, and errors lie within as often as stated', async (t) => {
  const stated = fixes.flat().map(({ accuracyDm }) => accuracyDm);
  const [p50, p95] = [percentile([...stated], 0.5) ?? 0, percentile([...stated], 0.95) ?? 0];
  t.ok(p50 > 27 && p50 < 33, `median ${p50} dm`);
  t.ok(p95 > 145 && p95 < 195, `95th percentile ${p95} dm`);
  // asleep at home until seven: the middle of those fixes is where the person is
  for (const own of fixes) {
    const night = own.slice(0, 420);
    const middle = (of: (fix: LocationFix) => number) => percentile(night.map(of), 0.5) ?? 0;
    const [lat, lon] = [middle(({ latE7 }) => latE7), middle(({ lonE7 }) => lonE7)];
    const within = night.filter(({ latE7, lonE7, accuracyDm }) => {
      const north = (latE7 - lat) * 0.011125;
      const east = (lonE7 - lon) * 0.011125 * Math.cos((lat / 1e7 / 180) * Math.PI);
      return Math.hypot(north, east) <= accuracyDm / 10;
    });
    const part = within.length / night.length;
    t.ok(part > 0.9 && part < 0.99, `${within.length} of ${night.length} within`);
  }
});

t.test(
  'the bound counts what is drawn: half a second to either side is ten bits, twice the error one bit each way',
  async (t) => {
    const still = unforeseeableBits({ ...FIELD_NOISE, timeMs: 0 });
    t.ok(Math.abs(unforeseeableBits(FIELD_NOISE) - still - Math.log2(1_001)) < 1e-9);
    const further = unforeseeableBits({ ...FIELD_NOISE, errorOfStated: 2 });
    t.ok(Math.abs(further - unforeseeableBits(FIELD_NOISE) - 2) < 1e-9, 'twice as far: a bit more each way');
  },
);
