// Accumulated time violation (§3): the violation minutes of an order against what it allows.
import t from 'tap';
import type { Condition, Order } from '../../src/domain/order.js';
import {
  assigned,
  at,
  curfew,
  editionOf,
  heartbeat,
  type Line,
  lineOf,
  orderOf,
  rf,
  TAG,
  UNIT,
} from './step-driver.js';

/** `20:00 EXIT`, of the first day; `1 20:00 EXIT` of the next. The unit is otherwise heard all the time. */
type Said = string;

const order = (change: Partial<Order> = {}): Order =>
  orderOf({
    conditions: [curfew()],
    atvAllowanceMin: 60,
    policy: { silenceS: 20 * 86_400 },
    devices: [assigned(UNIT, 'home_unit'), assigned(TAG, 'tag')],
    ...change,
  });

function say(line: Line, said: readonly Said[]): void {
  for (const one of said) {
    const [, day = '0', time = '', event] = /^(?:(\d) )?(\S+) (\S+)$/.exec(one) ?? [];
    line.say(UNIT, at(time, Number(day)), event === 'heartbeat' ? heartbeat : rf(event as 'ENTER'));
  }
}

function told(said: readonly Said[], change: Partial<Order> = {}, until = at('00:00', 11)): string[] {
  const line = lineOf(order(change));
  say(line, said);
  line.runTo(until);
  return ofAtv(line);
}

/** `20:05:00 20:05:00–`: when it was raised, from, to. */
function ofAtv(line: Line): string[] {
  const raised = line.findings.filter(({ type, op }) => type === 'curfew.atv_exceeded' && op === 'open');
  const newest = new Map(line.versions.filter(({ type }) => type === 'curfew.atv_exceeded').map((v) => [v.alertId, v]));
  const text = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString().slice(8, 19));
  return [...newest.values()].map(({ startMs, endMs, endedBy }, i) =>
    [`told ${text(raised[i]?.eventMs ?? null)}`, `${text(startMs)}–${text(endMs)}`, endedBy ?? ''].join(' ').trim(),
  );
}
const END = '12T00:00:00 ORDER_ENDED';

const specification: readonly (readonly [string, readonly Said[], string[], Partial<Order>?])[] = [
  ['no violation, no sum', ['18:00 ENTER'], []],
  ['an hour is used up exactly: it has not passed', ['18:00 ENTER', '20:00 EXIT', '21:00 ENTER'], []],
  [
    'a second more has, at the hour',
    ['18:00 ENTER', '20:00 EXIT', '21:00:01 ENTER'],
    [`told 02T21:00:00 02T21:00:00–${END}`],
  ],
  [
    'the sum is of days',
    ['18:00 ENTER', '20:00 EXIT', '20:40 ENTER', '1 20:00 EXIT', '1 20:30 ENTER'],
    [`told 03T20:20:00 03T20:20:00–${END}`],
  ],
  [
    'an absence within tolerance adds nothing',
    ['18:00 ENTER', '20:00 EXIT', '20:55 ENTER', '21:00 EXIT', '21:05 ENTER'],
    [],
  ],
  [
    'a violation counts from its beginning, so it may be past when it is one',
    ['18:00 ENTER', '20:00 EXIT', '20:58 ENTER', '21:00 EXIT', '21:30 ENTER'],
    [`told 02T21:05:00 02T21:05:00–${END}`],
  ],
  [
    'what was used up stays so: it is told once',
    ['18:00 EXIT', '1 18:00 ENTER', '1 20:00 EXIT'],
    [`told 02T20:00:00 02T20:00:00–${END}`],
  ],
  [
    'used up exactly, it passes with the next violation',
    ['18:00 ENTER', '20:00 EXIT', '21:00 ENTER', '1 20:00 EXIT', '1 20:06 ENTER'],
    [`told 03T20:05:00 03T20:05:00–${END}`],
  ],
  [
    'an allowance of nothing passes with the first violation',
    ['18:00 ENTER', '20:00 EXIT', '20:06 ENTER'],
    [`told 02T20:05:00 02T20:05:00–${END}`],
    { atvAllowanceMin: 0 },
  ],
  [
    'and without tolerance at its very beginning',
    ['18:00 ENTER', '20:00 EXIT', '20:06 ENTER'],
    [`told 02T20:00:00 02T20:00:00–${END}`],
    { atvAllowanceMin: 0, policy: { toleranceS: 0, silenceS: 1e6 } },
  ],
  ['the window ends before it passes', ['18:00 ENTER', '22:00 EXIT', '23:30 ENTER'], []],
  ['an order that says nothing of an allowance tells nothing', ['18:00 EXIT'], [], { atvAllowanceMin: null }],
  [
    'half minutes count',
    ['18:00 ENTER', '20:00 EXIT', '21:00:31 ENTER'],
    [`told 02T21:00:30 02T21:00:30–${END}`],
    { atvAllowanceMin: 60.5 },
  ],
  [
    'two conditions that are violated at once count twice',
    ['18:00 ENTER', '20:00 EXIT', '20:40 ENTER'],
    [`told 02T20:30:00 02T20:30:00–${END}`],
    { conditions: [curfew(), curfew('20:00', '22:00', 'C2')] as Condition[] },
  ],
  ['unknown time counts for nothing', ['18:00 ENTER', '20:00 EXIT'], [], { policy: { silenceS: 3_000 } }],
];
for (const [sentence, said, want, change] of specification) t.strictSame(told(said, change ?? {}), want, sentence);

/** The order allows something else from then on. */
function revised(line: Line, ms: number, change: Partial<Order>): void {
  line.runTo(ms - 1);
  line.revise(editionOf(order({ revision: 2, ...change }), { edition: 2, effectiveMs: ms } as never));
}

t.test('a revision that allows more than was used ends it with the reason', (t) => {
  const line = lineOf(order());
  say(line, ['18:00 ENTER', '20:00 EXIT', '21:30 ENTER']);
  revised(line, at('12:00', 1), { atvAllowanceMin: 91 });
  say(line, ['1 12:01 heartbeat', '1 20:00 EXIT']);
  line.runTo(at('20:30', 1));
  t.strictSame(ofAtv(line), [
    'told 02T21:00:00 02T21:00:00–03T12:00:00 ORDER_REVISED',
    'told 03T20:05:00 03T20:05:00–',
  ]);
  t.end();
});

t.test('one that allows just what was used ends it too; one that allows less lets it stand', (t) => {
  for (const [atvAllowanceMin, want] of [
    [90, 'told 02T21:00:00 02T21:00:00–03T12:00:00 ORDER_REVISED'],
    [null, 'told 02T21:00:00 02T21:00:00–03T12:00:00 ORDER_REVISED'],
    [89, 'told 02T21:00:00 02T21:00:00–'],
  ] as const) {
    const line = lineOf(order());
    say(line, ['18:00 ENTER', '20:00 EXIT', '21:30 ENTER']);
    revised(line, at('12:00', 1), { atvAllowanceMin });
    say(line, ['1 12:01 heartbeat']);
    t.strictSame(ofAtv(line), [want]);
  }
  t.end();
});

t.test(
  'one that allows less in the midst of a violation is past at once; outside a window at the next violation',
  (t) => {
    const during = lineOf(order());
    say(during, ['18:00 ENTER', '20:00 EXIT']);
    revised(during, at('20:40'), { atvAllowanceMin: 30 });
    during.runTo(at('21:00'));
    t.strictSame(ofAtv(during), ['told 02T20:40:00 02T20:40:00–']);

    const between = lineOf(order());
    say(between, ['18:00 ENTER', '20:00 EXIT', '20:40 ENTER']);
    revised(between, at('12:00', 1), { atvAllowanceMin: 30 });
    say(between, ['1 12:01 heartbeat', '1 20:00 EXIT']);
    between.runTo(at('21:00', 1));
    t.strictSame(ofAtv(between), ['told 03T20:05:00 03T20:05:00–']);
    t.end();
  },
);

t.test(
  'in the midst of a violation a revision that allows more than the sum ends it until the sum is past that too',
  (t) => {
    for (const [atvAllowanceMin, want] of [
      [80, ['told 02T21:00:00 02T21:00:00–']],
      [81, ['told 02T21:00:00 02T21:00:00–02T21:20:00 ORDER_REVISED', 'told 02T21:21:00 02T21:21:00–']],
    ] as const) {
      const line = lineOf(order());
      say(line, ['18:00 ENTER', '20:00 EXIT']);
      revised(line, at('21:20'), { atvAllowanceMin });
      line.runTo(at('21:30'));
      t.strictSame(ofAtv(line), want);
    }
    t.end();
  },
);

t.test('a violation that a revision ends has its minutes counted', (t) => {
  const line = lineOf(order());
  say(line, ['18:00 ENTER', '20:00 EXIT']);
  revised(line, at('20:40'), { conditions: [curfew('19:00', '23:00', 'C9')] });
  line.runTo(at('22:00'));
  t.strictSame(ofAtv(line), ['told 02T21:00:00 02T21:00:00–']);
  t.end();
});

t.test('an order that has no curfews any more still ends the alert with itself', (t) => {
  const line = lineOf(order());
  say(line, ['18:00 ENTER', '20:00 EXIT', '21:30 ENTER']);
  revised(line, at('12:00', 1), { conditions: [] });
  line.runTo(at('00:00', 11));
  t.strictSame(ofAtv(line), [`told 02T21:00:00 02T21:00:00–${END}`]);
  t.equal(line.state.dueMs, null);
  t.end();
});

t.test('an order that is cut short ends it then', (t) => {
  const line = lineOf(order());
  say(line, ['18:00 ENTER', '20:00 EXIT', '21:30 ENTER']);
  revised(line, at('12:00', 1), { endMs: at('09:00', 1) });
  line.runTo(at('00:00', 11));
  t.strictSame(ofAtv(line), ['told 02T21:00:00 02T21:00:00–03T12:00:00 ORDER_ENDED']);
  t.end();
});

t.test('it rests on what the running violation rests on, and names no condition and no device', (t) => {
  const line = lineOf(order());
  say(line, ['18:00 ENTER', '20:00 EXIT', '21:30 ENTER']);
  t.match(
    line.findings.find(({ type }) => type === 'curfew.atv_exceeded'),
    {
      kind: 'alert',
      conditionId: null,
      deviceId: null,
      cause: 'timer',
      codes: [],
      records: [{ deviceId: UNIT, timeMs: at('20:00') }],
    },
  );
  t.end();
});
