// Laws of the step, for orders, revisions and records at random.
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import { decodeState, encodeState } from '../../src/codec/state-record.js';
import type { DeviceId } from '../../src/domain/ids.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { bodies } from '../codec/arbitraries.js';
import { arbitraryOrder, arbitraryShape } from '../support/arbitrary-orders.js';
import { seedOfRun } from './seeded.js';
import { at, circle, DAY, editionOf, Line, orderOf } from './step-driver.js';
import { type Event, SECOND, type Story, stories } from './stories.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const END = at('12:00', 3);

/** Plays a story; `between` lets time pass before each event, up to the millisecond before it. */
function play(story: Story, between: (line: Line, beforeMs: number) => void): Line {
  let zones: Record<string, ZoneShape> = { ZS: circle(250) };
  const line = new Line([editionOf(orderOf(story.first), { edition: 1, effectiveMs: DAY }, zones)]);
  line.feed({ kind: 'revised' });
  let revision = 1;
  for (const event of story.events) {
    between(line, event.atMs - 1);
    if (event.kind === 'record') {
      line.say(event.deviceId, event.atMs, event.body, 5 * SECOND);
      continue;
    }
    revision += 1;
    zones = { ZS: event.zone };
    const effectiveMs = event.atMs + event.inMs;
    // as the engine: what was to come at or after its time is replaced
    line.editions = line.editions.filter((e, i) => i === 0 || e.effectiveMs < effectiveMs);
    line.revise(editionOf(orderOf({ ...event.change, revision }), { edition: revision, effectiveMs }, zones));
  }
  line.runTo(END);
  line.tick(END);
  return line;
}

/**
 * What was found, in its order, without what may differ: what let the time pass. What the gateway itself saw has its own
 * time, so it stands for itself.
 */
function told(line: Line): string[] {
  const found = line.findings.map(({ cause, ...finding }) => ({ gateway: cause === 'gateway', finding }));
  return [false, true].flatMap((gateway) =>
    found.filter((one) => one.gateway === gateway).map(({ finding }) => JSON.stringify(finding)),
  );
}

/** Throws with the first line that differs. */
function same(a: readonly string[], b: readonly string[], what: string): void {
  const at = a.findIndex((line, i) => line !== b[i]);
  if (at !== -1 || a.length !== b.length) throw new Error(`\n${a[at]}\n${what}:\n${b[at === -1 ? a.length : at]}`);
}

t.test('a tick, the next record, or one late tick let a due time pass: what is found is the same', async (t) => {
  fc.assert(
    fc.property(stories, fc.infiniteStream(fc.nat(4)), (story, chance) => {
      const never = play(story, () => {});
      const always = play(story, (line, beforeMs) => line.runTo(beforeMs));
      const now = play(story, (line, beforeMs) => {
        const pick = chance.next().value;
        if (pick < 2) line.runTo(beforeMs);
        else if (pick === 2 && beforeMs > (line.state.atMs ?? DAY)) line.tick(beforeMs);
      });
      for (const other of [always, now]) {
        same(told(never), told(other), 'with ticks');
        if (other.late !== never.late) throw new Error(`late ${never.late}, with ticks ${other.late}`);
      }
    }),
    { seed, numRuns: 600 },
  );
  t.pass();
});

/** In their order, which the rules go by. */
const idsOf = ({ opens, units, curfews, visits, approaches, equipment, alcohol, attendance, open }: SubjectState) =>
  [opens, units, curfews, visits, approaches, equipment, alcohol, attendance, open].map(Object.keys);

/** With one flag a record at most: what begins and ends in one record begins again when that is said again. */
function withOneFlag(event: Event): Event {
  if (event.kind === 'revised') return event;
  const { body } = event;
  if (body.kind === 'tag') return { ...event, body: { ...body, flags: body.flags.slice(0, 1) } };
  if (body.kind === 'unit') return { ...event, body: { ...body, flags: body.flags.slice(0, 1) } };
  if (body.kind !== 'rf' || body.status === null) return event;
  return { ...event, body: { ...body, status: { ...body.status, flags: body.status.flags.slice(0, 1) } } };
}

t.test('the same record again, at once, changes nothing but the counts of what the gateway saw', async (t) => {
  const withoutCounts = (line: Line) =>
    told(line).filter((found) => !/integrity\.(location_jump|unassigned_record)/.test(found));
  fc.assert(
    fc.property(stories, ({ first, events: all }) => {
      // one of a moment: of several the one before the last is another record, and is not at hand any more
      const events = all.map(withOneFlag).filter((e, i) => e.kind === 'revised' || e.atMs !== all[i - 1]?.atMs);
      const twice: Event[] = events.flatMap((event): Event[] => (event.kind === 'record' ? [event, event] : [event]));
      const [once, again] = [events, twice].map((its) => withoutCounts(play({ first, events: its }, () => {})));
      same(once ?? [], again ?? [], 'said twice');
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test(
  'no record that a codec can give, in any order, under any order of the contract, makes the step throw',
  async (t) => {
    const anything = fc
      .record({
        order: arbitraryOrder(['ZS']),
        next: arbitraryOrder(['ZS']),
        shape: arbitraryShape,
        said: fc.array(fc.tuple(fc.integer({ min: -3_600, max: 400 * 3_600 }), fc.nat(9), bodies, fc.nat(9)), {
          minLength: 1,
          maxLength: 30,
        }),
        inOrder: fc.boolean(),
      })
      .map(({ said, inOrder, ...rest }) => ({ ...rest, said: inOrder ? said.sort(([a], [b]) => a - b) : said }));
    fc.assert(
      fc.property(anything, ({ order, next, shape, said }) => {
        const zones = { ZS: shape };
        const line = new Line([editionOf(order, { edition: 1, effectiveMs: order.startMs }, zones)]);
        line.feed({ kind: 'revised' });
        const revised = { ...next, devices: order.devices, addresses: order.addresses };
        for (const [index, [afterS, who, body, what]] of said.entries()) {
          const atMs = order.startMs + afterS * SECOND;
          const device = order.devices[who]?.deviceId ?? (`X-${who}` as DeviceId);
          const tagId = order.devices[what]?.deviceId;
          const own = body.kind === 'rf' && tagId !== undefined ? { ...body, tagId } : body;
          line.feed({
            kind: 'record',
            deviceId: device,
            receivedMs: atMs + what * 20_000 * SECOND,
            record: makeRecord(atMs, own),
          });
          if (index === 10) line.revise(editionOf(revised, { edition: 2, effectiveMs: atMs }, zones));
          if (what === 0) line.tick(atMs + SECOND);
          if (what === 1) line.feed({ kind: 'integrity', atMs, deviceId: device, type: 'integrity.bad_seal' });
          const kept = decodeState(encodeState(line.state));
          deepStrictEqual(kept, line.state);
          deepStrictEqual(idsOf(kept), idsOf(line.state));
          line.state = kept;
        }
        line.runTo((said.at(-1)?.[0] ?? 0) * SECOND + order.startMs + 86_400 * SECOND);
      }),
      { seed, numRuns: 400 },
    );
    t.pass();
  },
);
