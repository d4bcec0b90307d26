/** What every command log promises, crashes included. */
import t, { type Test } from 'tap';
import type { Command, CommandLog, CommandOutcome } from '../../src/ports/commands.js';
import { order, T0, zone, zoneId } from '../support/samples.js';

export interface CommandLogPlace {
  open(): Promise<CommandLog>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

export const commands: readonly Command[] = [
  { kind: 'put_order', order: order(1, 1), by: 'user-1' },
  { kind: 'put_zone', zone: zone(1, 1), by: 'user-1' },
  { kind: 'delete_zone', zoneId: zoneId(1), by: 'user-2' },
];
const done: CommandOutcome = { ok: true, created: true };
const refused: CommandOutcome = {
  ok: false,
  code: 'invalid',
  problems: [{ path: 'conditions[0]', expected: 'a zone that exists', got: '"ZONE-9"' }],
};

export function commandLogContract(name: string, make: () => Promise<CommandLogPlace>): void {
  const clause = (text: string, run: (log: CommandLog, t: Test, place: CommandLogPlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      await run(await place.open(), t, place);
    });

  clause('commands get consecutive places and come back whole, in order', async (log, t) => {
    const places = await Promise.all(commands.map((command, n) => log.append(command, T0 + n)));
    t.same(places, [1, 2, 3]);
    t.same(
      log.after(0),
      commands.map((command, n) => ({ place: n + 1, receivedMs: T0 + n, command })),
    );
    t.same(
      log.after(2).map(({ place }) => place),
      [3],
    );
    t.same(log.after(3), []);
    await log.close();
  });

  clause('outcomes are recorded in order, and the first one stands', async (log, t) => {
    for (const command of commands) await log.append(command, T0);
    t.equal(log.done(), 0);
    await t.rejects(log.settle(2, done), RangeError);
    await log.settle(1, done);
    await log.settle(2, refused);
    await log.settle(1, refused);
    t.equal(log.done(), 2);
    t.same(log.outcome(1), done);
    t.same(log.outcome(2), refused);
    t.equal(log.outcome(3), null);
    await log.settle(3, done);
    await t.rejects(log.settle(4, done), RangeError, 'there is no fourth command');
    await log.close();
  });

  clause('who waits gets the outcome, or null when the time is over', async (log, t) => {
    const [first, second] = [
      await log.append(commands[0] as Command, T0),
      await log.append(commands[1] as Command, T0),
    ];
    const waiting = log.awaitOutcome(first, 10_000);
    await log.settle(first, refused);
    t.same(await waiting, refused);
    t.same(await log.awaitOutcome(first, 10_000), refused, 'when it is there already, too');
    t.equal(await log.awaitOutcome(second, 20), null);
    await log.close();
  });

  clause('commands and outcomes are there after a crash', async (log, t, place) => {
    for (const command of commands) await log.append(command, T0);
    await log.settle(1, done);
    await place.crash();
    const again = await place.open();
    t.equal(again.after(0).length, 3);
    t.equal(again.done(), 1);
    t.same(again.outcome(1), done);
    t.equal(await again.append(commands[0] as Command, T0), 4);
    await again.close();
  });

  clause('listeners are woken by an append, until they stop', async (log, t) => {
    let woken = 0;
    const stop = log.onAppend(() => {
      woken++;
    });
    await log.append(commands[0] as Command, T0);
    t.equal(woken, 1);
    stop();
    await log.append(commands[0] as Command, T0);
    t.equal(woken, 1);
    await log.close();
  });
}
