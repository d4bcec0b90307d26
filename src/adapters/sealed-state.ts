/** A subject's state as the stores keep it: sealed together with its stream key, under a name that tells nothing. */
import { parseStreamKey, type StreamKey } from '../domain/ids.js';
import type { Seals } from '../ports/seals.js';
import type { StateBytes } from '../ports/subject-states.js';

const STORE = 'states';

/** All that it takes to seal: another thread than the one that opens may do it. */
export type Sealing = Pick<Seals, 'seal' | 'pseudonym'>;

export interface SealedState {
  /** The stream key's pseudonym: the field or key it is kept under, and the name its seal is bound to. */
  readonly field: string;
  readonly value: Buffer;
}

/** Plain: 1 byte length of the stream key · the key · the state record. The key lets a scan say whose state it is. */
export function sealState(seals: Sealing, key: string, record: StateBytes): SealedState {
  const name = Buffer.from(key, 'latin1');
  const plain = Buffer.allocUnsafe(1 + name.length + record.length);
  plain.writeUInt8(name.length, 0);
  plain.set(name, 1);
  plain.set(record, 1 + name.length);
  const field = seals.pseudonym(key);
  return { field, value: seals.seal(STORE, field, plain) };
}

export function openState(seals: Seals, field: string, value: Uint8Array): readonly [StreamKey, StateBytes] {
  const plain = seals.open(STORE, field, value);
  const nameEnd = 1 + plain.readUInt8(0);
  const key = parseStreamKey(plain.toString('latin1', 1, nameEnd));
  if (!key.ok) throw new Error(`a sealed state holds no stream key: ${key.fault}`);
  return [key.value, plain.subarray(nameEnd)];
}

const FIELD_BYTES = 32;

/** Seals states in bulk: on this thread, or on another. */
export interface StateSealer {
  /**
   * One after the other: field (32 bytes) · length (4, big-endian; 0: the state is removed) · sealed value. Rejects with what
   * the sealing throws.
   */
  sealed(states: readonly (readonly [StreamKey, StateBytes | null])[]): Promise<Uint8Array>;
}

export class OwnSealer implements StateSealer {
  readonly #seals: Sealing;

  constructor(seals: Sealing) {
    this.#seals = seals;
  }

  async sealed(states: readonly (readonly [StreamKey, StateBytes | null])[]): Promise<Uint8Array> {
    return packed(
      states.map(([stream, bytes]) =>
        bytes === null ? { field: this.#seals.pseudonym(stream), value: null } : sealState(this.#seals, stream, bytes),
      ),
    );
  }
}

/** As `StateSealer.sealed` says, in memory that is nothing else's. */
export function packed(
  states: readonly (SealedState | { readonly field: string; readonly value: null })[],
): Uint8Array<ArrayBuffer> {
  const length = states.reduce((sum, { value }) => sum + FIELD_BYTES + 4 + (value?.length ?? 0), 0);
  const memory = new ArrayBuffer(length);
  const bytes = Buffer.from(memory);
  let at = 0;
  for (const { field, value } of states) {
    at += bytes.write(field, at, 'latin1');
    at = bytes.writeUInt32BE(value?.length ?? 0, at);
    if (value !== null) bytes.set(value, at);
    at += value?.length ?? 0;
  }
  return new Uint8Array(memory);
}
