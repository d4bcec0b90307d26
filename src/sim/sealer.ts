/** A simulated device's own half of the wire: its uploads, encoded and sealed under its session key. */
import { encodeEnvelope } from '../codec/envelope.js';
import { encodeUpload } from '../codec/upload.js';
import { deriveKeys, sealEnvelope } from '../crypto/envelope.js';
import type { Upload } from '../domain/record.js';

export interface SealingDevice {
  readonly device_id: string;
  readonly cipher: 'A256GCM' | 'C20P';
  readonly session_key: string;
}

const KEY_ID = 1;

export class Sealer {
  private readonly key: Buffer;
  private readonly topic: string;

  constructor(private readonly device: SealingDevice) {
    this.key = deriveKeys(Buffer.from(device.session_key, 'base64url')).up;
    this.topic = `em/v1/d/${device.device_id}/up`;
  }

  /** The payload as it goes over MQTT; kept until it is acknowledged, it is sent again byte for byte. */
  seal(upload: Upload): Buffer {
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
}
