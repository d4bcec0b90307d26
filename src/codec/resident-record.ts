/**
 * Plain values as one process keeps them in memory, for as long as it runs: short, exact, and read by nobody else. The names
 * of fields, and texts that many values share, are kept once beside them; positions are kept as devices and maps say them, in
 * whole 1e-7 degrees. What lasts has a format of its own (`order-record`).
 *
 * A value is a varint: 0 null · 1 true · 2 false · 3 a number · 4 a text · 5 an array, its length and values · 6 positions,
 * how many and the differences · 7 an object, its names and values · 8 a number of 1e-7 · from 10 on, even: an object of a known
 * form, its values; odd: a known text.
 */
import { CompactReader } from './compact-reader.js';
import { CompactWriter } from './compact-writer.js';

const CODE = {
  null: 0,
  true: 1,
  false: 2,
  number: 3,
  text: 4,
  array: 5,
  positions: 6,
  object: 7,
  e7: 8,
  known: 10,
} as const;
/** Beyond them names and texts are written out. */
const KNOWN_MAX = 2_048;
const KNOWN_LENGTH_MAX = 64;
const E7 = 1e7;

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** One name after the other leads to the code of a form: nothing is put together to look it up. */
interface FormNode {
  readonly next: Map<string, FormNode>;
  code: number | null;
}

export class ResidentCodec {
  readonly #to = new CompactWriter();
  /** Names of the fields of objects that came before, in their order. */
  readonly #forms: (readonly string[])[] = [];
  readonly #formCodes: FormNode = { next: new Map(), code: null };
  readonly #texts: string[] = [];
  readonly #textCodes = new Map<string, number>();
  readonly #ownNames: ReadonlySet<string>;

  /** `ownNames`: fields whose texts hardly any other value has. */
  constructor(ownNames: readonly string[]) {
    this.#ownNames = new Set(ownNames);
  }

  /** Null, finite and other numbers, texts, booleans, arrays and objects of these; nothing undefined. */
  encode(value: unknown): Buffer {
    this.#to.begin();
    this.#write(value as Plain, true);
    return this.#to.finish();
  }

  /** Exactly what this codec encoded. */
  decode(bytes: Uint8Array): unknown {
    const from = new CompactReader(bytes, 0);
    const value = this.#read(from);
    from.finish();
    return value;
  }

  #write(value: Plain, isShared: boolean): void {
    switch (typeof value) {
      case 'boolean':
        this.#to.whole(value ? CODE.true : CODE.false);
        break;
      case 'number':
        this.#writeNumber(value);
        break;
      case 'string':
        this.#writeText(value, isShared);
        break;
      default:
        if (value === null) this.#to.whole(CODE.null);
        else if (Array.isArray(value)) this.#writeArray(value);
        else this.#writeObject(value as { readonly [name: string]: Plain });
    }
  }

  #writeNumber(value: number): void {
    const isFraction = !Number.isInteger(value) && isE7(value);
    this.#to.whole(isFraction ? CODE.e7 : CODE.number);
    this.#to.number(isFraction ? Math.round(value * E7) : value);
  }

  #writeText(text: string, isShared: boolean): void {
    const known = isShared ? this.#textCode(text) : null;
    if (known === null) {
      this.#to.whole(CODE.text);
      this.#to.text(text);
    } else this.#to.whole(CODE.known + 2 * known + 1);
  }

  #writeArray(values: readonly Plain[]): void {
    const to = this.#to;
    if (arePositions(values)) {
      to.whole(CODE.positions);
      to.whole(values.length);
      let [lon, lat] = [0, 0];
      for (const position of values) {
        to.number(Math.round(position[0] * E7), lon);
        to.number(Math.round(position[1] * E7), lat);
        lon = Math.round(position[0] * E7);
        lat = Math.round(position[1] * E7);
      }
      return;
    }
    to.whole(CODE.array);
    to.whole(values.length);
    for (const value of values) this.#write(value, true);
  }

  #writeObject(value: { readonly [name: string]: Plain }): void {
    const names = Object.keys(value);
    const form = this.#formCode(names);
    if (form === null) {
      this.#to.whole(CODE.object);
      this.#to.whole(names.length);
      for (const name of names) this.#to.text(name);
    } else this.#to.whole(CODE.known + 2 * form);
    for (const name of names) this.#write(value[name] as Plain, !this.#ownNames.has(name));
  }

  #formCode(names: readonly string[]): number | null {
    let node = this.#formCodes;
    for (const name of names) {
      let next = node.next.get(name);
      if (next === undefined) {
        if (this.#forms.length >= KNOWN_MAX) return null;
        next = { next: new Map(), code: null };
        node.next.set(name, next);
      }
      node = next;
    }
    if (node.code === null && this.#forms.length < KNOWN_MAX) node.code = this.#forms.push(names) - 1;
    return node.code;
  }

  /** Null: it is long, or there are enough. */
  #textCode(text: string): number | null {
    if (text.length > KNOWN_LENGTH_MAX) return null;
    const known = this.#textCodes.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= KNOWN_MAX) return null;
    const code = this.#texts.push(text) - 1;
    this.#textCodes.set(text, code);
    return code;
  }

  #read(from: CompactReader): Plain {
    const what = from.whole();
    switch (what) {
      case CODE.null:
        return null;
      case CODE.true:
        return true;
      case CODE.false:
        return false;
      case CODE.number:
        return from.number();
      case CODE.e7:
        return from.figure() / E7;
      case CODE.text:
        return from.text();
      case CODE.array:
        return Array.from({ length: from.whole() }, () => this.#read(from));
      case CODE.positions:
        return readPositions(from);
      case CODE.object:
        return this.#readObject(
          from,
          Array.from({ length: from.whole() }, () => from.text() as string),
        );
      default: {
        const known = (what - CODE.known) >> 1;
        return what % 2 === 1 ? (this.#texts[known] as string) : this.#readObject(from, this.#forms[known] ?? []);
      }
    }
  }

  #readObject(from: CompactReader, names: readonly string[]): Plain {
    const value: { [name: string]: Plain } = {};
    for (const name of names) value[name] = this.#read(from);
    return value;
  }
}

function arePositions(values: readonly Plain[]): values is readonly (readonly [number, number])[] {
  return values.length > 0 && values.every((value) => Array.isArray(value) && value.length === 2 && value.every(isE7));
}

const isE7 = (degrees: Plain): boolean =>
  typeof degrees === 'number' && Math.abs(degrees) <= 360 && Object.is(Math.round(degrees * E7) / E7, degrees);

function readPositions(from: CompactReader): Plain {
  let [lon, lat] = [0, 0];
  return Array.from({ length: from.whole() }, () => {
    lon = from.figure(lon);
    lat = from.figure(lat);
    return [lon / E7, lat / E7];
  });
}
