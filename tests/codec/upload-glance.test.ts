// What is told of an upload at a glance is what reading it would have told.
import fc from 'fast-check';
import t from 'tap';
import { decodeUpload, encodeUpload } from '../../src/codec/upload.js';
import { glanceAtUpload } from '../../src/codec/upload-glance.js';
import type { Upload } from '../../src/domain/record.js';
import { seed, uploads } from './arbitraries.js';

const told = ({ records }: Upload) => ({
  records: records.length,
  newestMs: Math.max(...records.map(({ timeMs }) => timeMs)),
});

t.test('it counts the records and finds the newest, wherever in the upload that stands', async (t) => {
  const result = fc.check(
    fc.property(uploads, (upload) => {
      const glance = glanceAtUpload(encodeUpload(upload));
      if (JSON.stringify(glance) !== JSON.stringify(told(upload))) throw new Error(`${JSON.stringify(glance)}`);
    }),
    { seed, numRuns: 300 },
  );
  t.notOk(result.failed, `seed ${result.seed} ${String(result.errorInstance).slice(0, 200)}`);
});

t.test('damaged bytes never throw, and whatever can be read can be glanced at', async (t) => {
  const result = fc.check(
    fc.property(uploads, fc.nat(), fc.nat(255), fc.boolean(), (upload, place, byte, cut) => {
      const bytes = encodeUpload(upload);
      const at = place % bytes.length;
      const damaged = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
      if (!cut) damaged[at] = byte;
      const glance = glanceAtUpload(damaged);
      const read = decodeUpload(damaged);
      if (!read.ok) return;
      if (glance?.records !== read.value.records.length) throw new Error(`${JSON.stringify(glance)} at ${at}`);
    }),
    { seed, numRuns: 2_000 },
  );
  t.notOk(result.failed, `seed ${result.seed} ${String(result.errorInstance).slice(0, 200)}`);
});

t.test('what is no protobuf is nothing at a glance', async (t) => {
  t.equal(glanceAtUpload(Buffer.from([0xff, 0xff])), null);
  t.equal(glanceAtUpload(Buffer.from([0x12, 0x05, 0x08])), null, 'a record that runs over the end');
  t.same(glanceAtUpload(Buffer.alloc(0)), { records: 0, newestMs: 0 });
});
