/** What a device reads of a downlink: the ranges of its uploads that are durable. Opened and decoded by hand. */
import { createDecipheriv, hkdfSync } from 'node:crypto';
import type { SealingDevice } from '../../src/sim/sealer.js';

export interface Downlink {
  readonly ack: readonly { readonly first: bigint; readonly last: bigint }[];
}

const TAG_BYTES = 16;

export class DownlinkReader {
  readonly #key: Buffer;
  readonly #topic: Buffer;

  constructor(device: SealingDevice) {
    this.#key = Buffer.from(hkdfSync('sha256', Buffer.from(device.session_key, 'base64url'), '', 'em/v1 down', 32));
    this.#topic = Buffer.from(`em/v1/d/${device.device_id}/down`);
  }

  /** Null: it is not for this device's key (A256GCM, first key), or not a downlink. */
  open(payload: Buffer): Downlink | null {
    const envelope = fields(payload);
    const keyId = envelope.find(({ no }) => no === 1)?.number ?? 0n;
    const sequence = envelope.find(({ no }) => no === 2)?.number ?? 0n;
    const sealed = envelope.find(({ no }) => no === 3)?.bytes;
    if (sealed === undefined || sealed.length < TAG_BYTES) return null;
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(Number(keyId), 0);
    nonce.writeBigUInt64BE(sequence, 4);
    const gcm = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    gcm.setAAD(this.#topic).setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      const plain = Buffer.concat([gcm.update(sealed.subarray(0, sealed.length - TAG_BYTES)), gcm.final()]);
      const ack = fields(plain)
        .filter(({ no }) => no === 2)
        .map(({ bytes }) => {
          const range = fields(bytes ?? Buffer.alloc(0));
          return {
            first: range.find(({ no }) => no === 1)?.number ?? 0n,
            last: range.find(({ no }) => no === 2)?.number ?? 0n,
          };
        });
      return { ack };
    } catch {
      return null;
    }
  }
}

interface Field {
  readonly no: number;
  readonly number?: bigint;
  readonly bytes?: Buffer;
}

/** The fields of a protobuf message, in the order in which they stand. Throws on a wire type that is not used here. */
function fields(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('a varint that does not end');
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const no = tag >> 3;
    switch (tag & 7) {
      case 0:
        found.push({ no, number: varint() });
        break;
      case 1:
        found.push({ no, number: message.readBigUInt64LE(at) });
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        found.push({ no, bytes: message.subarray(at, at + length) });
        at += length;
        break;
      }
      default:
        throw new Error(`wire type ${tag & 7} in a downlink`);
    }
  }
  return found;
}
