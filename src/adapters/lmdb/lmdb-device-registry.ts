/** The device registry in LMDB: any process may enrol, and every process hears of it. */
import type { DeviceId } from '../../domain/ids.js';
import type { DeviceRegistry, EnrolledDevice } from '../../ports/device-registry.js';
import type { Seals } from '../../ports/seals.js';
import { type Db, Environment, numberValue, readNumber, rows } from './environment.js';
import { EpochFence } from './epoch.js';
import { Wakeups } from './wakeups.js';

/** How far the log of changes goes back; who looks more rarely is told of every device instead. */
const CHANGES_KEPT = 10_000;

export class LmdbDeviceRegistry implements DeviceRegistry {
  readonly #env: Environment;
  readonly #seals: Seals;
  /** Device's pseudonym → sealed device. */
  readonly #devices: Db<string>;
  /** Number of the change → device's pseudonym. */
  readonly #changes: Db<number>;
  readonly #meta: Db<string>;
  readonly #wakeups: Wakeups;

  private constructor(env: Environment, seals: Seals) {
    this.#env = env.enter();
    this.#seals = seals;
    this.#devices = env.db('devices');
    this.#changes = env.db('device-changes');
    this.#meta = env.db('device-meta');
    this.#wakeups = new Wakeups(() => {
      env.refresh();
      return this.#head();
    }, true);
  }

  static open(folder: string, seals: Seals): LmdbDeviceRegistry {
    return new LmdbDeviceRegistry(Environment.open(folder), seals);
  }

  get(deviceId: DeviceId): EnrolledDevice | null {
    return this.#byName(this.#seals.pseudonym(deviceId));
  }

  *list(): Generator<EnrolledDevice> {
    for (const { key, value } of rows(this.#devices)) yield this.#open(key, value);
  }

  async put(device: EnrolledDevice): Promise<void> {
    const name = this.#seals.pseudonym(device.deviceId);
    await this.#env.transaction(() => this.#store(name, device));
    this.#wakeups.look();
  }

  async update(deviceId: DeviceId, change: (device: EnrolledDevice) => EnrolledDevice): Promise<EnrolledDevice | null> {
    const name = this.#seals.pseudonym(deviceId);
    const stored = await this.#env.transaction(() => {
      const before = this.#byName(name);
      const after = before === null ? null : change(before);
      if (after !== null && after !== before) this.#store(name, after);
      return after;
    });
    this.#wakeups.look();
    return stored;
  }

  onChange(listener: (deviceId: DeviceId) => void): () => void {
    this.#env.refresh();
    let told = this.#head();
    return this.#wakeups.add(() => {
      const names = this.#changedSince(told);
      told = this.#head();
      for (const name of names) {
        const device = this.#byName(name);
        if (device !== null) listener(device.deviceId);
      }
    });
  }

  /** What this process changes is refused from when a later owner has claimed. Who only enrols claims nothing. */
  claim(epoch: number): Promise<void> {
    return new EpochFence(this.#env, 'device-meta', 'epoch', `the device registry in ${this.#env.folder}`).claim(epoch);
  }

  close(): Promise<void> {
    this.#wakeups.close();
    return this.#env.leave();
  }

  /** Within a transaction. */
  #store(name: string, device: EnrolledDevice): void {
    const change = this.#head() + 1;
    this.#devices.put(name, this.#seals.seal('devices', name, Buffer.from(JSON.stringify(device))));
    this.#changes.put(change, Buffer.from(name, 'latin1'));
    this.#changes.remove(change - CHANGES_KEPT);
    this.#meta.put('head', numberValue(change));
  }

  #head(): number {
    return readNumber(this.#meta.get('head')) ?? 0;
  }

  #changedSince(change: number): Set<string> {
    if (this.#head() - change >= CHANGES_KEPT) return new Set([...rows(this.#devices)].map(({ key }) => key));
    return new Set([...rows(this.#changes, change + 1)].map(({ value }) => value.toString('latin1')));
  }

  #byName(name: string): EnrolledDevice | null {
    const sealed = this.#devices.get(name);
    return sealed === undefined ? null : this.#open(name, sealed);
  }

  #open(name: string, sealed: Uint8Array): EnrolledDevice {
    return JSON.parse(this.#seals.open('devices', name, sealed).toString()) as EnrolledDevice;
  }
}
