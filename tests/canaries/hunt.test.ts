// The hunt itself: it finds a position in every encoding, and nothing in noise.
import t from 'tap';
import { CompactWriter } from '../../src/codec/compact-writer.js';
import { canaries } from './canaries.js';
import { CanaryHunt } from './hunt.js';
import { seededRandom } from './random.js';

const SEED = 7;
const all = canaries(10_000, SEED);
const hunt = new CanaryHunt(all);
const random = seededRandom(SEED);
const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
const some = all.filter((_, i) => i % 500 === 0);

const varint = (value: number): number[] => {
  let zigzag = value >= 0 ? value * 2 : -value * 2 - 1;
  const bytes: number[] = [];
  while (zigzag >= 0x80) {
    bytes.push((zigzag % 128) | 0x80);
    zigzag = Math.floor(zigzag / 128);
  }
  return [...bytes, zigzag];
};
const made = (size: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
};

const binary: Record<string, (lat: number, lon: number) => Buffer> = {
  'little-endian integers': (lat, lon) => made(8, (b) => b.writeInt32LE(lon, b.writeInt32LE(lat, 0))),
  'big-endian integers': (lat, lon) => made(8, (b) => b.writeInt32BE(lon, b.writeInt32BE(lat, 0))),
  'protobuf fields': (lat, lon) => Buffer.from([0x08, ...varint(lat), 0x10, ...varint(lon), 0x18, 0x50]),
  'a compact record': (lat, lon) => {
    const to = new CompactWriter();
    to.number(lat);
    to.number(lon);
    return to.finish();
  },
  'little-endian doubles of degrees': (lat, lon) =>
    made(16, (b) => b.writeDoubleLE(lon / 1e7, b.writeDoubleLE(lat / 1e7, 0))),
  'big-endian doubles of E7': (lat, lon) => made(16, (b) => b.writeDoubleBE(lon, b.writeDoubleBE(lat, 0))),
  'doubles of radians': (lat, lon) =>
    made(16, (b) => b.writeDoubleLE((lon / 1e7) * (Math.PI / 180), b.writeDoubleLE((lat / 1e7) * (Math.PI / 180), 0))),
  'little-endian floats': (lat, lon) => made(8, (b) => b.writeFloatLE(lon / 1e7, b.writeFloatLE(lat / 1e7, 0))),
  'big-endian floats': (lat, lon) => made(8, (b) => b.writeFloatBE(lon / 1e7, b.writeFloatBE(lat / 1e7, 0))),
};

for (const [name, encode] of Object.entries(binary)) {
  t.test(`a position is found as ${name}, bare, in hex and in base64, at any offset`, async (t) => {
    for (const [i, { latE7, lonE7 }] of some.entries()) {
      const bytes = encode(latE7, lonE7);
      const inside = Buffer.concat([noise(17 + i), bytes, noise(23)]);
      const forms = [
        inside,
        Buffer.from(`{"x":"${inside.toString('hex')}"}`),
        Buffer.from(`{"x":"${inside.toString('hex').toUpperCase()}"}`),
        Buffer.from(`{"x":"${inside.toString('base64')}"}`),
        Buffer.from(`eyJ.${inside.toString('base64url')}.x`),
      ];
      for (const form of forms) {
        const found = hunt.in(form);
        if (!found.some(({ canary }) => all[canary] === some[i])) {
          t.fail(`canary ${i} is not found: ${JSON.stringify(found)}`);
        }
      }
    }
    t.equal(some.length, 20);
  });
}

t.test('a position is found as text: decimal degrees, rounded and cut, and E7 as digits', async (t) => {
  for (const { latE7, lonE7 } of some) {
    for (const text of [
      `[${lonE7 / 1e7},${latE7 / 1e7}]`,
      `lat=${(latE7 / 1e7).toFixed(7)}`,
      `lat ${(latE7 / 1e7).toFixed(9)}`,
      `${(latE7 / 1e7).toFixed(5)}, ${(lonE7 / 1e7).toFixed(5)}`,
      `lon=${String(lonE7 / 1e7).slice(0, 8)} lat=${String(latE7 / 1e7).slice(0, 9)}`,
      `{"lat_e7":${latE7},"lon_e7":${lonE7}}`,
      `${lonE7} ${latE7}`,
    ]) {
      if (hunt.in(Buffer.from(text)).length === 0) t.fail(`${text} is not found`);
    }
  }
  t.equal(hunt.count, 10_000);
});

t.test('nothing is found in four megabytes of noise, nor in noise as hex and base64', async (t) => {
  const bytes = noise(4 * 1_048_576);
  t.same(hunt.in(bytes), []);
  t.same(hunt.in(Buffer.from(bytes.subarray(0, 400_000).toString('hex'))), []);
  t.same(hunt.in(Buffer.from(bytes.subarray(0, 400_000).toString('base64'))), []);
});

t.test('nothing is found in metrics: seconds of six places, sums with all the digits that a double has', async (t) => {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) => `x_seconds_total ${i % 2 ? random() * 60 : (random() * 60).toFixed(6)}`,
  );
  t.same(hunt.in(Buffer.from(lines.join('\n'))), []);
});
