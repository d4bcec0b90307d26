/** A stranger's bytes by the clause they come under: cut off or answered, and the next client is served. */
import t from 'tap';
import { Random } from '../../src/sim/random.js';
import { seedOfRun } from '../rules/seeded.js';
import { converse, expectedOf, play, wellBehaved } from '../support/mqtt-battery.js';
import { testEndpoint } from '../support/mqtt-endpoint.js';
import { mutated, strayAnswer } from '../support/mqtt-mutations.js';
import { packetsOf } from '../support/mqtt-raw.js';
import { strangersCases } from '../support/mqtt-strangers.js';

const who = { id: 'TAG-1', password: 'right', up: 'up/TAG-1', down: 'down/TAG-1' };

const MUTATIONS = Number(process.env.TIMES ?? 1) * 1_000;
const SEED = seedOfRun();

t.test('what a stranger sends gets what the standard has for it, and the next client is served', async (t) => {
  const e = await testEndpoint(t, {}, false);
  e.handlers.authenticate = async (session, username, password) =>
    session === who.id && username === who.id && password?.toString() === who.password;
  const cases = strangersCases(who);
  t.ok(cases.length > 900, `${cases.length} sequences`);
  for (const one of cases) {
    const outcome = await play(e.port, who, one);
    const expected = expectedOf(one);
    if (JSON.stringify(outcome) !== JSON.stringify(expected)) t.same(outcome, expected, one.name);
    await wellBehaved(e.port, who).catch((error: Error) => t.fail(`after “${one.name}”: ${error.message}`));
  }
  while (e.endpoint.connections() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  t.pass('none is left');
});

t.test(
  'valid conversations with random changes get whole answers or none, and the next client is served',
  async (t) => {
    t.comment(`seed ${SEED}`);
    const e = await testEndpoint(t, {}, false);
    e.handlers.authenticate = async (session, username, password) =>
      session === who.id && username === who.id && password?.toString() === who.password;
    const random = new Random(SEED);
    for (let i = 0; i < MUTATIONS; i += 1) {
      const bytes = mutated(random, who);
      const { packets, rest } = packetsOf(await converse(e.port, [bytes]));
      const stray = strayAnswer(packets, rest);
      if (stray !== null) t.fail(`seed ${SEED}: ${stray}, for ${bytes.toString('hex')}`);
      await wellBehaved(e.port, who).catch((error: Error) =>
        t.fail(`seed ${SEED}, after ${bytes.toString('hex')}: ${error.message}`),
      );
    }
    while (e.endpoint.connections() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    t.ok(e.refused.length > MUTATIONS / 4, `${e.refused.length} of ${MUTATIONS} were refused, and why was counted`);
  },
);
