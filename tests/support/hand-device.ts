/**
 * A device written from the wire's page alone: protobuf, HKDF, envelopes, JWE and the key exchange by hand on Node's own
 * cryptography. It shares no line with the gateway, so that what both agree on is the contract.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { asBytes, asFixed64, asText, asVarint } from '../codec/hand-protobuf.js';

export type HandCipher = 'A256GCM' | 'C20P';

/** A downlink as the device reads it; absent: not in it. */
export interface HandDownlink {
  readonly sequence: bigint;
  readonly keyId: number;
  readonly ack: { first: bigint; last: bigint }[];
  key?: string;
  config?: { report?: number; violation?: number; heartbeat?: number };
  notice?: number;
  resend?: { first: bigint; last: bigint };
  nextSequence?: bigint;
  serverTimeMs?: number;
}

interface SessionKey {
  readonly cipher: HandCipher;
  readonly key: Buffer;
}

export class HandDevice {
  readonly id: string;
  readonly up: string;
  readonly down: string;
  readonly password: string;
  readonly identity: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly wrappingKey: Buffer;
  readonly keys = new Map<number, SessionKey>();
  /** The newest that it was given. */
  keyId = 1;
  sequence = 0n;
  /** What it holds un-acknowledged, by sequence. */
  readonly held = new Map<bigint, Buffer>();
  readonly heard: HandDownlink[] = [];
  #lastDown = 0n;
  readonly #waiting = new Set<() => void>();

  constructor(id: string, cipher: HandCipher = 'A256GCM') {
    this.id = id;
    this.up = `em/v1/d/${id}/up`;
    this.down = `em/v1/d/${id}/down`;
    this.password = secret(`${id} password`).toString('base64url');
    this.wrappingKey = secret(`${id} wrapping key`);
    this.identity = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.keys.set(1, { cipher, key: secret(`${id} first key`) });
  }

  get identityJwk(): Record<string, unknown> {
    return { ...this.identity.publicKey.export({ format: 'jwk' }) };
  }

  /** The bytes of an upload with one heartbeat, under a new sequence (or the one given). */
  upload(timeMs: number, o: { sequence?: bigint; oldestHeld?: bigint; uptimeS?: number } = {}): Buffer {
    const sequence = o.sequence ?? this.sequence + 1n;
    if (sequence > this.sequence) this.sequence = sequence;
    const heartbeat = Buffer.concat([asText(1, '1.0'), asVarint(2, o.uptimeS ?? 1)]);
    const record = asBytes(2, asVarint(1, timeMs), asBytes(7, heartbeat));
    const held = o.oldestHeld === undefined ? [] : [asFixed64(3, o.oldestHeld)];
    return Buffer.concat([asFixed64(1, sequence), record, ...held]);
  }

  /** The envelope of such an upload. */
  seal(plain: Buffer, keyId = this.keyId): Buffer {
    const { cipher, key } = this.#key(keyId);
    const sequence = plain.readBigUInt64LE(1);
    const sealed = crypt('seal', cipher, hkdf(key, 'em/v1 up'), nonceOf(keyId, sequence), this.up, plain);
    if (sealed === null) throw new Error('sealing failed');
    return Buffer.concat([asVarint(1, keyId), asFixed64(2, sequence), asBytes(3, sealed)]);
  }

  /** The same upload as a JWE. */
  sealJwe(plain: Buffer, keyId = this.keyId): Buffer {
    const kid = `${this.id}:${keyId}`;
    const header = JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid, typ: 'em+jwe', dir: 'up' });
    const protectedHeader = Buffer.from(header).toString('base64url');
    const iv = createHash('sha256').update(plain).digest().subarray(0, 12);
    const sealed = crypt('seal', 'A256GCM', hkdf(this.#key(keyId).key, 'em/v1 jwe'), iv, protectedHeader, plain)!;
    const [text, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
    return Buffer.from([protectedHeader, '', ...[iv, text, tag].map((part) => part.toString('base64url'))].join('.'));
  }

  /** Listens from here on; PUBACK is sent by the client library. */
  async connect(port: number, o: { listen?: boolean; qos?: 0 | 1 } = {}): Promise<MqttClient> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: this.id,
      username: this.id,
      password: this.password,
      reconnectPeriod: 0,
    });
    client.on('message', (topic, payload) => this.take(topic, payload));
    if (o.listen !== false) await client.subscribeAsync(this.down, { qos: o.qos ?? 1 });
    return client;
  }

  /** Opens a downlink and follows it. */
  take(topic: string, payload: Buffer): void {
    const envelope = fieldsOf(payload);
    const keyId = Number(envelope.find(({ field }) => field === 1)?.value);
    const sequence = envelope.find(({ field }) => field === 2)?.value as bigint;
    const sealed = envelope.find(({ field }) => field === 3)?.bytes as Buffer;
    if (sequence <= this.#lastDown) throw new Error(`downlink ${sequence} after ${this.#lastDown}`);
    this.#lastDown = sequence;
    const { cipher, key } = this.#key(keyId);
    const plain = crypt('open', cipher, hkdf(key, 'em/v1 down'), nonceOf(keyId, sequence), topic, sealed);
    if (plain === null) throw new Error('the downlink does not open');
    const said = readDownlink(plain, keyId);
    if (said.sequence !== sequence) throw new Error('the sequences differ');
    this.heard.push(said);
    if (said.key !== undefined) this.#adopt(said.key);
    for (const { first, last } of said.ack) for (let n = first; n <= last; n += 1n) this.held.delete(n);
    if (said.nextSequence !== undefined && said.nextSequence > this.sequence + 1n)
      this.sequence = said.nextSequence - 1n;
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves with the first downlink that is so. */
  heardOne(is: (downlink: HandDownlink) => boolean): Promise<HandDownlink> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.heard.find(is);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  #adopt(jwe: string): void {
    const jwk = JSON.parse(this.openKey(jwe).toString()) as { kid: string; k: string; alg: HandCipher; kty: string };
    const [id, keyId] = [jwk.kid.slice(0, jwk.kid.lastIndexOf(':')), Number(jwk.kid.split(':').at(-1))];
    if (id !== this.id || jwk.kty !== 'oct') throw new Error(`a key for ${jwk.kid}`);
    this.keys.set(keyId, { cipher: jwk.alg, key: Buffer.from(jwk.k, 'base64url') });
    this.keyId = keyId;
  }

  /** RFC 7518 §4.6 (ECDH-ES+A256KW) or §4.4 (A256KW), then §5.3 (A256GCM). */
  openKey(jwe: string): Buffer {
    const [protectedHeader = '', ...rest] = jwe.split('.');
    const [wrapped, iv, text, tag] = rest.map((part) => Buffer.from(part, 'base64url')) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const header = JSON.parse(Buffer.from(protectedHeader, 'base64url').toString()) as {
      alg: string;
      enc: string;
      epk?: JsonWebKey;
    };
    if (header.enc !== 'A256GCM') throw new Error(header.enc);
    const kek = header.alg === 'A256KW' ? this.wrappingKey : this.#agree(header.alg, header.epk);
    const unwrap = createDecipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
    const contentKey = Buffer.concat([unwrap.update(wrapped), unwrap.final()]);
    const plain = crypt('open', 'A256GCM', contentKey, iv, protectedHeader, Buffer.concat([text, tag]));
    if (plain === null) throw new Error('the key does not open');
    return plain;
  }

  /** The concatenation KDF of NIST SP 800-56A, one round: counter, shared secret, algorithm, no parties, key bits. */
  #agree(alg: string, epk: JsonWebKey | undefined): Buffer {
    if (alg !== 'ECDH-ES+A256KW' || epk === undefined) throw new Error(alg);
    const publicKey = createPublicKey({ key: epk, format: 'jwk' });
    const shared = diffieHellman({ privateKey: this.identity.privateKey, publicKey });
    const word = (value: number) => Buffer.from([0, 0, value >> 8, value & 0xff]);
    const info = [word(1), shared, word(alg.length), Buffer.from(alg), word(0), word(0), word(256)];
    return createHash('sha256').update(Buffer.concat(info)).digest();
  }

  #key(keyId: number): SessionKey {
    const key = this.keys.get(keyId);
    if (key === undefined) throw new Error(`${this.id} has no key ${keyId}`);
    return key;
  }
}

const secret = (what: string): Buffer => createHash('sha256').update(`hand device ${what}`).digest();

/** RFC 5869 with one block of output: extract with a salt of 32 zeros, expand once. */
function hkdf(key: Buffer, info: string): Buffer {
  const prk = createHmac('sha256', Buffer.alloc(32)).update(key).digest();
  return createHmac('sha256', prk)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}

function nonceOf(keyId: number, sequence: bigint): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(keyId);
  nonce.writeBigUInt64BE(sequence, 4);
  return nonce;
}

function crypt(
  way: 'seal' | 'open',
  cipher: HandCipher,
  key: Buffer,
  nonce: Buffer,
  aad: string,
  bytes: Buffer,
): Buffer | null {
  const name = cipher === 'C20P' ? 'chacha20-poly1305' : 'aes-256-gcm';
  const options = { authTagLength: 16 };
  const length = { plaintextLength: bytes.length - (way === 'open' ? 16 : 0) };
  if (way === 'seal') {
    const sealing = createCipheriv(name as 'aes-256-gcm', key, nonce, options).setAAD(Buffer.from(aad), length);
    return Buffer.concat([sealing.update(bytes), sealing.final(), sealing.getAuthTag()]);
  }
  const opening = createDecipheriv(name as 'aes-256-gcm', key, nonce, options).setAAD(Buffer.from(aad), length);
  opening.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([opening.update(bytes.subarray(0, -16)), opening.final()]);
  } catch {
    return null;
  }
}

interface Field {
  readonly field: number;
  readonly value: bigint;
  readonly bytes: Buffer;
}

/** Every field of a protobuf message, in order: varints and fixed64 as numbers, the rest as bytes. */
function fieldsOf(message: Buffer): Field[] {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('cut short');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const fields: Field[] = [];
  while (at < message.length) {
    const key = Number(varint());
    const field = key >> 3;
    if ((key & 7) === 0) fields.push({ field, value: varint(), bytes: Buffer.alloc(0) });
    else if ((key & 7) === 1) {
      fields.push({ field, value: message.readBigUInt64LE(at), bytes: Buffer.alloc(0) });
      at += 8;
    } else if ((key & 7) === 2) {
      const length = Number(varint());
      fields.push({ field, value: 0n, bytes: message.subarray(at, at + length) });
      at += length;
    } else throw new Error(`wire type ${key & 7}`);
  }
  return fields;
}

export function readDownlink(plain: Buffer, keyId: number): HandDownlink {
  const said: HandDownlink = { sequence: 0n, keyId, ack: [] };
  const range = (bytes: Buffer) => {
    const ends = fieldsOf(bytes);
    return { first: ends[0]?.value ?? 0n, last: ends[1]?.value ?? 0n };
  };
  const read: Record<number, (field: Field) => void> = {
    1: ({ value }) => Object.assign(said, { sequence: value }),
    2: ({ bytes }) => said.ack.push(range(bytes)),
    3: ({ bytes }) => Object.assign(said, { key: bytes.toString() }),
    4: ({ bytes }) => {
      const names = ['', 'report', 'violation', 'heartbeat'];
      said.config = Object.fromEntries(fieldsOf(bytes).map((one) => [names[one.field], Number(one.value)]));
    },
    5: ({ value }) => Object.assign(said, { notice: Number(value) }),
    6: ({ bytes }) => Object.assign(said, { resend: range(bytes) }),
    7: ({ value }) => Object.assign(said, { nextSequence: value }),
    8: ({ value }) => Object.assign(said, { serverTimeMs: Number(value) }),
  };
  for (const field of fieldsOf(plain)) {
    const take = read[field.field];
    if (take === undefined) throw new Error(`field ${field.field} is not in the contract`);
    take(field);
  }
  return said;
}
