/** Opens the tiers that a process has key-encryption keys for: a gateway's own, or what an operator's command was given. */
import { randomBytes } from 'node:crypto';
import { FileKeyVault } from './file-key-vault.js';
import {
  initKeys,
  KeysMissing,
  openIngestTier,
  openReviewTier,
  type ReviewTier,
  type Tier,
  type TierKeys,
  vaultFolder,
} from './tier-keys.js';

/** What of the configuration the keys depend on. */
export interface KeySettings {
  readonly vaultDir: string;
  /** Key-encryption keys, 32 bytes each. */
  readonly kek?: Buffer | undefined;
  readonly reviewKek?: Buffer | undefined;
  readonly dev: boolean;
}

export interface Tiers {
  readonly ingest: TierKeys | null;
  readonly review: ReviewTier | null;
}

const DEV_KEK = 'dev-kek';
const SETTING: Readonly<Record<Tier, string>> = { ingest: 'KEK', review: 'REVIEW_KEK' };

/**
 * The tiers of `wanted`; null where no key-encryption key is at hand. A process that is wanted for one tier neither reads
 * nor needs the other's. `make`: what is missing is made (a gateway's first start with both); otherwise `KeysMissing`.
 */
export async function openTiers(
  settings: KeySettings,
  { make, wanted }: { readonly make: boolean; readonly wanted: readonly Tier[] },
): Promise<Tiers> {
  const keks = new Map<Tier, Buffer>();
  for (const tier of wanted) {
    const kek = given(settings, tier) ?? (await developmentKek(settings, tier, make));
    if (kek !== null) keks.set(tier, kek);
  }
  const [kek, reviewKek] = [keks.get('ingest'), keks.get('review')];
  if (make && kek !== undefined && reviewKek !== undefined) {
    await initKeys(settings.vaultDir, { ingest: kek, review: reviewKek });
  }
  return {
    ingest: kek === undefined ? null : await openIngestTier(settings.vaultDir, kek),
    review: reviewKek === undefined ? null : await openReviewTier(settings.vaultDir, reviewKek),
  };
}

/** The tier, or what to do about its absence. */
export function mustHave<T>(tier: T | null, name: Tier, vaultDir: string): T {
  if (tier !== null) return tier;
  const setting = SETTING[name];
  throw new KeysMissing(
    `${vaultDir} holds no development key of the ${name} tier: set ${setting} or ${setting}_FILE, or start serve --dev`,
  );
}

const given = ({ kek, reviewKek }: KeySettings, tier: Tier): Buffer | undefined =>
  tier === 'ingest' ? kek : reviewKek;

/** A development gateway makes keys for itself; nothing else has a default secret. */
async function developmentKek({ vaultDir, dev }: KeySettings, tier: Tier, make: boolean): Promise<Buffer | null> {
  const vault = await FileKeyVault.open(vaultFolder(vaultDir, tier));
  let text = await vault.read(DEV_KEK);
  if (text === null && dev && make) {
    await vault.create(DEV_KEK, randomBytes(32).toString('base64url'));
    text = await vault.read(DEV_KEK);
  }
  return text === null ? null : Buffer.from(text.trim(), 'base64url');
}
