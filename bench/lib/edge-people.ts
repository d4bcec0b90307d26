/** People whose curfew begins at the same moment, most of them at home by then; and what must be told of the others. */
import { makeRecord } from '../../src/codec/record.js';
import type { UploadEntry } from '../../src/domain/entry.js';
import type { DeviceId, OrderId } from '../../src/domain/ids.js';
import type { Condition, Order } from '../../src/domain/order.js';
import type { RecordBody } from '../../src/domain/record.js';
import { WEEKDAYS } from '../../src/domain/timetable.js';
import { Random } from '../../src/sim/random.js';
import { fixBody, rfBody, tagBody } from '../../src/sim/report.js';
import { positionOf, spotAround } from './ground.js';
import { FIRST_DAY_MS, makeStreets, orderIdOf, type Person } from './people.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const HOUR = 19;

/** A Tuesday evening in winter time. */
export const EDGE_MS = FIRST_DAY_MS + 24 * HOUR_MS + HOUR * HOUR_MS;
/** The rules' default tolerance: an absence from the curfew's beginning on is told then. */
export const TOLD_MS = EDGE_MS + 5 * MINUTE_MS;
export const ORDERED_MS = EDGE_MS - HOUR_MS;
export const ALIVE_MS = EDGE_MS - 10 * MINUTE_MS;
const UPLOAD_DELAY_MS = 14_000;

/** Who is to be there: all that a process must be told to make the same people again. */
export interface EdgeCrowd {
  readonly seed: string;
  /** One of so many is not at home. */
  readonly absentEvery: number;
  readonly ownZones: number;
  readonly verticesPerZone: number;
}

/** As most people are: beside their own zones two shared towns, a home unit and a tag. */
export const OWN_ZONES = { ownZones: 2, verticesPerZone: 12 };

/** An order, and what its devices have said since it was taken in. */
export interface HeardPerson {
  readonly order: Order;
  readonly uploads: readonly Omit<UploadEntry, 'kind' | 'stream'>[];
}

export interface EdgePeople {
  readonly shared: ReturnType<typeof makeStreets>['shared'];
  person(index: number): HeardPerson;
  isAbsent(index: number): boolean;
  orderId(index: number): OrderId;
}

export function edgePeople({ seed, absentEvery, ...zones }: EdgeCrowd): EdgePeople {
  const streets = makeStreets({ seed, ...zones });
  // one of so many who follow each other; which, the seed says
  const isAbsent = (index: number): boolean =>
    index % absentEvery === Random.of(seed, 'absent', Math.floor(index / absentEvery)).whole(0, absentEvery - 1);
  return {
    shared: streets.shared,
    isAbsent,
    orderId: orderIdOf,
    person: (index) => heard(streets.person(index), Random.of(seed, 'evening', index), isAbsent(index)),
  };
}

function heard(person: Person, random: Random, absent: boolean): HeardPerson {
  const { unitId, tagId, area } = person;
  const conditions = person.order.conditions.map(
    (condition): Condition =>
      condition.kind !== 'curfew'
        ? condition
        : {
            ...condition,
            timetable: {
              ...condition.timetable,
              weekly: [{ days: WEEKDAYS, startS: HOUR * 3_600, endS: 7 * 3_600, addresses: ['home'] }],
            },
          },
  );
  const startMs = ORDERED_MS;
  const devices = person.order.devices.map((device) => ({ ...device, fromMs: startMs }));
  let sequence = 0n;
  const upload = (deviceId: DeviceId, timeMs: number, ...bodies: RecordBody[]) => {
    const records = bodies.map((body) => makeRecord(timeMs, body));
    sequence += 1n;
    return {
      receivedMs: timeMs + UPLOAD_DELAY_MS,
      deviceId,
      sequence,
      index: 0,
      // what was sealed is nowhere: as long as its digest would be
      digest: records[0]?.hash ?? '',
      records,
    };
  };
  const at = (fromMin: number, toMin: number): number => EDGE_MS - random.whole(fromMin * 60, toMin * 60) * 1_000;
  const [first, second, third] = [at(45, 55), at(25, 35), at(11, 20)];
  // neither in one of their own zones, which begin 400 m from home, nor in a town
  const place = absent ? spotAround(random, person.home, 150, 250) : spotAround(random, person.home, 0, 5);
  const [lon, lat] = positionOf(area, place);
  return {
    order: { ...person.order, startMs, devices, conditions },
    uploads: [
      upload(unitId, first, rfBody(tagId, 'ENTER')),
      upload(tagId, second, fixBody(lon, lat, 8), tagBody([], random.whole(60, 90))),
      upload(unitId, third, rfBody(tagId, absent ? 'EXIT' : 'PRESENT')),
    ],
  };
}
