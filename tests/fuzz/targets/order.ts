/** Orders: JSON → order → checked → compiled, its windows listed; and back into JSON and a store's bytes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { orderToJson, parseOrder } from '../../../src/codec/order-json.js';
import { decodeOrder, encodeOrder } from '../../../src/codec/order-record.js';
import { DEFAULT_POLICY } from '../../../src/domain/policy.js';
import { compileOrder } from '../../../src/rules/compile.js';
import { checkOrder } from '../../../src/rules/order-checks.js';
import { listWindows } from '../../../src/rules/window-listing.js';
import type { Chance } from '../chance.js';
import { mutateJson } from '../mutate-json.js';
import { must } from '../target.js';

const ORDERS = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'orders');
const DAY_MS = 86_400_000;
const circle = { kind: 'circle' as const, center: [-1.5, 53.8] as [number, number], radiusM: 300 };

const words = {
  names: [
    'tolerance_s',
    'absences',
    'timetable',
    'dated',
    'weekly',
    'addresses',
    'zone',
    'zone_id',
    'policy',
    'hdc',
    'minor_max_min',
    'effective',
    'to',
    'appointments',
    'limit_ug_l',
  ],
  texts: [
    'curfew',
    'exclusion_zone',
    'inclusion_zone',
    'attendance',
    'trail',
    'alcohol_abstinence',
    'alcohol_level',
    'MONDAY',
    'SUNDAY',
    'Europe/London',
    'Pacific/Apia',
    'America/Sao_Paulo',
    'Antarctica/Troll',
    '00:00',
    '23:59:59',
    '2026-03-29',
    '2100-01-01',
    'COMMUNITY',
    'BAIL',
    'home_unit',
    'tag',
    'primary',
  ],
};

export const target = {
  bytesMax: 16_384,
  seeds: () =>
    readdirSync(join(ORDERS, 'valid')).map((name) =>
      Buffer.from(JSON.stringify(JSON.parse(readFileSync(join(ORDERS, 'valid', name), 'utf8')))),
    ),
  mutate: (input: Buffer, other: Buffer, chance: Chance) => mutateJson(input, other, chance, words),
  run(input: Buffer): void {
    let json: unknown;
    try {
      json = JSON.parse(input.toString('utf8'));
    } catch {
      return;
    }
    const read = parseOrder(json);
    if (!read.ok) {
      must(read.fault.length >= 1 && read.fault.length <= 100, 'a refusal tells 1 to 100 problems');
      return;
    }
    const order = read.value;
    const again = parseOrder(JSON.parse(JSON.stringify(orderToJson(order))));
    must(again.ok && isDeepStrictEqual(again.value, order), 'an order that was read is written as the same');
    must(isDeepStrictEqual(decodeOrder(encodeOrder(order)), order), 'an order comes out of a store as it went in');

    const problems = checkOrder(order, { zoneExists: () => true, overlapping: () => null });
    if (problems.length > 0) return;
    const compiled = compileOrder(order, () => circle, DEFAULT_POLICY, { edition: 'e', effectiveMs: order.startMs });
    must(compiled.order === order, 'an order is compiled');
    const startMs = order.startMs + Math.min(DAY_MS * 200, Math.floor((order.endMs - order.startMs) / 2));
    for (const window of listWindows(order, { startMs, endMs: startMs + 7 * DAY_MS })) {
      must(window.endMs > window.startMs, 'a window has a length');
      const appointment = window.kind === 'attendance';
      must(
        appointment || (window.startMs >= order.startMs && window.endMs <= order.endMs),
        'a window lies in its order',
      );
    }
  },
};
