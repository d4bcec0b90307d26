/** Lines of `replay`: text → JSON → upload → the same line. */
import { isDeepStrictEqual } from 'node:util';
import { parseUploadLine, uploadLine } from '../../../src/codec/upload-json.js';
import type { Chance } from '../chance.js';
import { mutateJson } from '../mutate-json.js';
import { must } from '../target.js';

const TAG_FLAGS = ['STRAP_TAMPER_START', 'SELF_TEST_OK', 'JAMMING_END', 'MAINS_LOST', 'OBSTRUCTED', 'REMOVED'];
const words = {
  names: [
    'fix',
    'rf',
    'tag',
    'unit',
    'alcohol',
    'heartbeat',
    'flags',
    'battery_pct',
    'status',
    'mechanism',
    'lat_e7',
    'oldest_held',
    'attestation',
  ],
  texts: [
    ...TAG_FLAGS,
    'GNSS',
    'LBS',
    'ENTER',
    'EXIT',
    'PRESENT',
    'TAG-1',
    '18446744073709551615',
    '18446744073709551616',
    '0',
  ],
};
const at = Date.UTC(2026, 2, 8, 19);
const line = (...records: object[]): Buffer =>
  Buffer.from(JSON.stringify({ device_id: 'HU-1', received_ms: at, sequence: 7, records }));

export const target = {
  bytesMax: 8_192,
  seeds: () => [
    line({
      time_ms: at - 1,
      rf: { tag_id: 'TAG-1', kind: 'EXIT', rssi_dbm: -60, status: { battery_pct: 5, flags: ['CHARGING_START'] } },
    }),
    line({
      time_ms: at,
      fix: { lat_e7: 535_000_000, lon_e7: -15_000_000, accuracy_dm: 50, mechanism: 'GNSS', heading_cdeg: 1 },
    }),
    line(
      { time_ms: at, unit: { flags: ['MAINS_LOST'], battery_pct: 0 } },
      { time_ms: at, alcohol: { tac_ug_l: 300, flags: [1] } },
    ),
    line(
      { time_ms: at, heartbeat: { firmware: '1.2', uptime_s: 9 } },
      { time_ms: at, tag: { flags: ['MOTION_END'] } },
      { time_ms: at },
    ),
  ],
  mutate: (input: Buffer, other: Buffer, chance: Chance) => mutateJson(input, other, chance, words),
  run(input: Buffer): void {
    let json: unknown;
    try {
      json = JSON.parse(input.toString('utf8'));
    } catch {
      return;
    }
    const read = parseUploadLine(json);
    if (!read.ok) {
      must(read.fault.length > 0 && read.fault.length < 2_000, 'a refusal says in some words what is wrong');
      return;
    }
    const { records, sequence } = read.value.upload;
    must(records.length >= 1 && records.length <= 512 && sequence >= 1n && sequence < 2n ** 64n, 'a line is an upload');
    for (const { body } of records) {
      if (body.kind !== 'fix') continue;
      const isPlace = Math.abs(body.latE7) <= 900_000_000 && Math.abs(body.lonE7) <= 1_800_000_000;
      must(isPlace && Number.isInteger(body.latE7) && Number.isInteger(body.lonE7), 'a fix is on Earth');
    }
    const again = parseUploadLine(JSON.parse(uploadLine(read.value)));
    must(again.ok, 'a line that was read can be written and read');
    must(isDeepStrictEqual(again.value.upload, read.value.upload), 'a line that was read is written as the same');
  },
};
