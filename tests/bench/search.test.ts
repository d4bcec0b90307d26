/** How the highest rate that a gateway keeps up with is found, and what keeping up is. */
import t from 'tap';
import { isKeptUp } from '../../bench/lib/loading.js';
import { highestRate } from '../../bench/lib/search.js';

const search = { fromRate: 4_000, maxRate: 64_000, halvings: 2 };

/** A gateway that keeps up with rates to `limit`; `tried` are those it was asked. */
function gateway(limit: number) {
  const tried: number[] = [];
  const attempt = async (rate: number): Promise<boolean> => {
    tried.push(rate);
    return rate <= limit;
  };
  return { tried, attempt };
}

t.test('rates are doubled until one is lost, then the difference is halved', async (t) => {
  const { tried, attempt } = gateway(21_000);
  t.equal(await highestRate(search, attempt), 20_000);
  t.same(tried, [4_000, 8_000, 16_000, 32_000, 24_000, 20_000]);
});

t.test('a gateway that cannot keep up with the first rate is asked for less', async (t) => {
  const { tried, attempt } = gateway(1_300);
  t.equal(await highestRate(search, attempt), 1_300);
  t.same(tried, [4_000, 2_000, 1_000, 1_500, 1_300], 'the one above is known to be too much');
});

t.test('nothing above the most that can be asked is asked for', async (t) => {
  const { tried, attempt } = gateway(Infinity);
  t.equal(await highestRate({ ...search, maxRate: 10_000 }, attempt), 10_000);
  t.same(tried, [4_000, 8_000, 10_000]);
});

t.test('a gateway that keeps up with nothing ends the search', async (t) => {
  const { tried, attempt } = gateway(0);
  t.equal(await highestRate(search, attempt), null);
  t.ok(tried.length < 10);
});

t.test('a rate is kept up when everything is acknowledged soon and every alert came, and only then', async (t) => {
  const figures = {
    sent: 8_000,
    acked: 8_000,
    rate_per_s: 995,
    ack_ms_by_second: [],
    alert_ms_by_second: [],
    ack_ms: { p50: 2, p99: 40, p999: 40 },
    alert_ms: { p50: 3, p99: 50, p999: 50 },
    alerts: { expected: 11, missed: 0, false: 0 },
    generator_cpu: 0.1,
  };
  const kept = (change: Partial<typeof figures>) => isKeptUp({ rate: 1_000, figures: { ...figures, ...change } });
  t.ok(kept({}));
  t.notOk(kept({ acked: 7_999 }));
  t.notOk(kept({ rate_per_s: 900 }));
  t.notOk(kept({ ack_ms: { p50: 2, p99: 501, p999: 501 } }));
  t.notOk(kept({ alerts: { expected: 11, missed: 1, false: 0 } }));
  t.notOk(kept({ alerts: { expected: 11, missed: 0, false: 1 } }));
});
