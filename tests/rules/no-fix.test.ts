// A tag that moves about without finding where it is (§6: 10 min of motion within 60 min, no fix of r ≤ 100 m).
import t from 'tap';
import type { RecordBody } from '../../src/domain/record.js';
import { assigned, at, fix, heartbeat, type Line, lineOf, orderOf, TAG, tagSays } from './step-driver.js';

const START = tagSays('MOTION_START');
const END = tagSays('MOTION_END');
const good = fix(0, 10);
const poor = fix(0, 101);

type Said = readonly [time: string, body: RecordBody];

function told(said: readonly Said[], policy = {}, until = '23:59'): string[] {
  const line = lineOf(orderOf({ conditions: [], devices: [assigned(TAG, 'tag')], policy }));
  for (const [time, body] of said) line.say(TAG, at(time), body);
  line.runTo(at(until));
  return ofNoFix(line);
}

const ofNoFix = (line: Line): string[] =>
  line
    .episodes()
    .filter((episode) => episode.startsWith('device.no_fix'))
    .map((episode) => episode.replace('device.no_fix TAG-1 ', ''));

const specification: readonly (readonly [sentence: string, said: readonly Said[], want: string[], policy?: object])[] =
  [
    [
      'a tag that stands still owes no fix',
      [
        ['10:00', heartbeat],
        ['10:30', heartbeat],
        ['10:59', heartbeat],
      ],
      [],
    ],
    [
      'ten minutes of motion are enough, when a later record shows them',
      [
        ['10:00', START],
        ['10:10:01', heartbeat],
      ],
      ['10:10:00–'],
    ],
    [
      'up to its last record: what it does after it nobody knows',
      [
        ['10:00', START],
        ['10:10', heartbeat],
      ],
      [],
    ],
    [
      'the next good fix ends it',
      [
        ['10:00', START],
        ['10:11', heartbeat],
        ['10:20', good],
      ],
      ['10:10:00–10:20:00'],
    ],
    [
      'a poor fix does not',
      [
        ['10:00', START],
        ['10:11', heartbeat],
        ['10:20', poor],
        ['10:30', good],
      ],
      ['10:10:00–10:30:00'],
    ],
    [
      'a fix of exactly 100 m is good enough',
      [
        ['10:00', START],
        ['10:09', fix(0, 100)],
        ['10:15', heartbeat],
      ],
      [],
    ],
    [
      'a fix of no stated radius counts by its mechanism',
      [
        ['10:00', START],
        ['10:09', { ...fix(0, 0), mechanism: 'LBS' } as RecordBody],
        ['10:15', heartbeat],
      ],
      ['10:10:00–'],
    ],
    [
      'the fix that comes too late shows what was missing until it came',
      [
        ['10:00', START],
        ['10:40', good],
      ],
      ['10:10:00–10:40:00'],
    ],
    [
      'a fix at the very moment is in time',
      [
        ['10:00', START],
        ['10:10', good],
        ['10:15', heartbeat],
      ],
      [],
    ],
    [
      'also where a status of that moment is sent first',
      [
        ['10:00', START],
        ['10:10', heartbeat],
        ['10:10', good],
      ],
      [],
    ],
    [
      'after a good fix the motion counts anew',
      [
        ['10:00', START],
        ['10:09', good],
        ['10:18:59', heartbeat],
        ['10:19:01', heartbeat],
      ],
      ['10:19:00–'],
    ],
    [
      'a repeated START changes nothing',
      [
        ['10:00', START],
        ['10:08', START],
        ['10:11', heartbeat],
      ],
      ['10:10:00–'],
    ],
    [
      'an END without a START changes nothing',
      [
        ['10:00', END],
        ['10:01', START],
        ['10:12', heartbeat],
      ],
      ['10:11:00–'],
    ],
    [
      'short walks add up within the hour',
      [
        ['10:00', START],
        ['10:05', END],
        ['10:30', START],
        ['10:35', END],
        ['10:36', heartbeat],
      ],
      ['10:35:00–'],
    ],
    [
      'what was there an hour ago, to the moment, still counts',
      [
        ['10:00', START],
        ['10:00:30', END],
        ['10:50:30', START],
        ['10:59:50', heartbeat],
        ['11:05', heartbeat],
      ],
      ['11:00:00–'],
    ],
    [
      'an hour later they do not',
      [
        ['10:00', START],
        ['10:05', END],
        ['11:00', START],
        ['11:05', END],
        ['11:06', heartbeat],
      ],
      [],
    ],
    [
      'what is older leaves the hour as it moves on',
      [
        ['10:00', START],
        ['10:08', END],
        ['11:04', START],
        ['11:15', heartbeat],
      ],
      ['11:14:00–'],
    ],
    [
      'a silent tag is not known to have moved',
      [
        ['10:00', START],
        ['11:05:01', heartbeat],
        ['11:20', heartbeat],
      ],
      [],
    ],
    [
      'nor is one that is heard just in time let off',
      [
        ['10:00', START],
        ['11:05', heartbeat],
      ],
      ['10:10:00–'],
    ],
    [
      'START and END in one status are no motion',
      [
        ['10:00', tagSays('MOTION_START', 'MOTION_END')],
        ['10:30', heartbeat],
      ],
      [],
    ],
    [
      'a second time after the fix that ended the first',
      [
        ['10:00', START],
        ['10:12', good],
        ['10:30', heartbeat],
        ['10:31', good],
      ],
      ['10:10:00–10:12:00', '10:22:00–10:31:00'],
    ],
    [
      'an implausible fix is a fix: the tag has found something',
      [
        ['10:00', START],
        ['10:01', good],
        ['10:08', fix(200_000, 10)],
        ['10:17', heartbeat],
      ],
      [],
    ],
    [
      'an order may ask for more',
      [
        ['10:00', START],
        ['10:19', heartbeat],
        ['10:21', heartbeat],
      ],
      ['10:20:00–'],
      { noFixMotionS: 1_200 },
    ],
  ];

for (const [sentence, said, want, policy] of specification) t.strictSame(told(said, policy ?? {}), want, sentence);

t.test('it is raised by the record that shows it, and rests on it', (t) => {
  const line = lineOf(orderOf({ conditions: [], devices: [assigned(TAG, 'tag')] }));
  line.say(TAG, at('10:00'), START);
  line.say(TAG, at('10:14'), heartbeat);
  line.say(TAG, at('10:20'), good);
  t.match(
    line.findings.filter(({ type }) => type === 'device.no_fix'),
    [
      {
        op: 'open',
        kind: 'alert',
        cause: 'record',
        eventMs: at('10:14'),
        startMs: at('10:10'),
        records: [{ timeMs: at('10:14') }],
      },
      {
        op: 'close',
        cause: 'record',
        endMs: at('10:20'),
        endedBy: null,
        records: [{ timeMs: at('10:14') }, { timeMs: at('10:20') }],
      },
    ],
  );
  t.end();
});

t.test('when the tag is taken off it ends with the reason, and motion counts anew when it is put on again', (t) => {
  const tags = [assigned(TAG, 'tag', { toMs: at('10:30') }), assigned(TAG, 'tag', { fromMs: at('10:40') })];
  const line = lineOf(orderOf({ conditions: [], devices: tags }));
  line.say(TAG, at('10:00'), START);
  line.say(TAG, at('10:20'), heartbeat);
  line.say(TAG, at('10:40'), heartbeat);
  line.say(TAG, at('10:55'), heartbeat);
  t.strictSame(ofNoFix(line), ['10:10:00–10:30:00 ORDER_REVISED']);
  t.end();
});

t.test('a tag that only RF sees, and an alcohol tag, owe no fix', (t) => {
  for (const kind of ['rf_tag', 'alcohol_tag'] as const) {
    const line = lineOf(orderOf({ conditions: [], devices: [assigned(TAG, kind)] }));
    line.say(TAG, at('10:00'), START);
    line.say(TAG, at('10:40'), heartbeat);
    t.strictSame(ofNoFix(line), []);
  }
  t.end();
});

t.test('nothing is kept that can make no difference', (t) => {
  const line = lineOf(orderOf({ conditions: [], devices: [assigned(TAG, 'tag')] }));
  const motion = () => line.state.equipment[TAG]?.motion;
  line.say(TAG, at('10:00'), tagSays('MOTION_START', 'MOTION_END'));
  t.strictSame(motion(), { sinceMs: null, spans: [] }, 'motion of no length');
  line.say(TAG, at('10:01'), START);
  line.say(TAG, at('10:06'), END);
  line.say(TAG, at('10:07'), START);
  t.strictSame(motion(), { sinceMs: at('10:07'), spans: [{ startMs: at('10:01'), endMs: at('10:06') }] });
  line.say(TAG, at('10:13'), heartbeat);
  t.strictSame(motion()?.spans, [], 'the alert runs: only a fix can end it');
  line.say(TAG, at('10:20'), good);
  t.strictSame(motion(), { sinceMs: at('10:20'), spans: [] });
  line.say(TAG, at('10:21'), END);
  line.say(TAG, at('10:22'), good);
  t.strictSame(motion(), { sinceMs: null, spans: [] });
  t.end();
});

t.test('a tag that moves and stops all day long is remembered for an hour', (t) => {
  const line = lineOf(orderOf({ conditions: [], devices: [assigned(TAG, 'tag')] }));
  for (let i = 0; i < 2_000; i++) {
    line.say(TAG, at('10:00') + i * 3_000, START);
    line.say(TAG, at('10:00') + i * 3_000 + 400, END);
  }
  const { spans } = line.state.equipment[TAG]?.motion ?? { spans: [] };
  t.ok(spans.length <= 240, `${spans.length} spans`);
  t.ok(spans.every(({ endMs }) => endMs > at('10:00') + 1_999 * 3_000 - 3_600_000));
  t.end();
});
