/** A record in a segment: who said it, when, of what kind, and its body, each in a column of its own. */
import { type DeviceId, ID_EXPECTED, parseDeviceId } from '../domain/ids.js';
import {
  ALCOHOL_FLAGS,
  type DeviceRecord,
  type RecordBody,
  RF_KINDS,
  type RfKind,
  TAG_FLAGS,
  type TagStatus,
  UNIT_FLAGS,
} from '../domain/record.js';
import { unreachable } from '../domain/result.js';
import { Course } from './course.js';
import { Bytes, Choices, Counts, Differences, digitsOf, Texts } from './number-columns.js';
import { FormatRefused } from './packed.js';
import type { Channel } from './range-coder.js';
import { makeRecord } from './record.js';
import { FixColumns, FixCourse } from './segment-fix.js';

/** What passes: a record, who said it, and when it arrived (whole seconds). */
export interface Said {
  readonly deviceId: DeviceId;
  readonly receivedS: number;
  readonly record: DeviceRecord;
}

/** Stored: never renumbered, never used again. 0 is free, so that a run of zeros says nothing. */
const KINDS = { fix: 1, rf: 2, tag: 3, unit: 4, alcohol: 5, heartbeat: 6, unknown: 7 } as const;
type Kind = keyof typeof KINDS;
const kindBits = 3;
const kindNames = namesOf(KINDS);
const flagBits = 5;
const rfBits = 2;
const hashBytes = 16;
const digitContexts = 24;

/** What one device was like so far. */
class DeviceCourse {
  kind = 0;
  receivedS = 0;
  uptimeS = 0;
  uptimeAtMs = 0;
  batteryPct = 100;
  rssiDbm = 0;
  tacUgL = 0;
  readonly times = new Map<Kind, Course>();
  readonly fixes = new FixCourse();

  timesOf(kind: Kind): Course {
    const known = this.times.get(kind);
    if (known !== undefined) return known;
    const course = new Course();
    this.times.set(kind, course);
    return course;
  }
}

/** All columns of one segment, and what was said so far. Records must pass in the same order in both directions. */
export class RecordColumns {
  readonly #ids = new Texts();
  readonly #firmware = new Texts();
  readonly #kinds = new Choices(kindBits, 1 << kindBits);
  readonly #times = new Differences((1 << kindBits) * digitContexts);
  readonly #together = new Choices(1);
  readonly #delays = new Differences();
  readonly #plain = new Choices(1);
  readonly #raws = new Choices(1);
  readonly #raw = new Bytes();
  readonly #fixes = new FixColumns();
  readonly #rf = new Choices(rfBits, 1 << rfBits);
  readonly #rssi = new Differences();
  readonly #statuses = new Choices(1);
  readonly #batteries = new Choices(1, 2);
  readonly #battery = new Differences(2);
  readonly #flagCounts = new Counts(3);
  readonly #flags = new Choices(flagBits, 3);
  readonly #tac = new Differences();
  readonly #uptimes = new Differences();
  readonly #devices = new Map<DeviceId, DeviceCourse>();
  #timeMs: number;

  /** `fromMs`: about when the first record was said. */
  constructor(fromMs: number) {
    this.#timeMs = fromMs;
  }

  /** The writing end gives the record; both get it back. Throws `FormatRefused` for damaged bytes. */
  pass(channel: Channel, said: Said | null): Said {
    const deviceId = this.#passId(channel, said?.deviceId ?? null);
    const device = this.#deviceOf(deviceId);
    const body = said?.record.body ?? null;
    const kindNumber = this.#kinds.pass(channel, body === null ? 0 : KINDS[body.kind], device.kind);
    const kind = kindNames.get(kindNumber);
    if (kind === undefined) throw new FormatRefused(`a segment: body kind ${kindNumber} is not known here`);
    device.kind = kindNumber;
    const timeMs = this.#passTime(channel, device, kind, said?.record.timeMs ?? 0);
    const receivedS = this.#passArrival(channel, device, timeMs, said?.receivedS ?? 0);
    const passed = this.#passBody(channel, device, kind, timeMs, body);
    const { hash, raw } = this.#passIdentity(channel, timeMs, passed, said?.record ?? null);
    return { deviceId, receivedS, record: { timeMs, hash, body: passed, ...(raw !== null && { raw }) } };
  }

  #passId(channel: Channel, value: DeviceId | null): DeviceId {
    const id = parseDeviceId(this.#ids.pass(channel, value ?? ''));
    if (!id.ok) throw new FormatRefused(`a segment: damaged (an id is not ${ID_EXPECTED})`);
    return id.value;
  }

  #deviceOf(deviceId: DeviceId): DeviceCourse {
    const known = this.#devices.get(deviceId);
    if (known !== undefined) return known;
    const device = new DeviceCourse();
    this.#devices.set(deviceId, device);
    return device;
  }

  #passTime(channel: Channel, device: DeviceCourse, kind: Kind, value: number): number {
    const course = device.timesOf(kind);
    const guess = course.guess(this.#timeMs);
    const context = KINDS[kind] * digitContexts + Math.min(digitsOf(Math.round(course.spread(0))), digitContexts - 1);
    const timeMs = guess + this.#times.pass(channel, value - guess, context);
    course.learn(timeMs, 0);
    this.#timeMs = timeMs;
    return timeMs;
  }

  #passArrival(channel: Channel, device: DeviceCourse, timeMs: number, value: number): number {
    // records of one upload arrive together
    const same = this.#together.pass(channel, value === device.receivedS ? 1 : 0) === 1;
    if (same) return device.receivedS;
    const seen = Math.floor(timeMs / 1000);
    device.receivedS = seen + this.#delays.pass(channel, value - seen);
    return device.receivedS;
  }

  #passBody(channel: Channel, device: DeviceCourse, kind: Kind, timeMs: number, body: RecordBody | null): RecordBody {
    switch (kind) {
      case 'fix':
        return this.#fixes.pass(channel, device.fixes, body?.kind === 'fix' ? body : null);
      case 'rf': {
        const value = body?.kind === 'rf' ? body : null;
        const tagId = this.#passId(channel, value?.tagId ?? null);
        const event = rfNames.get(this.#rf.pass(channel, RF_KINDS[value?.event ?? 'UNSPECIFIED'])) as RfKind;
        device.rssiDbm += this.#rssi.pass(channel, (value?.rssiDbm ?? 0) - device.rssiDbm);
        const hasStatus = this.#statuses.pass(channel, value === null || value.status === null ? 0 : 1) === 1;
        const status = hasStatus ? this.#passTag(channel, this.#deviceOf(tagId), value?.status ?? null) : null;
        return { kind: 'rf', tagId, event, rssiDbm: device.rssiDbm, status };
      }
      case 'tag':
        return this.#passTag(channel, device, body?.kind === 'tag' ? body : null);
      case 'unit': {
        const value = body?.kind === 'unit' ? body : null;
        const batteryPct = this.#passBattery(channel, device, 1, value?.batteryPct ?? null);
        return { kind: 'unit', flags: this.#passFlags(channel, UNIT, value?.flags ?? []), batteryPct };
      }
      case 'alcohol': {
        const value = body?.kind === 'alcohol' ? body : null;
        device.tacUgL += this.#tac.pass(channel, (value?.tacUgL ?? 0) - device.tacUgL);
        return {
          kind: 'alcohol',
          tacUgL: device.tacUgL,
          flags: this.#passFlags(channel, ALCOHOL, value?.flags ?? []),
        };
      }
      case 'heartbeat': {
        const value = body?.kind === 'heartbeat' ? body : null;
        const firmware = this.#firmware.pass(channel, value?.firmware ?? '');
        const expected = device.uptimeS + Math.round((timeMs - device.uptimeAtMs) / 1000);
        device.uptimeS = expected + this.#uptimes.pass(channel, (value?.uptimeS ?? 0) - expected);
        device.uptimeAtMs = timeMs;
        return { kind: 'heartbeat', firmware, uptimeS: device.uptimeS };
      }
      case 'unknown':
        return { kind: 'unknown' };
      default:
        return unreachable(kind);
    }
  }

  #passTag(channel: Channel, device: DeviceCourse, value: TagStatus | null): TagStatus {
    const batteryPct = this.#passBattery(channel, device, 0, value?.batteryPct ?? null);
    return { kind: 'tag', batteryPct, flags: this.#passFlags(channel, TAG, value?.flags ?? []) };
  }

  #passBattery(channel: Channel, device: DeviceCourse, context: number, value: number | null): number | null {
    if (this.#batteries.pass(channel, value === null ? 0 : 1, context) === 0) return null;
    device.batteryPct += this.#battery.pass(channel, (value ?? 0) - device.batteryPct, context);
    return device.batteryPct;
  }

  #passFlags<N extends string>(channel: Channel, { place, numbers, names }: FlagTable<N>, value: readonly N[]): N[] {
    const count = this.#flagCounts.pass(channel, value.length, place);
    const flags: N[] = [];
    for (let i = 0; i < count; i++) {
      const written = value[i];
      const number = this.#flags.pass(channel, written === undefined ? 0 : numbers[written], place);
      const name = names.get(number);
      if (name === undefined) throw new FormatRefused(`a segment: flag ${number} is not known here`);
      flags.push(name);
    }
    return flags;
  }

  /**
   * A record's identity is the hash of its bytes as they came. Those that this gateway would have written alike need
   * none kept; sixteen bytes that look like noise would cost more than the rest of the record.
   */
  #passIdentity(
    channel: Channel,
    timeMs: number,
    body: RecordBody,
    record: DeviceRecord | null,
  ): { hash: string; raw: Uint8Array | null } {
    const made = record === null ? readRecord(timeMs, body).hash : makeRecord(timeMs, body).hash;
    const plain = this.#plain.pass(channel, record === null || record.hash === made ? 1 : 0) === 1;
    const hash = plain ? made : passHash(channel, record?.hash ?? null);
    const hasRaw = this.#raws.pass(channel, record === null || record.raw === undefined ? 0 : 1) === 1;
    return { hash, raw: hasRaw ? this.#raw.pass(channel, record?.raw ?? Buffer.alloc(0)) : null };
  }
}

function passHash(channel: Channel, hash: string | null): string {
  const bytes = hash === null ? Buffer.alloc(hashBytes) : Buffer.from(hash, 'base64url');
  if (bytes.length !== hashBytes) throw new RangeError(`a record's hash has ${hashBytes} bytes, not ${bytes.length}`);
  for (let i = 0; i < hashBytes; i++) bytes[i] = channel.raw(8, bytes[i] as number);
  return bytes.toString('base64url');
}

/** What bounds the wire has, damaged bytes break. */
function readRecord(timeMs: number, body: RecordBody): DeviceRecord {
  try {
    return makeRecord(timeMs, body);
  } catch (error) {
    throw new FormatRefused(`a segment: damaged (${error instanceof Error ? error.message : String(error)})`);
  }
}

interface FlagTable<N extends string> {
  readonly place: number;
  readonly numbers: Readonly<Record<N, number>>;
  readonly names: ReadonlyMap<number, N>;
}

const TAG = { place: 0, numbers: TAG_FLAGS, names: namesOf(TAG_FLAGS) };
const UNIT = { place: 1, numbers: UNIT_FLAGS, names: namesOf(UNIT_FLAGS) };
const ALCOHOL = { place: 2, numbers: ALCOHOL_FLAGS, names: namesOf(ALCOHOL_FLAGS) };
const rfNames = namesOf(RF_KINDS);

function namesOf<N extends string>(numbers: Readonly<Record<N, number>>): ReadonlyMap<number, N> {
  return new Map((Object.keys(numbers) as N[]).map((name) => [numbers[name], name]));
}
