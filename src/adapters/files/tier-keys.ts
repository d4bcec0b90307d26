/**
 * The two tiers' long-lived keys and where they lie: VAULT_DIR/ingest and VAULT_DIR/review, one wrapped key a file, the
 * public identity keys beside. A process opens the tier whose key-encryption key it was given, and no other.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type KeyOpener, KeyUnwrapFailed, octJwk, octKey, p256, unwrapJson, wrapJson } from '../../crypto/key-jwe.js';
import { newP256Jwk } from '../../crypto/new-p256.js';
import { Pseudonyms } from '../../crypto/pseudonyms.js';
import { TierSeals } from '../../crypto/seals.js';
import type { Seals } from '../../ports/seals.js';
import { readText, replaceFile, systemDisk } from './disk.js';
import { FileKeyVault } from './file-key-vault.js';

export type Tier = 'ingest' | 'review';

/** What both tiers have. */
export interface TierKeys {
  readonly tier: Tier;
  readonly vault: FileKeyVault;
  /** Opens what is wrapped for this tier. */
  readonly opener: KeyOpener;
  /** The other tier's vault, and the P-256 key to wrap for it with. */
  readonly peer: { readonly vault: FileKeyVault; readonly publicKey: KeyObject };
  /** This tier's own public key. */
  readonly publicKey: KeyObject;
  /** The same for both tiers and for ever. */
  readonly names: Pseudonyms;
  /** Shared zones, the device registry, alerts of devices without an order: things of no order. */
  readonly shared: Seals;
}

export interface ReviewTier extends TierKeys {
  /** What concerns nobody's order: register documents, audit entries. */
  readonly office: Seals;
  /** P-256, signs the audit log's heads. */
  readonly auditSigning: KeyObject;
}

/** There is no key to open the folder with; the message says what to do. */
export class KeysMissing extends Error {
  override readonly name = 'KeysMissing';
}

const IDENTITY = 'identity';
const SECRETS: Readonly<Record<Tier, readonly string[]>> = {
  ingest: ['names', 'shared'],
  review: ['names', 'shared', 'office'],
};
const AUDIT_SIGNING = 'audit-signing';
const other = (tier: Tier): Tier => (tier === 'ingest' ? 'review' : 'ingest');

export const vaultFolder = (vaultDir: string, tier: Tier): string => join(vaultDir, tier);
const publicName = (tier: Tier): string => `${tier}.public.jwk`;
/** In VAULT_DIR: what the heads of the audit log are checked with, by anyone. */
export const AUDIT_PUBLIC_KEY = `${AUDIT_SIGNING}.public.jwk`;

/**
 * Makes what is missing of the long-lived keys; returns the names of what it made (`ingest/names`). What one tier has and
 * the other lacks (a crash came between) is given to the other. Nothing is ever replaced.
 */
export async function initKeys(vaultDir: string, keks: Readonly<Record<Tier, Buffer>>): Promise<string[]> {
  const made: string[] = [];
  const vaults = {
    ingest: await FileKeyVault.open(vaultFolder(vaultDir, 'ingest')),
    review: await FileKeyVault.open(vaultFolder(vaultDir, 'review')),
  };
  const make = async (tier: Tier, name: string, content: () => unknown) => {
    const vault = vaults[tier];
    const found = await vault.read(name);
    if (found !== null) return contentOf({ kek: keks[tier], identity: null }, name, found);
    const jwk = content();
    await vault.create(name, await wrapJson(keks[tier], name, jwk));
    made.push(`${tier}/${name}`);
    return jwk;
  };
  const publish = async (path: string, jwk: unknown) => {
    const text = `${JSON.stringify(p256(createPublicKey(privateKeyOf(jwk))))}\n`;
    if ((await readText(systemDisk, join(vaultDir, path))) !== text)
      await replaceFile(systemDisk, vaultDir, path, text);
  };
  for (const tier of ['ingest', 'review'] as const)
    await publish(publicName(tier), await make(tier, IDENTITY, newP256Jwk));
  for (const name of SECRETS.ingest) {
    const [there, back] =
      (await vaults.ingest.read(name)) === null ? (['review', 'ingest'] as const) : (['ingest', 'review'] as const);
    const jwk = await make(there, name, () => octJwk(name, randomBytes(32)));
    await make(back, name, () => jwk);
  }
  await make('review', 'office', () => octJwk('office', randomBytes(32)));
  await publish(AUDIT_PUBLIC_KEY, await make('review', AUDIT_SIGNING, newP256Jwk));
  return made;
}

/** Which of the long-lived keys lie in a tier's vault; opens none. */
export async function listKeys(vaultDir: string, tier: Tier): Promise<string[]> {
  return (await FileKeyVault.open(vaultFolder(vaultDir, tier))).list();
}

/** Throws `KeysMissing` before `initKeys`, `KeyUnwrapFailed` under another key-encryption key. */
export async function openIngestTier(vaultDir: string, kek: Buffer): Promise<TierKeys> {
  return (await openTier(vaultDir, 'ingest', kek)).keys;
}

export async function openReviewTier(vaultDir: string, kek: Buffer): Promise<ReviewTier> {
  const { keys, content } = await openTier(vaultDir, 'review', kek);
  const office = TierSeals.fromKey(secretOf(await content('office'), 'office'), 1, keys.names);
  return { ...keys, office, auditSigning: privateKeyOf(await content(AUDIT_SIGNING)) };
}

async function openTier(vaultDir: string, tier: Tier, kek: Buffer) {
  const vault = await FileKeyVault.open(vaultFolder(vaultDir, tier));
  const content = async (name: string): Promise<unknown> => {
    const wrapped = await vault.read(name);
    if (wrapped !== null) return contentOf({ kek, identity: null }, name, wrapped);
    throw new KeysMissing(
      `${vaultDir}/${tier} holds no key "${name}": run \`fairwatch keys init\` with both KEKs first`,
    );
  };
  const identity = privateKeyOf(await content(IDENTITY));
  const names = new Pseudonyms(secretOf(await content('names'), 'names'));
  const keys: TierKeys = {
    tier,
    vault,
    opener: { kek, identity },
    peer: {
      vault: await FileKeyVault.openPeer(vaultFolder(vaultDir, other(tier))),
      publicKey: await readPublicKey(vaultDir, other(tier)),
    },
    publicKey: createPublicKey(identity),
    names,
    shared: TierSeals.fromKey(secretOf(await content('shared'), 'shared'), 1, names),
  };
  return { keys, content };
}

async function readPublicKey(vaultDir: string, tier: Tier): Promise<KeyObject> {
  const text = await readText(systemDisk, join(vaultDir, publicName(tier)));
  if (text === null)
    throw new KeysMissing(`${vaultDir} holds no ${publicName(tier)}: run \`fairwatch keys init\` first`);
  const key = createPublicKey({ key: JSON.parse(text) as never, format: 'jwk' });
  p256(key);
  return key;
}

async function contentOf(opener: KeyOpener, name: string, wrapped: string): Promise<unknown> {
  const { kid, content } = await unwrapJson(opener, wrapped);
  if (kid !== name) throw new KeyUnwrapFailed(`holds "${kid}", not "${name}"`);
  return content;
}

function privateKeyOf(jwk: unknown): KeyObject {
  try {
    return createPrivateKey({ key: jwk as never, format: 'jwk' });
  } catch {
    throw new KeyUnwrapFailed('holds no P-256 private key');
  }
}

function secretOf(jwk: unknown, name: string): Buffer {
  const key = octKey(jwk, name);
  if (key === null) throw new KeyUnwrapFailed(`holds no 256-bit key "${name}"`);
  return key;
}
