// The truth's comparison with what was heard: nothing is forgiven on either side.
import t from 'tap';
import { compareTruth, type HeardAlert, type TruthItem, truthSummary } from '../../src/sim/truth.js';

const at = (time: string): number => Date.parse(`2026-06-05T${time}Z`);

const item: TruthItem = {
  orderId: 'O-1',
  kind: 'violation',
  type: 'curfew',
  conditionId: 'C1',
  deviceId: null,
  startMs: at('18:00:00'),
  endMs: at('18:20:00'),
  codes: ['AL08', 'AL09'],
  endedBy: 'return',
  dueMs: at('18:05:00'),
};

const alert: HeardAlert = {
  alert_id: 'A-1',
  version: 2,
  state: 'open',
  kind: 'violation',
  type: 'curfew',
  order_id: 'O-1',
  condition_id: 'C1',
  device_id: null,
  start: '2026-06-05T18:00:00.000Z',
  end: '2026-06-05T18:20:00.000Z',
  ended_by: 'return',
  codes: ['AL08', 'AL09'],
};

const counts = (truth: TruthItem[], heard: HeardAlert[]): string => truthSummary(compareTruth(truth, heard));

t.test('an alert that is as it should be is neither missed nor false', async (t) => {
  t.equal(counts([item], [alert]), 'truth: 1 expected, 1 raised, 0 missed, 0 false');
});

t.test('only the newest version of an alert counts, whatever the order in which they came', async (t) => {
  const first = { ...alert, version: 1, end: null, ended_by: null, codes: ['AL08'] };
  t.equal(counts([item], [alert, first]), 'truth: 1 expected, 1 raised, 0 missed, 0 false');
  t.equal(counts([item], [first]), 'truth: 1 expected, 1 raised, 1 missed, 1 false');
});

for (const [what, change] of Object.entries({
  'another type': { type: 'exclusion' },
  'another order': { order_id: 'O-2' },
  'another condition': { condition_id: 'C2' },
  'a device': { device_id: 'HU-1' },
  'another start': { start: '2026-06-05T18:00:00.001Z' },
  'another end': { end: '2026-06-05T18:20:30.000Z' },
  'no end': { end: null },
  'a missing code': { codes: ['AL08'] },
  'codes in another order': { codes: ['AL09', 'AL08'] },
  'another reason for its end': { ended_by: 'window' },
})) {
  t.test(`an alert with ${what} is a false one, and its item is missed`, async (t) => {
    t.equal(counts([item], [{ ...alert, ...change }]), 'truth: 1 expected, 1 raised, 1 missed, 1 false');
  });
}

t.test('an alert told twice under two identities is one too many', async (t) => {
  const second = { ...alert, alert_id: 'A-2' };
  t.equal(counts([item], [alert, second]), 'truth: 1 expected, 2 raised, 0 missed, 1 false');
  t.equal(counts([item, item], [alert, second]), 'truth: 2 expected, 2 raised, 0 missed, 0 false');
});

t.test('a withdrawn alert does not count, neither as raised nor as the item it was', async (t) => {
  t.equal(counts([item], [{ ...alert, state: 'withdrawn' }]), 'truth: 1 expected, 0 raised, 1 missed, 0 false');
});

t.test('what an alert that is no violation calls its end is no part of the truth', async (t) => {
  const silent = { ...item, kind: 'alert' as const, type: 'device.silent', codes: [], endedBy: null };
  const heard = { ...alert, kind: 'alert', type: 'device.silent', codes: [], ended_by: 'return' };
  t.equal(counts([silent], [heard]), 'truth: 1 expected, 1 raised, 0 missed, 0 false');
});
