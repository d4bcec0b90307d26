/** A seeded evening of a few people under orders, played into a room: uploads, revisions, zone edits, poison, time. */
import { makeRecord } from '../../src/codec/record.js';
import type { ConditionId, DeviceId, OrderId, SubjectId, ZoneId } from '../../src/domain/ids.js';
import { streamOfOrder } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import type { DeviceRecord, RecordBody } from '../../src/domain/record.js';
import type { SharedZone } from '../../src/domain/zone.js';
import { seeded } from '../rules/seeded.js';
import { assigned, at, circle, curfew, exclusion, fix, orderOf, rf } from '../rules/step-driver.js';
import type { Room } from './room.js';

export const SHARED = 'ZONE-1' as ZoneId;
export const unitOf = (n: number): DeviceId => `HU-${n}` as DeviceId;
export const tagOf = (n: number): DeviceId => `TAG-${n}` as DeviceId;
export const orderIdOf = (n: number): OrderId => `ORD-${n}` as OrderId;

export const personOrder = (n: number, change: Partial<Order> = {}): Order =>
  orderOf({
    orderId: orderIdOf(n),
    subjectId: `SUB-${n}` as SubjectId,
    devices: [assigned(unitOf(n), 'home_unit'), assigned(tagOf(n), 'tag')],
    conditions: [curfew(), exclusion(circle(200)), { ...exclusion(SHARED, 'Z2'), conditionId: 'Z2' as ConditionId }],
    ...change,
  });
export const sharedZone = (radiusM: number, revision: number): SharedZone => ({
  zoneId: SHARED,
  revision,
  shape: circle(radiusM),
});

/** Orders, devices and the shared zone, at noon. */
export async function setUp(room: Room, people: number): Promise<void> {
  room.follower.start();
  const done = [await room.command({ kind: 'put_zone', zone: sharedZone(400, 1), by: 'test' })];
  for (let n = 0; n < people; n += 1) {
    done.push(await room.command({ kind: 'put_order', order: personOrder(n), by: 'test' }));
  }
  const refused = done.find((outcome) => !outcome.ok);
  if (refused !== undefined) throw new Error(JSON.stringify(refused));
}

export const NOON = at('12:00');

/** From 18:40 to half past midnight; `pause` is called between steps of the clock. */
export async function playEvening(
  room: Room,
  o: { readonly seed: number; readonly people: number; readonly pause?: (step: number) => Promise<void> },
): Promise<void> {
  const chance = seeded(o.seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const body = (n: number): readonly [DeviceId, RecordBody] => {
    const kind = chance();
    if (kind < 0.45) return [unitOf(n), rf(pick(['ENTER', 'EXIT', 'EXIT', 'PRESENT'] as const), tagOf(n))];
    if (kind < 0.8) return [tagOf(n), fix(Math.round(chance() * 1_200 - 600), pick([5, 60]))];
    if (kind < 0.87) return [unitOf(n), rf('PRESENT', tagOf((n + 1) % o.people))];
    if (kind < 0.93) {
      return [
        tagOf(n),
        {
          kind: 'tag',
          flags: [pick(['STRAP_TAMPER_START', 'STRAP_TAMPER_END'] as const)],
          batteryPct: pick([3, 15, 60]),
        },
      ];
    }
    return [
      unitOf(n),
      { kind: 'unit', flags: [pick(['MAINS_LOST', 'MAINS_RESTORED', 'MOVED', 'RESET'] as const)], batteryPct: null },
    ];
  };
  let sequence = 0;
  const start = at('18:40');
  for (let step = 0; step < 70; step += 1) {
    const nowMs = start + step * 300_000;
    await room.clock.advanceTo(nowMs);
    for (let n = 0; n < o.people; n += 1) {
      if (chance() < 0.25) continue;
      const said = Array.from({ length: 1 + Math.floor(chance() * 3) }, () => body(n));
      const byDevice = new Map<DeviceId, DeviceRecord[]>();
      for (const [index, [device, what]] of said.entries()) {
        const list = byDevice.get(device) ?? [];
        byDevice.set(device, [...list, makeRecord(nowMs - 60_000 + index * 15_000, what)]);
      }
      for (const [device, records] of byDevice) {
        sequence += 1;
        await room.upload(device, sequence, records);
      }
    }
    if (step === 20) await sure(room.command({ kind: 'put_zone', zone: sharedZone(250, 2), by: 'test' }));
    if (step === 30) {
      const change = { revision: 2, conditions: [curfew('19:00', '22:00'), exclusion(circle(200))] };
      await sure(room.command({ kind: 'put_order', order: personOrder(1, change), by: 'test' }));
    }
    if (step === 31) {
      const order = personOrder(2, { revision: 2, effectiveMs: at('22:10'), conditions: [exclusion(circle(200))] });
      await sure(room.command({ kind: 'put_order', order, by: 'test' }));
    }
    if (step % 9 === 4) {
      const device = unitOf(step % o.people);
      const common = {
        stream: streamOfOrder(orderIdOf(step % o.people)),
        receivedMs: nowMs,
        deviceId: device,
      } as const;
      await room.enter(
        { ...common, kind: 'quarantined', reason: 'bad_seal', bytes: Buffer.alloc(40, step) },
        { ...common, kind: 'integrity', type: 'integrity.bad_seal' },
      );
    }
    await o.pause?.(step);
  }
  await room.clock.advanceTo(at('00:30', 1));
  await room.settled();
}

async function sure(outcome: ReturnType<Room['command']>): Promise<void> {
  const settled = await outcome;
  if (!settled.ok) throw new Error(JSON.stringify(settled));
}
