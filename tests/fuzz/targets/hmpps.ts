/** Orders of the HMPPS API: JSON → draft, completed with examples → an order of ours, or what is wrong in words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHmppsOrder } from '../../../src/codec/hmpps-order.js';
import { supplied, withExamples } from '../../../src/codec/hmpps-supply.js';
import { ordersFromText } from '../../../src/codec/order-import.js';
import { parseOrder } from '../../../src/codec/order-json.js';
import type { Chance } from '../chance.js';
import { mutateJson } from '../mutate-json.js';
import { must } from '../target.js';

const ORDERS = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'orders');
const files = () => readdirSync(ORDERS).filter((name) => name.startsWith('hmpps-'));
const words = {
  names: [
    'curfew',
    'exclusionZone',
    'trail',
    'mandatoryAttendance',
    'alcohol',
    'startDate',
    'endDate',
    'versions',
    'type',
    'curfewTimeTable',
    'dayOfWeek',
    'startTime',
    'endTime',
    'duration',
    'zoneType',
  ],
  texts: [
    'REVOCATION',
    'REQUEST',
    'VARIATION',
    'MONDAY',
    '00:00:00',
    '23:59',
    '24:00',
    '2026-03-29T01:30:00Z',
    'Mondays and Fridays',
    'INCLUSION',
    'EXCLUSION',
    'ABSTINENCE',
    'LEVEL',
  ],
};

export const target = {
  bytesMax: 32_768,
  seeds: () => files().map((name) => Buffer.from(JSON.stringify(JSON.parse(readFileSync(join(ORDERS, name), 'utf8'))))),
  mutate: (input: Buffer, other: Buffer, chance: Chance) => mutateJson(input, other, chance, words),
  run(input: Buffer): void {
    for (const one of ordersFromText(input.toString('utf8'))) {
      if ('problem' in one) {
        must(one.problem.got.length <= 80, 'what came is quoted in short');
        continue;
      }
      const read = readHmppsOrder(one.json);
      if (!read.ok) {
        must(read.fault.length >= 1 && read.fault.length <= 100, 'a refusal tells 1 to 100 problems');
        continue;
      }
      const { draft } = read.value;
      const first = supplied(draft);
      must(first.ok, 'a draft needs no supply to say what is missing');
      const whole = withExamples(draft, {}, first.value.missing);
      must(whole.ok, 'the examples are a supply');
      // what is wrong in the source is told; what is right is an order that `order` vouches for
      const order = parseOrder(whole.value.order);
      must(order.ok || order.fault.length > 0, 'an order of ours, or what is wrong');
      must(!order.ok || order.value.timeZone === 'Europe/London', 'the API is of England and Wales');
    }
  },
};
