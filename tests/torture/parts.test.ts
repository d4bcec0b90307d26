// The parts of the torture test that its short run does not come to: downlinks, the schedule, backlogs, the small disk.
import { statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { encodeDownlink } from '../../src/codec/downlink.js';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { deriveKeys, sealEnvelope } from '../../src/crypto/envelope.js';
import { NOTHING_TO_SAY } from '../../src/domain/downlink.js';
import { Random } from '../../src/sim/random.js';
import { temporaryFolder } from '../support/folder.js';
import { DownlinkReader } from './downlink.js';
import { FAULTS, possible, Schedule } from './faults.js';
import { personOf } from './people.js';
import { SmallDisk } from './small-disk.js';
import { BACKLOG_MS, backlogOf } from './storm.js';

t.test('a device reads which of its uploads are durable, under its own key and topic only', async (t) => {
  const { device } = personOf(1, 'D1', 'strap');
  const ack = [
    { first: 3n, last: 9n },
    { first: 2n ** 60n, last: 2n ** 60n },
  ];
  const sealed = (topic: string): Buffer => {
    const plaintext = encodeDownlink(7n, { ...NOTHING_TO_SAY, ack });
    const key = deriveKeys(Buffer.from(device.session_key, 'base64url')).down;
    const sealing = { key, cipher: 'A256GCM', keyId: 1, sequence: 7n, topic } as const;
    return encodeEnvelope({ keyId: 1, sequence: 7n, ciphertext: sealEnvelope({ ...sealing, plaintext }) });
  };
  const reader = new DownlinkReader(device);
  t.same(reader.open(sealed(`em/v1/d/${device.device_id}/down`))?.ack, ack);
  t.equal(reader.open(sealed('em/v1/d/another/down')), null);
});

t.test(
  'a seed brings the same faults, each of them sooner or later, and only those that a house can have',
  async (t) => {
    const lmdb = possible({ has: (name) => name === 'gateway' }, { reason: 'none' }, []);
    t.ok(lmdb.length >= 5);
    t.notOk(lmdb.some(({ name }) => /redis|broker|FLUSHALL|disk/.test(name)));
    const names = (seed: number): (string | undefined)[] => {
      const schedule = new Schedule(lmdb, Random.of(seed, 'faults'));
      return Array.from({ length: 60 }, () => schedule.next(1_000)?.name);
    };
    t.same(names(4), names(4));
    t.not(names(4).join(), names(5).join());
    t.equal(new Set(names(4)).size, lmdb.length);
    t.equal(new Schedule(lmdb, Random.of(1)).next(0.5), null, 'none fits into what is left');
    const listed = new Schedule(FAULTS, Random.of(1), ['FLUSHALL', 'kill api']);
    listed.urge('kill ingest');
    t.same(
      [listed.next(0), listed.next(0), listed.next(0), listed.next(0)].map((fault) => fault?.name),
      ['kill ingest', 'FLUSHALL', 'kill api', undefined],
    );
  },
);

t.test('a backlog is in order, has no two records of one moment, and its truth is over', async (t) => {
  for (const role of ['strap', 'battery', 'exclusion', 'quiet-tag'] as const) {
    const person = personOf(2, `B-${role}`, role);
    const toMs = Date.UTC(2026, 10, 22, 10);
    const { records, truth } = backlogOf(person, toMs - BACKLOG_MS, toMs, Random.of(2, role));
    const times = records.map(({ timeMs }) => timeMs);
    t.same(
      times,
      [...new Set(times)].sort((a, b) => a - b),
      role,
    );
    t.ok(times.every((ms) => ms > toMs - BACKLOG_MS && ms < toMs));
    t.ok(Math.max(...times.map((ms, i) => ms - (times[i - 1] ?? ms))) < 3_900_000, 'nobody is silent');
    t.ok(truth.every(({ endMs }) => endMs !== null && times.includes(endMs)));
    t.equal(truth.length > 0, role !== 'quiet-tag');
  }
});

t.test('a small disk is filled to its last byte, and freed', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const disk = new SmallDisk(join(folder.path, 'disk'), 4);
  t.teardown(() => disk.remove());
  if (disk.reason !== null) {
    t.pass(`no tmpfs can be mounted here: ${disk.reason}`);
    return;
  }
  t.ok(statfsSync(disk.path).blocks * 4_096 <= 4 * 1_048_576);
  disk.fill();
  t.throws(() => writeFileSync(join(disk.path, 'more'), Buffer.alloc(8_192)), { code: 'ENOSPC' });
  disk.free();
  writeFileSync(join(disk.path, 'more'), Buffer.alloc(8_192));
});
