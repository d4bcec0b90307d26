/** Civil times next to clock changes, in every zone that this machine knows, held against Temporal itself. */

import t from 'tap';
import { Temporal } from 'temporal-polyfill';
import { CivilZone, DAY_MS } from '../../src/rules/civil-time.js';
import { Random } from '../../src/sim/random.js';
import { seedOfRun, times } from './seeded.js';

const HOUR_S = 3_600;
const FROM_MS = Date.UTC(1970, 0, 3);
const TO_MS = Date.UTC(2045, 0, 1);
/** Zones of our work, and those with changes of half an hour, of a day, at midnight, twice a year and four times. */
const HARD = [
  'Europe/London',
  'Europe/Dublin',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'Africa/Casablanca',
  'Africa/Monrovia',
  'America/Sao_Paulo',
  'America/Havana',
  'Asia/Gaza',
  'Antarctica/Troll',
  'UTC',
];

function byTemporal(zone: string, civilMs: number): number {
  return Temporal.Instant.fromEpochMilliseconds(civilMs)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime()
    .toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** The first change after an instant, and the clock's offset before it; null: none. */
function changeAfter(zone: string, ms: number): { atMs: number; offsetMs: number } | null {
  const here = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  const next = here.getTimeZoneTransition('next');
  if (next === null) return null;
  const before = next.subtract({ nanoseconds: 1 });
  return { atMs: next.epochMilliseconds, offsetMs: Math.round(before.offsetNanoseconds / 1_000_000) };
}

t.test('a civil time near a change of the clock is where Temporal says, whatever the zone and the year', async (t) => {
  const random = Random.of(seedOfRun(), 'civil times');
  const every = Intl.supportedValuesOf('timeZone');
  let [asked, besideChange] = [0, 0];
  for (let n = 0; n < times(400); n++) {
    const list = n % 2 === 0 ? HARD : every;
    const name = list[random.whole(0, list.length - 1)] as string;
    const zone = CivilZone.named(name);
    const change = changeAfter(name, random.whole(FROM_MS, TO_MS));
    const middleS = Math.floor(
      (change === null ? random.whole(FROM_MS, TO_MS) : change.atMs + change.offsetMs) / 1_000,
    );
    if (change !== null) besideChange++;
    // the very second, the seconds and hours around it, and far enough to leave the change behind
    for (const s of [0, -1, 1, -HOUR_S, HOUR_S, HOUR_S - 1, -DAY_MS / 1_000, DAY_MS / 1_000]) ask(middleS + s);
    for (let i = 0; i < 8; i++) ask(middleS + random.whole(-60 * HOUR_S, 60 * HOUR_S));

    function ask(civilS: number): void {
      asked++;
      const day = Math.floor((civilS * 1_000) / DAY_MS);
      const found = zone.utcMs(day, civilS - day * 86_400);
      const wanted = byTemporal(name, civilS * 1_000);
      if (found !== wanted) t.equal(found, wanted, `${name} ${new Date(civilS * 1_000).toISOString()}`);
      const offsetMs =
        Temporal.Instant.fromEpochMilliseconds(wanted).toZonedDateTimeISO(name).offsetNanoseconds / 1_000_000;
      if (zone.offsetMsAt(wanted) !== offsetMs) t.equal(zone.offsetMsAt(wanted), offsetMs, `${name} at ${wanted}`);
    }
  }
  t.ok(asked >= 6_400 && besideChange >= asked / 64, `${asked} asked, beside ${besideChange} changes`);
});

t.test('two changes within a week of each other are answered as well', async (t) => {
  // in Brazil's north-east in October 2000, and in Gaza in 2040
  let pairs = 0;
  for (const name of ['America/Boa_Vista', 'America/Noronha', 'America/Recife', 'Asia/Gaza', 'Asia/Hebron']) {
    const zone = CivilZone.named(name);
    let change = changeAfter(name, FROM_MS);
    while (change !== null && change.atMs < TO_MS) {
      const next = changeAfter(name, change.atMs);
      if (next !== null && next.atMs - change.atMs < 7 * DAY_MS) {
        pairs++;
        for (let s = -72 * HOUR_S; s <= 10 * 24 * HOUR_S; s += 1_799) {
          const civilS = Math.floor((change.atMs + change.offsetMs) / 1_000) + s;
          const day = Math.floor((civilS * 1_000) / DAY_MS);
          const found = zone.utcMs(day, civilS - day * 86_400);
          if (found !== byTemporal(name, civilS * 1_000)) t.fail(`${name} ${new Date(civilS * 1_000).toISOString()}`);
        }
      }
      change = next;
    }
  }
  t.ok(pairs >= 5, `${pairs} pairs`);
});
