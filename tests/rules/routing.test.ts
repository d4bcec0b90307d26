// To whom an alert goes, paragraph by paragraph (¶59–62, §8), and what is minor.
import t from 'tap';
import { ALERT_TYPES, VIOLATION_TYPES } from '../../src/domain/alert.js';
import { DECISIONS, groupOf } from '../../src/rules/decision-kinds.js';
import {
  contractorDecides,
  isMinor,
  mayWarn,
  type RoutedAlert,
  type RoutingTerms,
  routeOf,
} from '../../src/rules/routing.js';

const minute = 60_000;
const terms: RoutingTerms = { hdc: false, under18: false, curfewOnly: false, type: 'COMMUNITY', minorMaxMin: 15 };
const curfew = (minutes: number | null): RoutedAlert => ({
  type: 'curfew',
  startMs: 0,
  endMs: minutes === null ? null : minutes * minute,
});
const of = (type: RoutedAlert['type']): RoutedAlert => ({ type, startMs: 0, endMs: minute });
const said = (order: Partial<RoutingTerms>, alert: RoutedAlert): string =>
  routeOf({ ...terms, ...order }, alert)
    .route.map(({ to, duty }) => `${to} ${duty}`)
    .join(', ');

const specification: readonly (readonly [string, Partial<RoutingTerms>, RoutedAlert, string])[] = [
  [
    '¶59: the contractor may warn of a minor curfew breach under HDC',
    { hdc: true },
    curfew(12),
    'contractor may_warn, supervisor inform',
  ],
  ['¶59: a long one is for PPCS', { hdc: true }, curfew(16), 'ppcs consider_recall, supervisor inform'],
  [
    '¶59: and one that still runs, for nobody knows how long it will be',
    { hdc: true },
    curfew(null),
    'ppcs consider_recall, supervisor inform',
  ],
  ['¶59: a tamper is never minor', { hdc: true }, of('tamper.strap'), 'ppcs consider_recall, supervisor inform'],
  ['¶59: nor is all other non-compliance', { hdc: true }, of('exclusion'), 'ppcs consider_recall, supervisor inform'],
  [
    '¶61: all non-compliance of a child goes to the YOT, under HDC too',
    { hdc: true, under18: true },
    curfew(12),
    'yot consider_enforcement, contractor inform',
  ],
  [
    '¶61: the YOT hears first of what nobody can tell yet',
    { under18: true },
    of('curfew.unverified'),
    'yot inform, contractor decide',
  ],
  [
    '¶62: the contractor is responsible for a curfew-only community order',
    { curfewOnly: true },
    curfew(12),
    'contractor decide, contractor may_warn',
  ],
  [
    '¶62: serious violations of it are for probation',
    { curfewOnly: true },
    curfew(16),
    'probation consider_enforcement, contractor inform',
  ],
  ['¶62: a tamper too', { curfewOnly: true }, of('tamper.case'), 'probation consider_enforcement, contractor inform'],
  [
    'curfew only and not a community order: the agency',
    { curfewOnly: true, type: 'BAIL' },
    curfew(12),
    'supervisor decide, contractor inform',
  ],
  ['who supervises any other order enforces it', {}, curfew(16), 'supervisor consider_enforcement, contractor inform'],
  [
    'the sum of violation time is never minor',
    { hdc: true },
    of('curfew.atv_exceeded'),
    'ppcs consider_recall, supervisor inform',
  ],
  [
    'what nobody can tell yet the contractor looks into',
    { hdc: true },
    of('device.silent'),
    'contractor decide, ppcs inform',
  ],
  ['equipment is repaired, whoever wears it', { hdc: true, under18: true }, of('battery.low'), 'contractor repair'],
];
for (const [sentence, order, alert, want] of specification) t.equal(said(order, alert), want, sentence);

t.test(
  'what is minor is the policy of the order, to the minute, and only of a curfew violation that is over',
  async (t) => {
    t.ok(isMinor(terms, curfew(15)));
    t.notOk(isMinor(terms, { ...curfew(15), endMs: 15 * minute + 1 }));
    t.notOk(isMinor({ minorMaxMin: null }, curfew(1)), 'an order that says nothing calls nothing minor');
    t.notOk(isMinor(terms, curfew(null)));
    for (const type of [...VIOLATION_TYPES, ...ALERT_TYPES])
      if (type !== 'curfew') t.notOk(isMinor(terms, of(type)), type);
  },
);

t.test('a device that speaks for no order is the monitoring centre own business', async (t) => {
  t.strictSame(routeOf(null, of('integrity.bad_seal')), {
    route: [{ to: 'contractor', duty: 'repair' }],
    minor: false,
  });
});

t.test(
  'every type goes somewhere, a child never to the contractor first, and the warning is whose the route says',
  async (t) => {
    for (const type of [...VIOLATION_TYPES, ...ALERT_TYPES]) {
      for (const change of [{}, { hdc: true }, { curfewOnly: true }, { under18: true }, { hdc: true, under18: true }]) {
        for (const alert of [of(type), { ...of(type), endMs: null }, { ...of(type), endMs: 9_999 * minute }]) {
          const routing = routeOf({ ...terms, ...change }, alert);
          t.ok(routing.route.length > 0);
          if ('under18' in change && groupOf(type) !== 'equipment') t.equal(routing.route[0]?.to, 'yot', type);
          if (mayWarn(routing, 'contractor')) t.ok(routing.minor && contractorDecides(routing), type);
          if (routing.route.some(({ to }) => to === 'ppcs') && groupOf(type) !== 'unverified') {
            t.notOk(mayWarn(routing, 'contractor') || mayWarn(routing, 'supervisor'), `${type} is for PPCS`);
          }
        }
      }
    }
  },
);

t.test('what excuses is never a confirmation, and whatever touches the person is significant (¶57)', async (t) => {
  for (const [kind, rule] of Object.entries(DECISIONS)) {
    t.ok(rule.groups.length > 0, kind);
    if (kind === 'confirmed' || kind === 'warning_issued' || kind === 'referred')
      t.match(rule, { excuses: false, significant: true });
  }
  t.strictSame(
    Object.keys(DECISIONS).filter((kind) => DECISIONS[kind as keyof typeof DECISIONS].excuses),
    ['reasonable_excuse', 'authorised_absence', 'equipment_fault', 'false_alert'],
  );
});
