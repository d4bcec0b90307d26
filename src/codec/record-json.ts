/** The bodies of a record in JSON: the wire's field names, enums by name, what is 0 or absent left out. */
import { ID_EXPECTED, parseDeviceId } from '../domain/ids.js';
import {
  ALCOHOL_FLAGS,
  type LocationFix,
  MECHANISMS,
  type RecordBody,
  RF_KINDS,
  type RfReading,
  TAG_FLAGS,
  type TagStatus,
  UNIT_FLAGS,
} from '../domain/record.js';
import { unreachable } from '../domain/result.js';
import { JsonFault, JsonFields } from './json-fields.js';

const uint32Max = 0xffff_ffff;
const int32Min = -0x8000_0000;
const int32Max = 0x7fff_ffff;
const bodyNames = ['fix', 'rf', 'tag', 'unit', 'alcohol', 'heartbeat'] as const;

/** Reads the one body of a record; none that we know is the body of a newer device. Throws `JsonFault`. */
export function bodyOf(record: JsonFields, ignored: string[]): RecordBody {
  const present = bodyNames.filter((name) => record.has(name));
  const [name, second] = present;
  if (name === undefined) return { kind: 'unknown' };
  if (second !== undefined) throw record.fault(second, `one body beside time_ms (there is ${name} already)`);
  const fields = new JsonFields(record.value(name), record.pathOf(name));
  const body = readers[name](fields, ignored);
  ignored.push(...fields.unread());
  return body;
}

/** The member of a record that holds this body; nothing for a body that is not ours. */
export function membersOf(body: RecordBody): Record<string, unknown> {
  switch (body.kind) {
    case 'fix':
      return { fix: fixMembers(body) };
    case 'rf':
      return {
        rf: {
          tag_id: body.tagId,
          ...(body.event !== 'UNSPECIFIED' && { kind: body.event }),
          ...nonZero({ rssi_dbm: body.rssiDbm }),
          ...(body.status !== null && { status: tagMembers(body.status) }),
        },
      };
    case 'tag':
      return { tag: tagMembers(body) };
    case 'unit':
      return { unit: { ...flagsMember(body.flags), ...battery(body.batteryPct) } };
    case 'alcohol':
      return { alcohol: { ...nonZero({ tac_ug_l: body.tacUgL }), ...flagsMember(body.flags) } };
    case 'heartbeat':
      return {
        heartbeat: {
          ...(body.firmware !== '' && { firmware: body.firmware }),
          ...nonZero({ uptime_s: body.uptimeS }),
        },
      };
    case 'unknown':
      return {};
    default:
      return unreachable(body);
  }
}

const readers: Record<(typeof bodyNames)[number], (fields: JsonFields, ignored: string[]) => RecordBody> = {
  fix: readFix,
  rf: readRf,
  tag: readTag,
  unit: (fields, ignored) => ({
    kind: 'unit',
    flags: flags(fields, UNIT_FLAGS, ignored),
    batteryPct: fields.integerOr('battery_pct', 0, 100, null),
  }),
  alcohol: (fields, ignored) => ({
    kind: 'alcohol',
    tacUgL: uint32(fields, 'tac_ug_l'),
    flags: flags(fields, ALCOHOL_FLAGS, ignored),
  }),
  heartbeat: (fields) => ({
    kind: 'heartbeat',
    firmware: fields.has('firmware') ? fields.text('firmware') : '',
    uptimeS: uint32(fields, 'uptime_s'),
  }),
};

function readFix(fields: JsonFields, ignored: string[]): LocationFix {
  return {
    kind: 'fix',
    latE7: fields.integer('lat_e7', -900_000_000, 900_000_000),
    lonE7: fields.integer('lon_e7', -1_800_000_000, 1_800_000_000),
    accuracyDm: uint32(fields, 'accuracy_dm'),
    speedCmS: uint32(fields, 'speed_cm_s'),
    headingCdeg: fields.integerOr('heading_cdeg', 0, 35_999, 0),
    satellites: uint32(fields, 'satellites'),
    hdopCenti: uint32(fields, 'hdop_centi'),
    mechanism: enumOr(fields, 'mechanism', MECHANISMS, ignored) ?? 'UNSPECIFIED',
    altitudeDm: fields.integerOr('altitude_dm', int32Min, int32Max, 0),
  };
}

function readRf(fields: JsonFields, ignored: string[]): RfReading {
  const tagId = parseDeviceId(fields.value('tag_id'));
  if (!tagId.ok) throw fields.fault('tag_id', ID_EXPECTED);
  const event = enumOr(fields, 'kind', RF_KINDS, ignored) ?? 'UNSPECIFIED';
  const rssiDbm = fields.integerOr('rssi_dbm', int32Min, int32Max, 0);
  if (!fields.has('status')) return { kind: 'rf', tagId: tagId.value, event, rssiDbm, status: null };
  const inner = new JsonFields(fields.value('status'), fields.pathOf('status'));
  const status = readTag(inner, ignored);
  ignored.push(...inner.unread());
  return { kind: 'rf', tagId: tagId.value, event, rssiDbm, status };
}

function readTag(fields: JsonFields, ignored: string[]): TagStatus {
  const batteryPct = fields.integerOr('battery_pct', 0, 100, null);
  return { kind: 'tag', batteryPct, flags: flags(fields, TAG_FLAGS, ignored) };
}

const uint32 = (fields: JsonFields, name: string): number => fields.integerOr(name, 0, uint32Max, 0);

function enumOr<N extends string>(
  fields: JsonFields,
  name: string,
  numbers: Readonly<Record<N, number>>,
  ignored: string[],
): N | null {
  return fields.has(name) ? enumName(fields.value(name), numbers, fields.pathOf(name), ignored) : null;
}

function flags<N extends string>(
  fields: JsonFields,
  numbers: Readonly<Record<N, number>>,
  ignored: string[],
): readonly N[] {
  if (!fields.has('flags')) return [];
  return fields.list('flags').flatMap((value, i) => {
    const name = enumName(value, numbers, `${fields.pathOf('flags')}[${i}]`, ignored);
    return name === null ? [] : [name];
  });
}

/** By name, or by number as protobuf's JSON allows; one that is not known is passed over, as on the wire. */
function enumName<N extends string>(
  value: unknown,
  numbers: Readonly<Record<N, number>>,
  path: string,
  ignored: string[],
): N | null {
  if (typeof value !== 'string' && !Number.isInteger(value))
    throw new JsonFault(`${path}: expected one of ${Object.keys(numbers).join(', ')}`);
  const found = (Object.keys(numbers) as N[]).find((name) => name === value || numbers[name] === value);
  if (found === undefined) ignored.push(path);
  return found ?? null;
}

function fixMembers(fix: LocationFix): Record<string, unknown> {
  return {
    lat_e7: fix.latE7,
    lon_e7: fix.lonE7,
    ...nonZero({
      accuracy_dm: fix.accuracyDm,
      speed_cm_s: fix.speedCmS,
      heading_cdeg: fix.headingCdeg,
      satellites: fix.satellites,
      hdop_centi: fix.hdopCenti,
    }),
    ...(fix.mechanism !== 'UNSPECIFIED' && { mechanism: fix.mechanism }),
    ...nonZero({ altitude_dm: fix.altitudeDm }),
  };
}

const tagMembers = (status: TagStatus) => ({ ...battery(status.batteryPct), ...flagsMember(status.flags) });
const battery = (pct: number | null) => (pct === null ? {} : { battery_pct: pct });
const flagsMember = (names: readonly string[]) => (names.length === 0 ? {} : { flags: names });

function nonZero(numbers: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0));
}
