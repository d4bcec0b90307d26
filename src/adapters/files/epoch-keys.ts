/** The hourly keys of the hot stores: made ahead of their hour, wrapped for both tiers, destroyed everywhere in time. */
import { randomBytes } from 'node:crypto';
import { unwrapNamedKey, wrapKey } from '../../crypto/device-keys.js';
import { EpochSeals, epochAt, isOverdue } from '../../crypto/epoch-seals.js';
import { KeyUnwrapFailed } from '../../crypto/key-jwe.js';
import { mustBeEpoch } from '../../crypto/seals.js';
import type { TierKeys } from './tier-keys.js';

const PREFIX = 'epoch-';
const fileOf = (epoch: number): string => `${PREFIX}${epoch}`;
const kidOf = (epoch: number): string => `epoch:${epoch}`;

/** The ingest tier's: the only one that makes them. */
export class EpochKeys {
  readonly seals: EpochSeals;
  #turning: Promise<void> = Promise.resolve();

  private constructor(
    private readonly tier: TierKeys,
    now: () => number,
  ) {
    this.seals = new EpochSeals(tier.names, now);
  }

  /**
   * Loads what the vault holds, overdue keys as well: what a gateway that was down for days has not judged or re-sealed
   * is opened once more at its start, before the first `turn` destroys them. Copies that a crash kept from the review tier
   * are given to it.
   */
  static async open(tier: TierKeys, now: () => number): Promise<EpochKeys> {
    const keys = new EpochKeys(tier, now);
    for (const epoch of await epochsIn(tier)) {
      const key = await readKey(tier, epoch);
      if (key === null) continue;
      if (!isOverdue(epoch, now())) await keys.#share(epoch, key);
      keys.seals.add(epoch, key);
      key.fill(0);
    }
    return keys;
  }

  /** Makes a key where there is none at all, so that something can be sealed. Destroys nothing. */
  async ensure(nowMs: number): Promise<void> {
    if (this.seals.epochs().length === 0) await this.turn(nowMs);
  }

  /**
   * The time is `nowMs`: this hour's key and the next one's are at hand afterwards, and what is overdue is destroyed, in
   * both vaults and in memory. `beforeDestroying` re-seals what is needed longer; it is not called when nothing is due.
   * A clock that was set back makes nothing, one that leaps makes what it needs and no hour in between.
   */
  turn(nowMs: number, beforeDestroying: () => Promise<void> = async () => {}): Promise<void> {
    const turn = this.#turning.then(() => this.#turn(nowMs, beforeDestroying));
    this.#turning = turn.catch(() => {});
    return turn;
  }

  async #turn(nowMs: number, beforeDestroying: () => Promise<void>): Promise<void> {
    const hour = epochAt(nowMs);
    let unmade: { readonly error: unknown } | null = null;
    try {
      await this.#makeUpTo(hour);
    } catch (error) {
      // a vault that takes nothing more (a full disk) can still forget: what is overdue goes all the same
      unmade = { error };
    }
    this.seals.advance(hour);
    const epochs = this.seals.epochs();
    // the newest stays even then: without any key nothing could be taken in, and nobody watched
    const overdue = epochs.filter((epoch) => isOverdue(epoch, nowMs) && epoch !== epochs.at(-1));
    if (overdue.length > 0) await beforeDestroying();
    for (const epoch of overdue) {
      // at hand until its files are gone: a destruction that fails is tried again at the next turn
      await this.tier.peer.vault.destroy(fileOf(epoch));
      await this.tier.vault.destroy(fileOf(epoch));
      this.seals.destroy(epoch);
    }
    if (unmade !== null) throw unmade.error;
  }

  async #makeUpTo(hour: number): Promise<void> {
    for (const epoch of [hour, hour + 1]) {
      const newest = this.seals.epochs().at(-1) ?? Number.NEGATIVE_INFINITY;
      if (epoch > newest) await this.#make(epoch);
    }
  }

  /** Durable in both vaults before anything is sealed under it. */
  async #make(epoch: number): Promise<void> {
    // one that was made and could not be shared is taken up again
    const made = await readKey(this.tier, epoch);
    const key = made ?? randomBytes(32);
    if (made === null) {
      await this.tier.vault.create(fileOf(epoch), await wrapKey(this.tier.opener.kek, key, kidOf(epoch)));
    }
    await this.#share(epoch, key);
    this.seals.add(epoch, key);
    key.fill(0);
  }

  async #share(epoch: number, key: Buffer): Promise<void> {
    const { vault, publicKey } = this.tier.peer;
    if ((await vault.read(fileOf(epoch))) !== null) return;
    await vault.create(fileOf(epoch), await wrapKey(publicKey, key, kidOf(epoch)));
  }
}

/** The review tier's: opens with its own copies, makes none. */
export class EpochReader {
  readonly seals: EpochSeals;
  #refreshing: Promise<void> = Promise.resolve();
  #listed = false;

  private constructor(private readonly tier: TierKeys) {
    this.seals = new EpochSeals(tier.names, null);
  }

  static async open(tier: TierKeys, nowMs: number): Promise<EpochReader> {
    const reader = new EpochReader(tier);
    await reader.refresh(nowMs);
    return reader;
  }

  /** For a command that looks, with either tier's keys: what lives is opened, and nothing is destroyed. */
  static async look(tier: TierKeys): Promise<EpochReader> {
    const reader = new EpochReader(tier);
    await reader.refresh(Number.NEGATIVE_INFINITY);
    return reader;
  }

  /**
   * Loads keys that have appeared, forgets those that are gone, and destroys its own copies of those that are overdue, also
   * while the ingest tier is down.
   */
  refresh(nowMs: number): Promise<void> {
    const refreshing = this.#refreshing.then(() => this.#refresh(nowMs));
    this.#refreshing = refreshing.catch(() => {});
    return refreshing;
  }

  async #refresh(nowMs: number): Promise<void> {
    const hour = epochAt(nowMs);
    // once as the folder has them; then by name, for the keys of a hundred thousand orders lie beside them
    const epochs = this.#listed
      ? new Set([...this.seals.epochs(), hour - 1, hour, hour + 1])
      : await epochsIn(this.tier);
    this.#listed = true;
    for (const epoch of epochs) {
      if (isOverdue(epoch, nowMs)) {
        // at hand until its file is gone, else nobody would try again
        await this.tier.vault.destroy(fileOf(epoch));
        this.seals.destroy(epoch);
      } else if (!this.seals.has(epoch)) {
        const key = await readKey(this.tier, epoch);
        if (key === null) continue;
        this.seals.add(epoch, key);
        key.fill(0);
      } else if ((await this.tier.vault.read(fileOf(epoch))) === null) this.seals.destroy(epoch);
    }
  }
}

/** Ascending. */
async function epochsIn({ vault }: TierKeys): Promise<number[]> {
  const names = (await vault.list('epoch-')).filter((name) => /^epoch-\d{1,10}$/.test(name));
  return names.map((name) => mustBeEpoch(Number(name.slice(PREFIX.length)))).sort((a, b) => a - b);
}

/** Null: it was destroyed meanwhile. */
async function readKey(tier: TierKeys, epoch: number): Promise<Buffer | null> {
  const wrapped = await tier.vault.read(fileOf(epoch));
  if (wrapped === null) return null;
  const { kid, key } = await unwrapNamedKey(tier.opener, wrapped);
  if (kid !== kidOf(epoch)) throw new KeyUnwrapFailed(`holds "${kid}", not the key of hour ${epoch}`);
  return key;
}
