/** bench/wire: what one upload costs from its payload to its sealed journal entry, in each form that devices speak. */
import { encodeEntries } from '../src/codec/entry-record.js';
import { makeRecord } from '../src/codec/record.js';
import { TierSeals } from '../src/crypto/seals.js';
import type { UploadEntry } from '../src/domain/entry.js';
import { type DeviceId, parseDeviceId, streamOfDevice } from '../src/domain/ids.js';
import type { DeviceRecord } from '../src/domain/record.js';
import { KeyRing } from '../src/intake/key-ring.js';
import { type GoodReading, readUpload } from '../src/intake/read-upload.js';
import type { EnrolledDevice } from '../src/ports/device-registry.js';
import { Sealer, type WireForm } from '../src/sim/sealer.js';
import { type Context, main } from './lib/main.js';
import { measured } from './lib/measure.js';
import type { Row } from './lib/result.js';

const NOW_MS = Date.UTC(2026, 2, 9, 20);
const KEY = Buffer.alloc(32, 7);
/** One group commit of a busy gateway. */
const BATCH = 256;
const DEVICES = 1_000;
const FORMS: readonly [WireForm, 'A256GCM' | 'C20P', string][] = [
  ['envelope', 'C20P', 'envelope, ChaCha20-Poly1305'],
  ['envelope', 'A256GCM', 'envelope, AES-256-GCM'],
  ['jwe', 'A256GCM', 'JWE, AES-256-GCM'],
];

await main({
  bench: 'wire',
  about:
    'One upload from its payload to its journal entry: key, open, decode, check, digest; then encoded and sealed in blocks ' +
    'as the journal does it. CPU time of the whole process, the best of five rounds.',
  aim: '≤ 15 µs an upload',
  labelTitle: 'form, fixes an upload',
  columns: [
    { key: 'bytes', title: 'payload bytes', better: 'less' },
    { key: 'openUs', title: 'open + decode + check, CPU µs', digits: 1, better: 'less' },
    { key: 'sealUs', title: 'encode + seal, CPU µs', digits: 1, better: 'less' },
    { key: 'allUs', title: 'together, CPU µs', digits: 1, better: 'less' },
  ],
  options: { uploads: { type: 'string', value: 'N', help: 'so many of each form (default: 50000)' } },
  run: async (context) => {
    const rows: Row[] = [];
    for (const records of [1, 10]) {
      for (const [form, cipher, name] of FORMS)
        rows.push(await one(context, form, cipher, `${name}, ${records}`, records));
    }
    return { rows, notes: ['A device’s first upload costs about a millisecond more: its key is unwrapped.'] };
  },
});

async function one(
  context: Context,
  form: WireForm,
  cipher: 'A256GCM' | 'C20P',
  label: string,
  records: number,
): Promise<Row> {
  const count = context.smallest ? 1_000 : context.number('uploads', 50_000);
  const ids = Array.from({ length: DEVICES }, (_, n) => idOf(`TAG-${n}`));
  const keys = new KeyRing({
    registry: { get: (deviceId) => enrolled(deviceId, cipher) },
    unwrap: async () => KEY,
    openAfterMs: 0,
    devicesMax: 2 * DEVICES,
  });
  const sealers = ids.map((id) => new Sealer({ device_id: id, cipher, session_key: KEY.toString('base64url') }, form));
  const payloads = Array.from({ length: count }, (_, n) => {
    const sequence = BigInt(n + 1);
    return sealers[n % DEVICES]!.seal({ sequence, oldestHeld: sequence, records: fixes(n, records) });
  });
  // the first of each device unwraps its key
  for (let n = 0; n < DEVICES; n++) await readUpload(ids[n]!, payloads[n % count]!, keys, NOW_MS);

  const seals = TierSeals.fromKey(KEY, 1);
  let [openMs, sealMs] = [Infinity, Infinity];
  for (let round = 0; round < 5; round++) {
    const read: GoodReading[] = [];
    const opening = measured(() => {
      for (let n = 0; n < count; n++) {
        const reading = readUpload(ids[n % DEVICES]!, payloads[n]!, keys, NOW_MS);
        if (!('kind' in reading) || reading.kind !== 'upload') throw new Error('an upload did not open');
        read.push(reading);
      }
    });
    const sealing = measured(() => {
      for (let at = 0; at < count; at += BATCH) {
        seals.seal(
          'journal',
          String(at),
          encodeEntries(read.slice(at, at + BATCH).map((one, n) => entryOf(ids[(at + n) % DEVICES]!, one))),
        );
      }
    });
    openMs = Math.min(openMs, opening.cpuMs);
    sealMs = Math.min(sealMs, sealing.cpuMs);
  }
  const us = (ms: number) => (1_000 * ms) / count;
  context.say(`wire: ${label}: ${us(openMs).toFixed(1)} + ${us(sealMs).toFixed(1)} µs`);
  return {
    label,
    cells: { bytes: payloads[0]!.length, openUs: us(openMs), sealUs: us(sealMs), allUs: us(openMs + sealMs) },
  };
}

function entryOf(deviceId: DeviceId, { upload, digest }: GoodReading): UploadEntry {
  return {
    kind: 'upload',
    stream: streamOfDevice(deviceId),
    receivedMs: NOW_MS,
    deviceId,
    sequence: upload.sequence,
    index: 0,
    digest,
    records: upload.records,
  };
}

function fixes(n: number, records: number): DeviceRecord[] {
  return Array.from({ length: records }, (_, i) =>
    makeRecord(NOW_MS - 600_000 + 60_000 * i, {
      kind: 'fix',
      latE7: 538_008_000 + n * 7 + i,
      lonE7: -15_491_000 - n * 3,
      accuracyDm: 42,
      speedCmS: 131,
      headingCdeg: 9_000,
      satellites: 11,
      hdopCenti: 87,
      mechanism: 'GNSS',
      altitudeDm: 520,
    }),
  );
}

function enrolled(deviceId: DeviceId, cipher: 'A256GCM' | 'C20P'): EnrolledDevice {
  return {
    deviceId,
    kind: 'tag',
    passwordHash: '',
    identityJwk: null,
    wrappingJwe: null,
    keys: [{ keyId: 1, cipher, jwe: deviceId, notBeforeMs: 0, notAfterMs: null }],
    enrolledMs: 0,
    disabledMs: null,
  };
}

function idOf(text: string): DeviceId {
  const parsed = parseDeviceId(text);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}
