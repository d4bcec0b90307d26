/** The quarantine in LMDB: what was acknowledged and could not be understood, for a person to look at. */
import { parseDeviceId } from '../../domain/ids.js';
import type { Quarantine, Quarantined } from '../../ports/quarantine.js';
import type { Seals } from '../../ports/seals.js';
import { type Db, Environment, rows } from './environment.js';

type Listed = Omit<Quarantined, 'bytes'> & { readonly byteLength: number };

export class LmdbQuarantine implements Quarantine {
  readonly #env: Environment;
  readonly #seals: Seals;
  /** Position → sealed reason, device, arrival, size; a list opens these alone. */
  readonly #labels: Db<number>;
  /** Position → sealed payload. */
  readonly #payloads: Db<number>;

  /** In an environment that is shared with the engine's other stores. */
  constructor(env: Environment, seals: Seals) {
    this.#env = env.enter();
    this.#seals = seals;
    this.#labels = env.db('quarantine');
    this.#payloads = env.db('quarantine-payloads');
  }

  static open(folder: string, seals: Seals): LmdbQuarantine {
    return new LmdbQuarantine(Environment.open(folder), seals);
  }

  /** For a process that only looks while the gateway runs. Throws while nothing was ever stored there. */
  static openReader(folder: string, seals: Seals): LmdbQuarantine {
    return new LmdbQuarantine(Environment.openReadOnly(folder), seals);
  }

  async keep(items: readonly Quarantined[]): Promise<void> {
    if (items.length === 0) return;
    const sealed = items.map((item) => this.#sealed(item));
    await this.#env.transaction(() => {
      for (const { position, label, payload } of sealed) {
        if (this.#labels.doesExist(position)) continue;
        this.#labels.put(position, label);
        this.#payloads.put(position, payload);
      }
    });
  }

  async replace(item: Quarantined): Promise<void> {
    const { position, label, payload } = this.#sealed(item);
    await this.#env.transaction(() => {
      if (!this.#labels.doesExist(position)) return;
      this.#labels.put(position, label);
      this.#payloads.put(position, payload);
    });
  }

  async remove(position: number): Promise<void> {
    await this.#env.transaction(() => {
      this.#labels.remove(position);
      this.#payloads.remove(position);
    });
  }

  has(position: number): boolean {
    return this.#labels.doesExist(position);
  }

  *list(): Generator<Listed> {
    for (const { key, value } of rows(this.#labels)) yield this.#open(key, value);
  }

  size(): number {
    return this.#labels.getKeysCount({});
  }

  get(position: number): Quarantined | null {
    const label = this.#labels.get(position);
    const payload = this.#payloads.get(position);
    if (label === undefined || payload === undefined) return null;
    const { byteLength: _, ...rest } = this.#open(position, label);
    return { ...rest, bytes: this.#seals.open('quarantine-payloads', String(position), payload) };
  }

  async expire(beforeMs: number): Promise<number> {
    const old = [...this.list()].filter(({ receivedMs }) => receivedMs < beforeMs);
    await this.#env.transaction(() => {
      for (const { position } of old) {
        this.#labels.remove(position);
        this.#payloads.remove(position);
      }
    });
    return old.length;
  }

  close(): Promise<void> {
    return this.#env.leave();
  }

  /** Field by field: what comes may carry more than what is kept. */
  #sealed({ position, deviceId, receivedMs, reason, bytes }: Quarantined) {
    const listed: Listed = { position, deviceId, receivedMs, reason, byteLength: bytes.length };
    return {
      position,
      label: this.#seals.seal('quarantine', String(position), Buffer.from(JSON.stringify(listed))),
      payload: this.#seals.seal('quarantine-payloads', String(position), bytes),
    };
  }

  #open(position: number, sealed: Uint8Array): Listed {
    const label = JSON.parse(this.#seals.open('quarantine', String(position), sealed).toString()) as Listed;
    const deviceId = parseDeviceId(label.deviceId);
    if (!deviceId.ok) throw new Error(`the quarantine's row ${position} names no device: ${deviceId.fault}`);
    return { ...label, deviceId: deviceId.value };
  }
}
