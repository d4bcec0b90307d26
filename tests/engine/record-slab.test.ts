// Records in a few large buffers: each is what was put last, whatever was put, grown, shrunk and removed around it.
import t from 'tap';
import { RecordSlab } from '../../src/engine/record-slab.js';
import { Random } from '../../src/sim/random.js';
import { seedOfRun } from '../rules/seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const filled = (random: Random, length: number): Buffer => Buffer.alloc(length, 1 + random.whole(0, 254));

t.test('what is read is what was put last, over many records of all lengths', async (t) => {
  const random = new Random(`records ${seed}`);
  const slab = new RecordSlab();
  const twin = new Map<number, Buffer>();
  const lengths = (): number => {
    const roll = random.whole(0, 99);
    if (roll < 70) return random.whole(1, 700);
    if (roll < 97) return random.whole(700, 20_000);
    return random.whole(100_000, 160_000);
  };
  for (let n = 0; n < 20_000; n += 1) {
    const slot = random.whole(0, 600);
    if (random.whole(0, 9) < 3) {
      slab.remove(slot);
      twin.delete(slot);
    } else {
      const bytes = filled(random, lengths());
      slab.put(slot, bytes);
      twin.set(slot, bytes);
    }
    const other = random.whole(0, 700);
    const [found, expected] = [slab.view(other), twin.get(other)];
    if (expected === undefined ? found !== null : found === null || !expected.equals(found)) {
      t.fail(`record ${other} after ${n} changes`);
      return;
    }
  }
  for (let slot = 0; slot <= 600; slot += 1) {
    const [found, expected] = [slab.view(slot), twin.get(slot)];
    if (expected === undefined ? found !== null : found === null || !expected.equals(found)) t.fail(`record ${slot}`);
  }
  t.ok(twin.size > 100);
});

t.test('no two records share a byte, and what is given back is used again', async (t) => {
  const random = new Random(`shared ${seed}`);
  const slab = new RecordSlab();
  const put = (lengthOf: () => number): void => {
    for (let slot = 0; slot < 10_000; slot += 1) slab.put(slot, filled(random, lengthOf()));
  };
  put(() => random.whole(300, 420));
  const once = slab.allocatedBytes;
  for (let round = 0; round < 20; round += 1) {
    for (let slot = 0; slot < 10_000; slot += 1) if (random.whole(0, 1) === 0) slab.remove(slot);
    put(() => random.whole(300, 420));
  }
  t.ok(slab.allocatedBytes < once * 1.5, `${slab.allocatedBytes} bytes after twenty rounds, ${once} after one`);
  for (let slot = 0; slot < 10_000; slot += 1) slab.remove(slot);
  const whole = slab.allocatedBytes;
  put(() => random.whole(40, 60));
  t.equal(slab.allocatedBytes, whole, 'smaller records lie where larger ones were');
  for (let slot = 0; slot < 10_000; slot += 1) {
    const bytes = slab.view(slot) as Buffer;
    if (!bytes.every((byte) => byte === bytes[0])) t.fail(`record ${slot} has bytes of another`);
  }
});

t.test('ten thousand records of 350 bytes take little more than their bytes', async (t) => {
  const slab = new RecordSlab();
  for (let slot = 0; slot < 10_000; slot += 1) slab.put(slot, Buffer.alloc(350, 1));
  t.ok(slab.allocatedBytes / 10_000 < 350 * 1.35, `${slab.allocatedBytes / 10_000} bytes a record`);
});
