/** Changes to a protobuf message that leave its lengths right: fields gone, twice, swapped, of another type or number. */
import type { Chance } from './chance.js';
import { mutateBytes } from './mutate-bytes.js';
import { bytesOf, type Field, fieldsOf } from './protobuf-fields.js';

const TELLING = [
  0n,
  1n,
  2n,
  100n,
  101n,
  127n,
  128n,
  255n,
  512n,
  35_999n,
  36_000n,
  1_577_836_799_999n,
  1_577_836_800_000n,
];
const LARGE = [4_102_444_800_000n, 4_102_444_800_001n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n];
const LARGEST = [2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const depthMax = 4;

export function mutateProtobuf(input: Buffer, other: Buffer, chance: Chance): Buffer {
  if (chance.oneIn(5)) return mutateBytes(input, other, chance);
  const read = fieldsOf(input);
  if (read === null) return mutateBytes(input, other, chance);
  let fields: readonly Field[] = read;
  for (let left = 1 + chance.small(3); left > 0; left--) fields = changed(fields, fieldsOf(other) ?? [], chance, 0);
  return bytesOf(fields);
}

function changed(fields: readonly Field[], others: readonly Field[], chance: Chance, depth: number): readonly Field[] {
  const at = chance.int(fields.length + 1);
  const field = fields[at];
  if (field === undefined) return others.length === 0 ? fields : [...fields, chance.pick(others)];
  const by = (...instead: readonly Field[]): Field[] => fields.toSpliced(at, 1, ...instead);
  switch (chance.int(10)) {
    case 0:
      return by();
    case 1:
      return by(...Array<Field>(chance.oneIn(6) ? 513 : 2).fill(field));
    case 2:
      return others.length === 0 ? fields : by(field, chance.pick(others));
    case 3:
      return by({
        ...field,
        number: chance.oneIn(3) ? chance.pick([0, 15, 16, 2_047, 2 ** 29 - 1]) : 1 + chance.int(9),
      });
    case 4:
      return by({ ...field, wireType: chance.pick([0, 1, 2, 3, 4, 5]) });
    case 5: {
      const second = chance.int(fields.length);
      return by(fields[second] as Field).toSpliced(second, 1, field);
    }
    default:
      return by(inside(field, others, chance, depth));
  }
}

/** A change to the value itself; within bytes that may be a message, one of its fields. */
function inside(field: Field, others: readonly Field[], chance: Chance, depth: number): Field {
  if (field.wireType !== 2) {
    const near = field.value + BigInt(chance.int(5) - 2);
    const value = chance.oneIn(2) ? near : chance.pick([...TELLING, ...LARGE, ...LARGEST]);
    return { ...field, value: BigInt.asUintN(64, value) };
  }
  const inner = depth < depthMax && !chance.oneIn(5) ? fieldsOf(field.bytes) : null;
  const alike = others.find((other) => other.number === field.number && other.wireType === 2);
  if (inner === null) return { ...field, bytes: mutateBytes(field.bytes, alike?.bytes ?? Buffer.alloc(0), chance) };
  return {
    ...field,
    bytes: bytesOf(changed(inner, fieldsOf(alike?.bytes ?? Buffer.alloc(0)) ?? [], chance, depth + 1)),
  };
}
