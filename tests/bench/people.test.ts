/** The people that the benches are run on: seeded, valid as orders go, and with something to report. */
import t from 'tap';
import { sayings } from '../../bench/lib/days.js';
import { FIRST_DAY_MS, makePopulation } from '../../bench/lib/people.js';
import { makeArrivals, pass, rewind, statesDigest } from '../../bench/lib/streams.js';
import { checkOrder } from '../../src/rules/order-checks.js';

const options = { seed: 'people.test', people: 20, ownZones: 10, verticesPerZone: 12 };
const DAY_MIN = 1_440;

t.test('the same seed makes the same people and days, another seed others', async (t) => {
  const [one, same, other] = [options.seed, options.seed, 'another'].map((seed) => {
    const { people, shared } = makePopulation({ ...options, seed, people: 3 });
    return JSON.stringify([people, [...shared], people.map((person) => sayings(person, 0, 600))]);
  });
  t.ok(one === same);
  t.ok(one !== other);
});

t.test('the orders are such as the gateway takes', async (t) => {
  const { people, shared } = makePopulation(options);
  const others = {
    zoneExists: (zoneId: Parameters<typeof shared.has>[0]) => shared.has(zoneId),
    overlapping: () => null,
  };
  for (const { order } of people) t.same(checkOrder(order, others), [], order.orderId);
});

t.test('a person says a fix a minute, an hourly call, and every coming and going, in event order', async (t) => {
  for (const person of makePopulation(options).people) {
    const said = sayings(person, 0, DAY_MIN);
    const times = said.map(({ record }) => record.timeMs);
    t.same(
      times,
      [...times].sort((a, b) => a - b),
    );
    t.equal(said.filter(({ record }) => record.body.kind === 'fix').length, DAY_MIN);
    const fewer = sayings(person, 0, DAY_MIN, 10);
    t.equal(said.length - fewer.length, DAY_MIN - DAY_MIN / 10, 'asked for fewer fixes, it says all else');
    const heard = said.filter(({ deviceId }) => deviceId === person.unitId).map(({ record }) => record.timeMs);
    const apart = [FIRST_DAY_MS, ...heard].map((ms, i, all) => (i === 0 ? 0 : ms - (all[i - 1] as number)));
    t.ok(Math.max(...apart) <= 3_660_000, 'no unit is silent for more than an hour and a minute');
    const events = said.flatMap(({ record: { body } }) =>
      body.kind === 'rf' && body.event !== 'PRESENT' ? [body.event] : [],
    );
    t.ok(events.length === 0 || events.join() === 'EXIT,ENTER');
  }
});

t.test('a pass over their records raises alerts, and gives the same ones each time', async (t) => {
  const arrivals = makeArrivals({ ...options, minutes: 2 * DAY_MIN });
  const first = pass(arrivals.arrivals);
  t.equal(first.late, 0);
  t.ok(first.versions > 10, 'what is measured includes the making of alerts');
  const states = statesDigest(arrivals);
  rewind(arrivals);
  t.same(pass(arrivals.arrivals), first);
  rewind(arrivals, true);
  const { calm, ...told } = pass(arrivals.arrivals, true);
  t.same({ ...told, calm: 0 }, first, 'with calm, too');
  t.equal(statesDigest(arrivals), states);
  t.ok(calm > 0.8 * first.records, `${calm} of ${first.records} records were calm`);
  rewind(arrivals);
  t.not(pass(arrivals.arrivals.filter((_, i) => i % 7 !== 0)).digest, first.digest);
});
