/** The bodies of a record: generated protobuf messages ↔ nouns. Ranges are checked in `record-bounds`. */
import { type DeviceId, ID_EXPECTED, parseDeviceId } from '../domain/ids.js';
import {
  ALCOHOL_FLAGS,
  type AlcoholReading,
  type Heartbeat,
  type HomeUnitStatus,
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
import type { Reader, Writer } from './framing.js';
import { fairwatch } from './generated/wire.js';
import { readPlainFix } from './plain-fix.js';
import { WireFault } from './record-bounds.js';

const wire = fairwatch.wire.v1;

/** `whole`: encoding `body` again gives back everything that came. */
export interface ReadBody {
  readonly body: RecordBody;
  readonly whole: boolean;
}

/** Field numbers of the bodies in `Record`. */
export const BODY_FIELDS = { fix: 2, rf: 3, tag: 4, unit: 5, alcohol: 6, heartbeat: 7 } as const;

const mechanismNames = namesOf(MECHANISMS);
const rfKindNames = namesOf(RF_KINDS);
const tagFlagNames = namesOf(TAG_FLAGS);
const unitFlagNames = namesOf(UNIT_FLAGS);
const alcoholFlagNames = namesOf(ALCOHOL_FLAGS);

/** Reads the body of that field, `length` bytes from the reader's place; null: no body that we know. */
export function readBody(field: number, reader: Reader, length: number): ReadBody | null {
  switch (field) {
    case BODY_FIELDS.fix:
      return plainFix(reader, length) ?? readFix(wire.LocationFix.decode(reader, length));
    case BODY_FIELDS.rf:
      return readRf(wire.RfReading.decode(reader, length));
    case BODY_FIELDS.tag:
      return readTag(wire.TagStatus.decode(reader, length));
    case BODY_FIELDS.unit:
      return readUnit(wire.HomeUnitStatus.decode(reader, length));
    case BODY_FIELDS.alcohol:
      return readAlcohol(wire.AlcoholReading.decode(reader, length));
    case BODY_FIELDS.heartbeat:
      return readHeartbeat(wire.Heartbeat.decode(reader, length));
    default:
      return null;
  }
}

/** Writes the body's message without its tag and length; nothing for a body that is not ours. */
export function writeBody(body: RecordBody, writer: Writer): void {
  switch (body.kind) {
    case 'fix':
      wire.LocationFix.encode(
        {
          lat_e7: body.latE7,
          lon_e7: body.lonE7,
          accuracy_dm: body.accuracyDm,
          speed_cm_s: body.speedCmS,
          heading_cdeg: body.headingCdeg,
          satellites: body.satellites,
          hdop_centi: body.hdopCenti,
          mechanism: MECHANISMS[body.mechanism],
          altitude_dm: body.altitudeDm,
        },
        writer,
      );
      return;
    case 'rf':
      wire.RfReading.encode(
        {
          tag_id: body.tagId,
          kind: RF_KINDS[body.event],
          rssi_dbm: body.rssiDbm,
          status: body.status && tagMessage(body.status),
        },
        writer,
      );
      return;
    case 'tag':
      wire.TagStatus.encode(tagMessage(body), writer);
      return;
    case 'unit':
      wire.HomeUnitStatus.encode(
        { flags: body.flags.map((name) => UNIT_FLAGS[name]), battery_pct: body.batteryPct },
        writer,
      );
      return;
    case 'alcohol':
      wire.AlcoholReading.encode(
        { tac_ug_l: body.tacUgL, flags: body.flags.map((name) => ALCOHOL_FLAGS[name]) },
        writer,
      );
      return;
    case 'heartbeat':
      wire.Heartbeat.encode({ firmware: body.firmware, uptime_s: body.uptimeS }, writer);
      return;
    case 'unknown':
      return;
    default:
      unreachable(body);
  }
}

function plainFix(reader: Reader, length: number): ReadBody | null {
  const end = reader.pos + length;
  const body = end > reader.len ? null : readPlainFix(reader.buf, reader.pos, end);
  if (body === null) return null;
  reader.pos = end;
  return { body, whole: true };
}

function readFix(message: InstanceType<typeof wire.LocationFix>): ReadBody {
  const { lat_e7: latE7, lon_e7: lonE7 } = message;
  // explicit presence: a fix at (0, 0) is off the coast of Africa, and nobody was ever there
  if (latE7 == null || lonE7 == null) throw new WireFault('malformed_upload', 'a fix without lat_e7 or lon_e7');
  const mechanism = mechanismNames.get(message.mechanism);
  const body: LocationFix = {
    kind: 'fix',
    latE7,
    lonE7,
    accuracyDm: message.accuracy_dm,
    speedCmS: message.speed_cm_s,
    headingCdeg: message.heading_cdeg,
    satellites: message.satellites,
    hdopCenti: message.hdop_centi,
    mechanism: mechanism ?? 'UNSPECIFIED',
    altitudeDm: message.altitude_dm,
  };
  return { body, whole: understood(message) && mechanism !== undefined };
}

function readRf(message: InstanceType<typeof wire.RfReading>): ReadBody {
  const event = rfKindNames.get(message.kind);
  const status = message.status == null ? null : readTag(message.status);
  const body: RfReading = {
    kind: 'rf',
    tagId: tagIdOf(message.tag_id),
    event: event ?? 'UNSPECIFIED',
    rssiDbm: message.rssi_dbm,
    status: status?.body ?? null,
  };
  return { body, whole: understood(message) && event !== undefined && status?.whole !== false };
}

type TagMessage = Parameters<typeof wire.TagStatus.encode>[0];

function readTag(message: TagMessage): ReadBody & { readonly body: TagStatus } {
  const sent = message.flags ?? [];
  const flags = known(tagFlagNames, sent);
  const body: TagStatus = { kind: 'tag', batteryPct: message.battery_pct ?? null, flags };
  return { body, whole: understood(message) && flags.length === sent.length };
}

function tagMessage(status: TagStatus): TagMessage {
  return { battery_pct: status.batteryPct, flags: status.flags.map((name) => TAG_FLAGS[name]) };
}

function readUnit(message: InstanceType<typeof wire.HomeUnitStatus>): ReadBody {
  const flags = known(unitFlagNames, message.flags);
  const body: HomeUnitStatus = { kind: 'unit', flags, batteryPct: message.battery_pct ?? null };
  return { body, whole: understood(message) && flags.length === message.flags.length };
}

function readAlcohol(message: InstanceType<typeof wire.AlcoholReading>): ReadBody {
  const flags = known(alcoholFlagNames, message.flags);
  const body: AlcoholReading = { kind: 'alcohol', tacUgL: message.tac_ug_l, flags };
  return { body, whole: understood(message) && flags.length === message.flags.length };
}

function readHeartbeat(message: InstanceType<typeof wire.Heartbeat>): ReadBody {
  const body: Heartbeat = { kind: 'heartbeat', firmware: message.firmware, uptimeS: message.uptime_s };
  return { body, whole: understood(message) };
}

function tagIdOf(raw: string): DeviceId {
  const parsed = parseDeviceId(raw);
  if (!parsed.ok) throw new WireFault('out_of_bounds', `tag_id: expected ${ID_EXPECTED}`);
  return parsed.value;
}

function understood(message: { $unknowns?: Uint8Array[] }): boolean {
  return message.$unknowns === undefined;
}

/** The names of the numbers that we know; a newer device's others are dropped. */
function known<N>(names: ReadonlyMap<number, N>, numbers: readonly number[]): readonly N[] {
  const found: N[] = [];
  for (const number of numbers) {
    const name = names.get(number);
    if (name !== undefined) found.push(name);
  }
  return found;
}

function namesOf<N extends string>(numbers: Readonly<Record<N, number>>): ReadonlyMap<number, N> {
  return new Map((Object.keys(numbers) as N[]).map((name) => [numbers[name], name]));
}
