// Ten thousand known positions go through; no encoding of them is found in anything that is left behind (¶17, ¶33).
import t from 'tap';
import { CanaryHunt } from './hunt.js';
import { leaveCanaries } from './scenario.js';
import { sightingsIn } from './sightings.js';

const FIXES = 10_000;
const SEED = 20_261_122;

t.test('ten thousand positions are found in no file, no Redis, no log, no metric and no crash output', async (t) => {
  const remains = await leaveCanaries(t, FIXES, SEED);
  const shown = new CanaryHunt(remains.canaries).in(remains.shown, FIXES);
  t.ok(shown.length >= 400, 'the hunt sees what a lawful reader is shown');
  t.same(sightingsIn(remains), [], `seed ${SEED}`);
  const bytes = [...remains.places.values()].reduce((sum, { length }) => sum + length, 0);
  t.ok(bytes > 1_000_000, `${bytes} bytes in ${remains.places.size} places`);
});
