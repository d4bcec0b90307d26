/** Orders' keys for the ingest tier, as the review tier would have wrapped them: thousands a second, and no sync. */
import { createCipheriv, createECDH, createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { orderFile } from '../../src/adapters/files/order-key-ring.js';
import { type TierKeys, vaultFolder } from '../../src/adapters/files/tier-keys.js';
import { octJwk, p256 } from '../../src/crypto/key-jwe.js';
import type { Pseudonyms } from '../../src/crypto/pseudonyms.js';
import { TierSeals } from '../../src/crypto/seals.js';
import type { OrderId } from '../../src/domain/ids.js';

const ALG = 'ECDH-ES+A256KW';
const RFC3394_IV = Buffer.alloc(8, 0xa6);

/**
 * One ephemeral key and one archive key serve all: what it costs to open them is the same. The data keys are the orders'
 * own. They are at hand here until `forget`.
 */
export class OrderKeyFiles {
  readonly #folder: string;
  readonly #names: Pseudonyms;
  readonly #kek: Buffer;
  readonly #epk: unknown;
  readonly #archive: unknown;
  readonly #held = new Map<string, TierSeals>();

  private constructor(folder: string, names: Pseudonyms, to: KeyObject) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#names = names;
    const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const { d: _, ...epk } = p256(ephemeral);
    this.#epk = epk;
    this.#kek = agreedKey(ephemeral, to);
    this.#archive = { ...p256(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey), kid: 'archive' };
  }

  /** In the ingest tier's part of the vault, for its identity. */
  static of(vaultDir: string, tier: TierKeys): OrderKeyFiles {
    return new OrderKeyFiles(vaultFolder(vaultDir, 'ingest'), tier.names, tier.publicKey);
  }

  make(orderId: OrderId): void {
    const name = this.nameOf(orderId);
    const data = randomBytes(32);
    this.#held.set(name, TierSeals.fromKey(data, 1, this.#names));
    writeFileSync(join(this.#folder, `${orderFile(name)}.key`), this.#wrap(name, data), { mode: 0o600, flag: 'wx' });
  }

  nameOf(orderId: OrderId): string {
    return this.#names.of(orderId);
  }

  sealsNamed(name: string): TierSeals | null {
    return this.#held.get(name) ?? null;
  }

  forget(): void {
    this.#held.clear();
  }

  #wrap(name: string, data: Buffer): string {
    const header = JSON.stringify({ alg: ALG, enc: 'A256GCM', kid: `order:${name}`, epk: this.#epk });
    const head = Buffer.from(header).toString('base64url');
    const content = randomBytes(32);
    const wrap = createCipheriv('id-aes256-wrap', this.#kek, RFC3394_IV);
    const nonce = randomBytes(12);
    const gcm = createCipheriv('aes-256-gcm', content, nonce).setAAD(Buffer.from(head, 'ascii'));
    const plain = JSON.stringify({ keys: [octJwk('data', data), this.#archive] });
    const sealed = Buffer.concat([gcm.update(plain), gcm.final()]);
    const parts = [Buffer.concat([wrap.update(content), wrap.final()]), nonce, sealed, gcm.getAuthTag()];
    return [head, ...parts.map((part) => part.toString('base64url'))].join('.');
  }
}

/** RFC 7518, 4.6.2, as `crypto/key-jwe` reads it. */
function agreedKey(ephemeral: KeyObject, to: KeyObject): Buffer {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(p256(ephemeral).d ?? '', 'base64url');
  const { x, y } = p256(to);
  const secret = ecdh.computeSecret(
    Buffer.concat([Buffer.of(4), Buffer.from(x ?? '', 'base64url'), Buffer.from(y ?? '', 'base64url')]),
  );
  const number = (value: number) => Buffer.from(Uint32Array.of(value).buffer).swap32();
  const alg = Buffer.from(ALG, 'ascii');
  const parts = [number(1), secret, number(alg.length), alg, number(0), number(0), number(256)];
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}
