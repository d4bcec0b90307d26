/** A simulated device's own half of the wire: its uploads, encoded and sealed under its session key. */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { encodeEnvelope } from '../codec/envelope.js';
import { encodeUpload } from '../codec/upload.js';
import { deriveKeys, sealEnvelope } from '../crypto/envelope.js';
import type { Upload } from '../domain/record.js';

export interface SealingDevice {
  readonly device_id: string;
  readonly cipher: 'A256GCM' | 'C20P';
  readonly session_key: string;
}

/** How a device wraps its uploads: protobuf, or the interoperable form. */
export type WireForm = 'envelope' | 'jwe';

const KEY_ID = 1;
const ONE_IN = 10;

/** One device in ten speaks JWE; which, is in its name. */
export function formOf(deviceId: string): WireForm {
  return createHash('sha256').update(deviceId).digest().readUInt32BE(0) % ONE_IN === 0 ? 'jwe' : 'envelope';
}

export class Sealer {
  private readonly key: Buffer;
  private readonly topic: string;
  /** Of a JWE, as it is sent. */
  private readonly header: string;

  constructor(
    private readonly device: SealingDevice,
    private readonly form: WireForm = 'envelope',
  ) {
    const keys = deriveKeys(Buffer.from(device.session_key, 'base64url'));
    this.key = form === 'jwe' ? keys.jwe : keys.up;
    this.topic = `em/v1/d/${device.device_id}/up`;
    const kid = `${device.device_id}:${KEY_ID}`;
    const header = { alg: 'dir', enc: 'A256GCM', kid, typ: 'em+jwe', dir: 'up' };
    this.header = Buffer.from(JSON.stringify(header)).toString('base64url');
  }

  /** The payload as it goes over MQTT; kept until it is acknowledged, it is sent again byte for byte. */
  seal(upload: Upload): Buffer {
    return this.form === 'jwe' ? this.sealJwe(encodeUpload(upload)) : this.sealEnvelope(upload);
  }

  private sealEnvelope(upload: Upload): Buffer {
    const ciphertext = sealEnvelope({
      key: this.key,
      cipher: this.device.cipher,
      keyId: KEY_ID,
      sequence: upload.sequence,
      topic: this.topic,
      plaintext: encodeUpload(upload),
    });
    return encodeEnvelope({ keyId: KEY_ID, sequence: upload.sequence, ciphertext });
  }

  /** The nonce is made from what it seals (no two uploads are the same), so that a run is the same again by its seed. */
  private sealJwe(plaintext: Buffer): Buffer {
    const nonce = createHmac('sha256', this.key).update(plaintext).digest().subarray(0, 12);
    const gcm = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(this.header, 'ascii'));
    const sealed = Buffer.concat([gcm.update(plaintext), gcm.final()]);
    const parts = [nonce, sealed, gcm.getAuthTag()].map((part) => part.toString('base64url'));
    return Buffer.from([this.header, '', ...parts].join('.'), 'ascii');
  }
}
