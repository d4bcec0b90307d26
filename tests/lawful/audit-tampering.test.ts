/** Whatever is done to a log before a witnessed head, the verification says so; the full ten thousand: scripts/audit-tampering. */
import t from 'tap';
import { campaign } from './tampering/campaign.js';

t.test('500 random tamperings with the rows of a log are found, told right, and named', async (t) => {
  const seed = Number(process.env.SEED ?? 4);
  t.comment(`seed ${seed}`);
  const { found, missed, tried } = await campaign(500, seed);
  t.same(missed, []);
  t.equal(found, 500);
  t.ok(tried.size > 25, `${tried.size} ways`);
});
