/** The quarantine in LMDB: what was acknowledged and could not be understood, for a person to look at. */
import type { OneReader } from '../../crypto/one-reader.js';
import type { QuarantineReason } from '../../domain/entry.js';
import type { Quarantine, Quarantined, QuarantineLabel } from '../../ports/quarantine.js';
import type { Seals } from '../../ports/seals.js';
import { Environment, numberValue, readNumber, rows } from './environment.js';
import { PAYLOADS, QuarantineLabels } from './quarantine-labels.js';

export interface QuarantineKeys {
  /** Labels lie under it: both tiers list them. */
  readonly shared: Seals;
  /** Payloads are for the review service alone. */
  readonly reader: OneReader;
}

export class LmdbQuarantine extends QuarantineLabels implements Quarantine {
  readonly #reader: OneReader;

  /** In an environment that is shared with the engine's other stores. */
  constructor(env: Environment, keys: QuarantineKeys) {
    super(env, keys.shared);
    this.#reader = keys.reader;
  }

  static open(folder: string, keys: QuarantineKeys): LmdbQuarantine {
    return new LmdbQuarantine(Environment.open(folder), keys);
  }

  async keep(items: readonly Quarantined[]): Promise<void> {
    if (items.length === 0) return;
    const { key, rows: sealed } = await this.#seal(items);
    await this.env.transaction(() => {
      for (const { position, label, payload } of sealed) {
        if (this.labels.doesExist(position)) continue;
        key.put();
        this.labels.put(position, label);
        this.payloads.put(position, payload);
      }
    });
  }

  async relabel(position: number, reason: QuarantineReason): Promise<void> {
    await this.env.transaction(() => {
      const sealed = this.labels.get(position);
      if (sealed === undefined) return;
      this.labels.put(position, this.sealLabel({ ...this.openLabel(position, sealed), reason }));
    });
  }

  async remove(position: number): Promise<void> {
    await this.env.transaction(() => {
      this.labels.remove(position);
      this.payloads.remove(position);
    });
  }

  has(position: number): boolean {
    return this.labels.doesExist(position);
  }

  /** Field by field: what comes may carry more than what is kept. */
  async #seal(items: readonly Quarantined[]) {
    const newest = items.reduce((latest, { receivedMs }) => Math.max(latest, receivedMs), 0);
    const key = await this.#reader.keyAt(newest);
    const id = Buffer.from(key.id, 'hex');
    const sealed = items.map(({ position, deviceId, receivedMs, reason, bytes }) => {
      const label: QuarantineLabel = { position, deviceId, receivedMs, reason, byteLength: bytes.length };
      const payload = Buffer.concat([id, key.seal(PAYLOADS, String(position), bytes)]);
      return { position, label: this.sealLabel(label), payload };
    });
    const row = Buffer.concat([numberValue(newest), Buffer.from(key.jwe, 'latin1')]);
    return { key: { put: () => this.keys.put(key.id, row) }, rows: sealed };
  }

  async expire(beforeMs: number): Promise<number> {
    const old: QuarantineLabel[] = [];
    for (const label of this.list()) {
      // oldest first: what a clock that was set back has put behind a younger one goes with that
      if (label.receivedMs >= beforeMs) break;
      old.push(label);
    }
    if (old.length === 0) return 0;
    const gone = new Set(old.map(({ position }) => position));
    const used = new Set<string>();
    for (const { key, value } of rows(this.payloads)) if (!gone.has(key)) used.add(value.toString('hex', 0, 16));
    const spare = [...rows(this.keys)].filter(
      // one that was just made is about to be used
      ({ key, value }) => !used.has(key) && (readNumber(value) ?? 0) < beforeMs,
    );
    await this.env.transaction(() => {
      for (const position of gone) {
        this.labels.remove(position);
        this.payloads.remove(position);
      }
      for (const { key } of spare) this.keys.remove(key);
    });
    return old.length;
  }
}
