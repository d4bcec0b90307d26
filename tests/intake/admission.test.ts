// The laws of letting in, against an engine that judges when the test says so.
import fc from 'fast-check';
import t from 'tap';
import { Admission, type AdmissionLimits } from '../../src/intake/admission.js';
import type { Verdict } from '../../src/ports/mqtt-endpoint.js';

interface Put {
  readonly name: string;
  readonly lane: string;
  readonly live: boolean;
  readonly weight: number;
  gone: boolean;
}

/** A queue that lists what is let in, and an engine that is told how far it has come. */
function gated(limits: Partial<AdmissionLimits>, steadyMs?: () => number) {
  const entered: string[] = [];
  const verdicts = new Map<string, Verdict[]>();
  const judging: { weight: number; resolve: () => void; reject: () => void }[] = [];
  const gauges = new Map<string, number>();
  let lag = 0;
  let lagMax = 0;
  const admission: Admission = new Admission({
    limits,
    enter: (item) => {
      const { weight } = item;
      item.prepare();
      lag += weight;
      lagMax = Math.max(lagMax, lag);
      // what is entered is durable at once; only the engine is slow
      queueMicrotask(() => admission.entered(weight, judging.length + 1));
      pending.push(weight);
    },
    whenJudged: () =>
      new Promise((resolve, reject) => {
        const weight = pending.shift() ?? 0;
        judging.push({
          weight,
          resolve: () => {
            lag -= weight;
            resolve();
          },
          reject: () => reject(new Error('the engine has failed')),
        });
      }),
    steadyMs,
    telemetry: { gauge: (name, value) => void gauges.set(name, value) },
  });
  const pending: number[] = [];
  const put = (one: Put): void =>
    admission.put({
      lane: one.lane,
      live: one.live,
      weight: one.weight,
      prepare: () => {
        entered.push(one.name);
        return { entries: [], settled: () => {} };
      },
      payload: Buffer.from(one.name),
      settle: (verdict) => verdicts.set(one.name, [...(verdicts.get(one.name) ?? []), verdict]),
      again: (verdict) => verdicts.set(`again ${one.name}`, [...(verdicts.get(`again ${one.name}`) ?? []), verdict]),
      gone: () => one.gone,
    });
  return {
    admission,
    entered,
    verdicts,
    gauges,
    put,
    lagMax: () => lagMax,
    /** The engine judges so many of what it has been given; resolves when what that let in is in. */
    async judge(many = Number.POSITIVE_INFINITY): Promise<void> {
      await turn();
      for (const { resolve } of judging.splice(0, many)) resolve();
      await turn();
    },
    async judgeAll(): Promise<void> {
      for (let before = -1; before !== entered.length || judging.length > 0; ) {
        before = entered.length;
        await this.judge();
      }
    },
    fail(): void {
      for (const { reject } of judging.splice(0)) reject();
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const of = (lane: string, n: number, live = false, weight = 1): Put => ({
  name: `${lane}${n}`,
  lane,
  live,
  weight,
  gone: false,
});
const many = (lane: string, count: number, weight = 1): Put[] =>
  Array.from({ length: count }, (_, n) => of(lane, n, false, weight));

t.test('a live upload is let in before all backlog that waits', async (t) => {
  const g = gated({ lagRecordsMax: 8, backlogLagRecordsMax: 4 });
  for (const one of many('b', 50)) g.put(one);
  t.equal(g.entered.length, 4, 'backlog up to its own bound');
  g.put(of('live', 1, true));
  t.equal(g.entered.at(-1), 'live1', 'at once, in the room that is kept for it');
  for (let n = 2; n < 9; n++) g.put(of('live', n, true));
  t.same(g.entered.slice(4), ['live1', 'live2', 'live3', 'live4'], 'up to the bound');
  await g.judge(1);
  t.equal(g.entered[8], 'live5', 'and it is the next that is let in when the engine frees room');
});

t.test('backlog is let in in turns, and what one device holds does not lengthen another’s wait', async (t) => {
  const g = gated({ lagRecordsMax: 4, backlogLagRecordsMax: 4, laneTurnRecords: 2 });
  for (const lane of ['a', 'b', 'c']) for (const one of many(lane, lane === 'a' ? 40 : 4)) g.put(one);
  await g.judgeAll();
  // the first four of a went in before anything had to wait
  t.same(g.entered.slice(4, 18).join(' '), 'a4 a5 b0 b1 c0 c1 a6 a7 b2 b3 c2 c3 a8 a9');
});

t.test(
  'an engine that takes too long is given less backlog ahead of it, and more again when it keeps up',
  async (t) => {
    let nowMs = 0;
    const limits = {
      lagRecordsMax: 200,
      backlogLagRecordsMax: 64,
      lagMsMax: 1_000,
      backlogLagMsMax: 500,
      laneTurnRecords: 4,
    };
    const g = gated({ ...limits, turnRecordsMax: 1_000 }, () => nowMs);
    for (const one of many('b', 3_000)) g.put(one);
    /** How much is ahead of the engine after it has judged all that was, in so many ms. */
    const after = async (tookMs: number): Promise<number> => {
      await turn();
      nowMs += tookMs;
      await g.judge();
      return g.admission.lagRecords;
    };
    t.equal(g.admission.lagRecords, 64);
    t.equal(await after(400), 64, 'in time');
    t.same(
      [await after(501), await after(501), await after(501), await after(501), await after(501)],
      [32, 16, 8, 4, 4],
    );
    const wider: number[] = [];
    for (let n = 0; n < 40; n++) wider.push(await after(400));
    t.ok(wider.every((is, n) => n === 0 || is >= (wider[n - 1] ?? 0)));
    t.equal(wider.at(-1), 64);
    g.put(of('live', 1, true));
    t.equal(g.entered.at(-1), 'live1', 'what is live has its own room');
  },
);

t.test('one that is heavier than a turn has one, and one that is heavier than the bound goes alone', async (t) => {
  const g = gated({ lagRecordsMax: 4, backlogLagRecordsMax: 4, laneTurnRecords: 2 });
  g.put(of('a', 0, false, 9));
  g.put(of('a', 1, false, 9));
  g.put(of('b', 0, false, 1));
  t.same(g.entered, ['a0']);
  await g.judge();
  t.same(g.entered, ['a0', 'a1']);
  await g.judge();
  t.same(g.entered, ['a0', 'a1', 'b0']);
});

t.test('no upload overtakes an earlier one of its own device, however new it is', async (t) => {
  const g = gated({ lagRecordsMax: 2, backlogLagRecordsMax: 1 });
  for (const one of [of('x', 0), of('a', 0), of('a', 1), of('a', 2, true)]) g.put(one);
  g.put(of('live', 0, true));
  await g.judgeAll();
  t.same(g.entered, ['x0', 'live0', 'a0', 'a1', 'a2']);
});

t.test('where what is live takes all the room, backlog has its share', async (t) => {
  const g = gated({ lagRecordsMax: 8, backlogLagRecordsMax: 4, liveRecordsPerBacklogRecord: 4, turnRecordsMax: 100 });
  for (let n = 0; n < 200; n++) g.put(of(`l${n % 20}-`, n, true));
  for (const one of many('b', 40)) g.put(one);
  for (let n = 0; n < 10; n++) await g.judge();
  const backlog = g.entered.filter((name) => name.startsWith('b')).length;
  const live = g.entered.length - backlog;
  t.ok(backlog >= Math.floor((live - 8) / 4) - 1 && backlog <= live / 4 + 1, `${live} live, ${backlog} of backlog`);
});

t.test(
  'when the device is back, what its lost connection had waiting is given up for what it sends again',
  async (t) => {
    const g = gated({ lagRecordsMax: 1, backlogLagRecordsMax: 1 });
    const old = [of('a', 1), of('a', 2)];
    for (const one of [of('x', 0), ...old, of('b', 0)]) g.put(one);
    for (const one of old) one.gone = true;
    g.put({ ...of('a', 1), name: 'a1 again', gone: false });
    t.same(
      [...g.verdicts],
      [
        ['a1', ['fail']],
        ['a2', ['fail']],
      ],
    );
    await g.judgeAll();
    t.same(g.entered, ['x0', 'a1 again', 'b0'], 'in the turn that it had');
  },
);

t.test('what was live in a lost connection leaves its device’s backlog where backlog waits', async (t) => {
  const g = gated({ lagRecordsMax: 2, backlogLagRecordsMax: 1 });
  const lost = of('a', 1, true);
  for (const one of [of('x', 0), of('l', 0, true), lost]) g.put(one);
  lost.gone = true;
  for (const one of [of('a', 2), of('l', 1, true)]) g.put(one);
  await g.judgeAll();
  t.same(g.entered, ['x0', 'l0', 'l1', 'a2']);
  t.equal(g.gauges.get('fairwatch_live_uploads_waiting'), 0);
});

t.test('what is sent again while it waits takes no second place, and shares the answer', async (t) => {
  const g = gated({ lagRecordsMax: 2, backlogLagRecordsMax: 2 });
  for (const one of many('b', 6)) g.put(one);
  for (let times = 0; times < 3; times++) for (const one of many('b', 6).slice(2)) g.put(one);
  await g.judgeAll();
  t.same(g.entered, ['b0', 'b1', 'b2', 'b3', 'b4', 'b5'], 'each once, in its device’s order');

  const stopped = gated({ lagRecordsMax: 1, backlogLagRecordsMax: 1 });
  for (const one of many('b', 2)) stopped.put(one);
  stopped.put(of('b', 1));
  stopped.admission.close();
  t.same(stopped.verdicts.get('b1'), ['fail']);
  t.same(stopped.verdicts.get('again b1'), ['fail'], 'who shares the place is told as well');
});

t.test('what a lost connection sent keeps its place for the one that sends it again', async (t) => {
  const g = gated({ lagRecordsMax: 1, backlogLagRecordsMax: 1 });
  const first = many('b', 3);
  for (const one of first) g.put(one);
  for (const one of first) one.gone = true;
  for (const one of many('b', 3).slice(1)) g.put(one);
  g.put(of('b', 3));
  await g.judgeAll();
  t.same(g.entered, ['b0', 'b1', 'b2', 'b3']);
});

t.test('what is closed acknowledges nothing of what waits, nor of what comes', async (t) => {
  const g = gated({ lagRecordsMax: 2, backlogLagRecordsMax: 2 });
  for (const one of many('a', 5)) g.put(one);
  g.admission.close();
  g.put(of('b', 0, true));
  t.same([...g.verdicts.entries()].map(String), ['a2,fail', 'a3,fail', 'a4,fail', 'b0,fail']);
  await g.judgeAll();
  t.same(g.entered, ['a0', 'a1']);
  t.equal(g.gauges.get('fairwatch_backlog_uploads_waiting'), 0);
});

t.test('an engine that has failed leaves nobody waiting', async (t) => {
  const g = gated({ lagRecordsMax: 1, backlogLagRecordsMax: 1 });
  for (const one of many('a', 3)) g.put(one);
  const passed = g.admission.liveLetIn();
  await turn();
  g.fail();
  await turn();
  t.same([...g.verdicts.keys()], ['a1', 'a2']);
  await passed;
});

t.test('who says little waits for nobody who says too much', async (t) => {
  const g = gated({ lagRecordsMax: 1, backlogLagRecordsMax: 1 });
  const floods = ['f', 'g', 'h'];
  g.put(of('x', 0));
  for (const lane of floods) for (let n = 0; n < 30; n++) g.put(of(lane, n, true));
  await g.judge(1);
  await g.judge(1);
  await g.judge(1);
  t.same(g.entered, ['x0', 'f0', 'g0', 'h0']);
  g.put(of('little', 1, true));
  await g.judge(1);
  t.equal(g.entered.at(-1), 'little1');
  // but however many say little, those who say much come on
  for (let n = 0; n < 40; n++) g.put(of(`l${n}-`, 1, true));
  for (let n = 0; n < 27; n++) await g.judge(1);
  const flooding = g.entered.slice(5).filter((name) => floods.some((lane) => name.startsWith(lane)));
  t.ok(flooding.length >= 2 && flooding.length <= 4, g.entered.slice(5).join(' '));
});

t.test('a timer waits for what was live before it, for no backlog, and for nothing that comes later', async (t) => {
  const g = gated({ lagRecordsMax: 2, backlogLagRecordsMax: 1, liveRecordsPerBacklogRecord: 1_000 });
  for (const one of [of('x', 0), of('a', 0), of('a', 1, true), of('l', 0, true), of('l', 1, true), of('m', 0, true)]) {
    g.put(one);
  }
  t.same(g.entered, ['x0', 'l0']);
  let passed = false;
  const waiting = g.admission.liveLetIn().then(() => {
    passed = true;
  });
  g.put(of('n', 0, true));
  await g.judge(1);
  t.notOk(passed, g.entered.join(' '));
  while (!passed) await g.judge(1);
  await waiting;
  t.ok(g.entered.includes('l1') && g.entered.includes('m0'));
  t.notOk(g.entered.includes('a1'), 'it lies behind the backlog of its own device');
});

t.test('a timer waits no longer than for as much as the engine’s whole lag', async (t) => {
  const g = gated({ lagRecordsMax: 4, backlogLagRecordsMax: 2 });
  for (let n = 0; n < 1_000; n++) g.put(of('l', n, true));
  let passed = false;
  void g.admission.liveLetIn().then(() => {
    passed = true;
  });
  await g.judge(4);
  await turn();
  t.ok(passed, `${g.entered.length} of 1000 were let in`);
});

t.test('within a turn of the loop no more is let in than holds it up for a moment', async (t) => {
  const g = gated({ lagRecordsMax: 1_000, backlogLagRecordsMax: 1_000, turnRecordsMax: 10 });
  for (const one of many('a', 35)) g.put(one);
  t.equal(g.entered.length, 10);
  await turn();
  t.equal(g.entered.length, 20);
});

const puts = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        lane: fc.constantFrom('a', 'b', 'c', 'd'),
        live: fc.boolean(),
        weight: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ judge: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.constant({ away: 'a' }) },
  ),
  { minLength: 1, maxLength: 120 },
);

t.test(
  'however they come and however the engine goes: in order, within the bounds, each once, none forgotten',
  async (t) => {
    const limits = { lagRecordsMax: 9, backlogLagRecordsMax: 6, laneTurnRecords: 6, turnRecordsMax: 12 };
    const run = async (steps: Awaited<ReturnType<typeof puts.generate>>['value'] | unknown[]): Promise<void> => {
      const g = gated(limits);
      const all: Put[] = [];
      const givenUp = (): Set<string> => new Set(g.verdicts.keys());
      for (const step of steps as (
        | { lane: string; live: boolean; weight: number }
        | { judge: number }
        | { away: string }
      )[]) {
        if ('judge' in step) await g.judge(step.judge);
        else if ('away' in step) for (const one of all) one.gone ||= one.lane === step.away;
        else {
          const one = { ...step, name: `${step.lane}${all.length}`, gone: false };
          all.push(one);
          g.put(one);
        }
        if (g.lagMax() > limits.lagRecordsMax) throw new Error(`${g.lagMax()} let in and not judged`);
        if (g.admission.lagRecords > limits.lagRecordsMax) throw new Error('it says so itself');
      }
      await g.judgeAll();
      if (g.admission.lagRecords !== 0) throw new Error(`${g.admission.lagRecords} are never given back`);
      const lost = givenUp();
      for (const lane of ['a', 'b', 'c', 'd']) {
        const meant = all.filter((one) => one.lane === lane && !lost.has(one.name)).map(({ name }) => name);
        const got = g.entered.filter((name) => name.startsWith(lane));
        if (meant.join() !== got.join()) throw new Error(`${lane}: ${got.join()} for ${meant.join()}`);
      }
      for (const one of all) if (lost.has(one.name) && !one.gone) throw new Error(`${one.name} was given up`);
      for (const name of lost) if (g.entered.includes(name)) throw new Error(`${name} was let in and given up`);
    };
    const result = await fc.check(fc.asyncProperty(puts, run), { numRuns: 400 });
    t.notOk(
      result.failed,
      `seed ${result.seed}: ${JSON.stringify(result.counterexample)?.slice(0, 600)} ${result.errorInstance}`,
    );
  },
);
