/** Orders' keys before they are needed: those due first, a little at a time, and one that cannot be read stops no other. */
import t from 'tap';
import type { StreamKey } from '../../src/domain/ids.js';
import { KeysAhead } from '../../src/engine/keys-ahead.js';
import { deviceId, orderId, orderStream, T0 } from '../support/samples.js';

const MINUTE = 60_000;
/** Every look at it is a long time later: so each order is a piece. */
const slow = () => {
  let ms = 0;
  return () => (ms += 5);
};

t.test('everybody’s is opened, those first who are due first', async (t) => {
  const opened: string[] = [];
  const due = new Map<StreamKey, number>([
    [orderStream(1), T0 + 9 * 60 * MINUTE],
    [orderStream(2), T0 + 20 * MINUTE],
    [orderStream(3), T0 + 90 * 60 * MINUTE],
    [orderStream(4), T0 - MINUTE],
    [`~${deviceId(1)}` as StreamKey, T0],
  ]);
  const ahead = new KeysAhead({
    dueTimes: () => due,
    nowMs: () => T0,
    open: (id) => void (opened.includes(id) || opened.push(id)),
    onError: (error) => void t.fail(String(error)),
  });
  ahead.start();
  await ahead.done();
  t.same(opened, [4, 2, 1, 3].map(orderId));
});

t.test('a key that cannot be read is told of once', async (t) => {
  const opened = new Set<string>();
  const failures: unknown[] = [];
  const broken = new Error('damaged');
  const ahead = new KeysAhead({
    dueTimes: () => [1, 2, 3].map((n) => [orderStream(n), T0] as const),
    nowMs: () => T0,
    open: (id) => {
      if (id === orderId(2)) throw broken;
      opened.add(id);
    },
    onError: (error) => failures.push(error),
  });
  ahead.start();
  await ahead.done();
  t.same([...opened], [orderId(1), orderId(3)]);
  t.same(failures, [broken]);
});

t.test('between two pieces others have their turn, and a stop ends it there', async (t) => {
  let opened = 0;
  const ahead = new KeysAhead({
    dueTimes: () => Array.from({ length: 1_000 }, (_, n) => [orderStream(n), T0] as const),
    nowMs: () => T0,
    open: () => void opened++,
    onError: (error) => void t.fail(String(error)),
    steadyMs: slow(),
  });
  ahead.start();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(opened, 1);
  await ahead.stop();
  t.equal(opened, 1);
});
