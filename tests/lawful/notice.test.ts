/** The fair processing notice (¶21) and what a message says (¶33). */
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import type { Condition, DeviceKind, Order } from '../../src/domain/order.js';
import { DEVICE_KINDS, ORDER_TYPES } from '../../src/domain/order.js';
import { OrderNotices } from '../../src/lawful/notice.js';
import { NOTIFICATION_TEXT } from '../../src/lawful/notification.js';
import { validOrders } from '../support/order-fixtures.js';
import { order } from '../support/samples.js';

const notices = new OrderNotices({
  controller: 'The Ministry of Justice',
  processor: 'The monitoring centre',
  contact: 'ask your supervising officer',
  retentionMonths: 72,
});
const base = order(1, 1);
const device = (kind: DeviceKind) => ({ ...base.devices[0], kind }) as Order['devices'][number];
const trail: Condition = { conditionId: base.conditions[0]?.conditionId as Condition['conditionId'], kind: 'trail' };

t.test('it says what is collected by the devices of this order, and by no other', async (t) => {
  for (const kind of DEVICE_KINDS) {
    const { text } = notices.of({ ...base, devices: [device(kind)] });
    t.equal(/records where you are/.test(text), kind === 'tag', `${kind}: positions`);
    t.equal(/measures alcohol/.test(text), kind === 'alcohol_tag', `${kind}: alcohol`);
    t.equal(/no location function/.test(text), kind === 'rf_tag', `${kind}: radio alone`);
    t.equal(/Your position is not recorded/.test(text), kind !== 'tag', kind);
  }
});

t.test(
  'who has no trail monitoring is told that nobody watches all the time; who has it, that somebody may',
  async (t) => {
    const tagged = { ...base, devices: [device('tag')] };
    t.match(notices.of(tagged).text, /nobody watches it all the time/);
    const trailed = notices.of({ ...tagged, conditions: [trail] }).text;
    t.notMatch(trailed, /nobody watches it all the time/);
    t.match(trailed, /may look at everywhere you have been/);
  },
);

t.test('every notice has the law, who sees it, how long, decisions by people, and the rights', async (t) => {
  for (const type of ORDER_TYPES) {
    const { text } = notices.of({ ...base, type });
    t.match(text, /Part 3 of the Data Protection Act 2018/);
    t.match(text, /The Ministry of Justice decides what it is used for/);
    t.match(text, /destroyed 6 years after/);
    t.match(text, /a person looks at an alert and decides/);
    t.match(text, /Information Commissioner[\s\S]*court/);
    t.match(text, /copy of what is held about you/);
  }
  const months = new OrderNotices({ controller: 'a', processor: 'b', contact: 'c', retentionMonths: 18 });
  t.match(months.of(base).text, /destroyed 18 months after/);
});

t.test('no place, no address and nobody else is in it, whatever the order holds', async (t) => {
  for (const { name, json } of validOrders()) {
    const parsed = parseOrder(json);
    if (!parsed.ok) return t.fail(name);
    const { text, html } = notices.of(parsed.value);
    const numbers = JSON.stringify(json).match(/-?\d+\.\d{3,}/g) ?? [];
    for (const number of numbers) t.equal(text.includes(number) || html.includes(number), false, `${name}: ${number}`);
    for (const address of Object.keys(parsed.value.addresses)) t.notMatch(text, new RegExp(`\\b${address}\\b(?! )`));
    t.equal(text.includes(parsed.value.subjectId), false, `${name}: not even the person`);
  }
});

t.test('the page is escaped and fetches nothing', async (t) => {
  const script = new OrderNotices({
    controller: '<script>x</script>',
    processor: 'b',
    contact: 'c',
    retentionMonths: 12,
  });
  const { html } = script.of(base);
  t.notMatch(html, /<script|https?:\/\/|src=|<link/);
  t.match(html, /&lt;script&gt;/);
  t.match(html, /destroyed 1 year after/);
});

t.test('a message says where to look, and nothing of whom or what (¶33)', async (t) => {
  t.match(NOTIFICATION_TEXT, /look at the portal/);
  t.notMatch(NOTIFICATION_TEXT, /\d|order|alert|curfew|zone/i);
  t.ok(NOTIFICATION_TEXT.length <= 160, 'one SMS');
});
