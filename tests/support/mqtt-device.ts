/** A small synthetic device: enrolled with a seeded key, it seals uploads as firmware does and sends them by mqtt.js. */
import { createCipheriv, createHash } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { makeRecord } from '../../src/codec/record.js';
import { encodeUpload } from '../../src/codec/upload.js';
import { wrapKey } from '../../src/crypto/device-keys.js';
import { deriveKeys, sealEnvelope } from '../../src/crypto/envelope.js';
import { passwordHash } from '../../src/crypto/password.js';
import { type DeviceId, parseDeviceId } from '../../src/domain/ids.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import type { Cipher, EnrolledDevice, StoredSessionKey } from '../../src/ports/device-registry.js';

export interface UploadFields {
  readonly sequence: bigint;
  readonly records?: readonly DeviceRecord[];
  readonly oldestHeld?: bigint;
  /** The plaintext as it is to be sealed, instead of an upload. */
  readonly plaintext?: Uint8Array;
  readonly keyId?: number;
  readonly topic?: string;
}

export class TestDevice {
  readonly deviceId: DeviceId;
  readonly password: string;
  readonly cipher: Cipher;
  readonly topic: string;

  constructor(name: string, cipher: Cipher = 'A256GCM') {
    const parsed = parseDeviceId(name);
    if (!parsed.ok) throw new Error(parsed.fault);
    this.deviceId = parsed.value;
    this.password = seeded(`password of ${name}`).toString('base64url');
    this.cipher = cipher;
    this.topic = `em/v1/d/${name}/up`;
  }

  sessionKey(keyId = 1): Buffer {
    return seeded(`key ${keyId} of ${this.deviceId}`);
  }

  async storedKey(kek: Buffer, keyId = 1, notAfterMs: number | null = null): Promise<StoredSessionKey> {
    const jwe = await wrapKey(kek, this.sessionKey(keyId), `${this.deviceId}:${keyId}`);
    return { keyId, cipher: this.cipher, jwe, notBeforeMs: 0, notAfterMs };
  }

  async enrolled(kek: Buffer, change: Partial<EnrolledDevice> = {}): Promise<EnrolledDevice> {
    return {
      deviceId: this.deviceId,
      kind: 'tag',
      passwordHash: passwordHash(this.password),
      identityJwk: null,
      wrappingJwe: null,
      keys: [await this.storedKey(kek)],
      enrolledMs: 0,
      disabledMs: null,
      ...change,
    };
  }

  /** The payload of one upload. */
  seal({ sequence, records = [], oldestHeld = 0n, plaintext, keyId = 1, topic = this.topic }: UploadFields): Buffer {
    const plain = plaintext ?? encodeUpload({ sequence, oldestHeld, records });
    const key = deriveKeys(this.sessionKey(keyId)).up;
    const ciphertext = sealEnvelope({ key, cipher: this.cipher, keyId, sequence, topic, plaintext: plain });
    return encodeEnvelope({ keyId, sequence, ciphertext });
  }

  /** The same as a JWE; `header` beside or instead of what belongs there. */
  sealJwe(fields: UploadFields, o: { readonly header?: object; readonly key?: Buffer } = {}): Buffer {
    const { sequence, records = [], oldestHeld = 0n, plaintext, keyId = 1 } = fields;
    const plain = plaintext ?? encodeUpload({ sequence, oldestHeld, records });
    const kid = `${this.deviceId}:${keyId}`;
    const header = { alg: 'dir', enc: 'A256GCM', kid, typ: 'em+jwe', dir: 'up', ...o.header };
    const aad = Buffer.from(JSON.stringify(header)).toString('base64url');
    const nonce = seeded(`${kid} ${sequence} ${plain.toString('hex')}`).subarray(0, 12);
    const gcm = createCipheriv('aes-256-gcm', o.key ?? deriveKeys(this.sessionKey(keyId)).jwe, nonce).setAAD(
      Buffer.from(aad),
    );
    const sealed = Buffer.concat([gcm.update(plain), gcm.final()]);
    return Buffer.from(
      [aad, '', ...[nonce, sealed, gcm.getAuthTag()].map((part) => part.toString('base64url'))].join('.'),
    );
  }

  async connect(
    port: number,
    options: { readonly reconnectPeriod?: number; readonly connectTimeout?: number } = {},
  ): Promise<MqttClient> {
    return mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: this.deviceId,
      username: this.deviceId,
      password: this.password,
      reconnectPeriod: 0,
      ...options,
    });
  }
}

/** A heartbeat: a record that any device may send. */
export const heartbeat = (timeMs: number, uptimeS = 1): DeviceRecord =>
  makeRecord(timeMs, { kind: 'heartbeat', firmware: '1.0', uptimeS });

const seeded = (text: string): Buffer => createHash('sha256').update(`fairwatch test ${text}`).digest();
