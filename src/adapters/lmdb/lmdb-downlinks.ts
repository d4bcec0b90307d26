/** What was told to devices, in an LMDB environment of intake's own: reserved numbers, and what still waits. */
import type { DeviceId } from '../../domain/ids.js';
import { type DownlinkState, type Downlinks, FRESH_DOWNLINK_STATE } from '../../ports/downlinks.js';
import type { Seals } from '../../ports/seals.js';
import { type Db, Environment } from './environment.js';
import { EpochFence } from './epoch.js';

/** After a restore numbers go on from the machine's milliseconds × 2^20: no gateway sends a million in one. */
const RESTORED_SHIFT = 20n;
const META = 'meta';

interface Meta {
  readonly generation: number;
  /** Decimal: no number below is drawn any more. */
  readonly floor: string;
}

export class LmdbDownlinks implements Downlinks {
  readonly #env: Environment;
  readonly #seals: Seals;
  /** Device's pseudonym → sealed state. */
  readonly #states: Db<string>;
  /** Device's pseudonym → sealed number, the next that nobody was given. */
  readonly #next: Db<string>;
  readonly #meta: Db<string>;
  #known: Meta;

  private constructor(env: Environment, seals: Seals) {
    this.#env = env.enter();
    this.#seals = seals;
    this.#states = env.db('downlink-states');
    this.#next = env.db('downlink-sequences');
    this.#meta = env.db('downlink-meta');
    this.#known = this.#readMeta();
  }

  static open(folder: string, seals: Seals): LmdbDownlinks {
    return new LmdbDownlinks(Environment.open(folder), seals);
  }

  get generation(): number {
    return this.#known.generation;
  }

  async reserve(deviceId: DeviceId, count: number): Promise<bigint> {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`${count} numbers cannot be reserved`);
    const name = this.#seals.pseudonym(deviceId);
    return this.#env.transaction(() => {
      const sealed = this.#next.get(name);
      const next = sealed === undefined ? 1n : BigInt(this.#seals.open('downlink-sequences', name, sealed).toString());
      const floor = BigInt(this.#readMeta().floor);
      const first = next > floor ? next : floor;
      const after = Buffer.from(String(first + BigInt(count)));
      this.#next.put(name, this.#seals.seal('downlink-sequences', name, after));
      return first;
    });
  }

  state(deviceId: DeviceId): DownlinkState {
    const name = this.#seals.pseudonym(deviceId);
    return this.#read(name);
  }

  async update(deviceId: DeviceId, change: (state: DownlinkState) => DownlinkState): Promise<DownlinkState> {
    const name = this.#seals.pseudonym(deviceId);
    return this.#env.transaction(() => {
      const state = change(this.#read(name));
      this.#states.put(name, this.#seals.seal('downlink-states', name, Buffer.from(JSON.stringify(state, asText))));
      return state;
    });
  }

  async rotateBeforeDownlink(nowMs: number): Promise<void> {
    this.#known = await this.#env.transaction(() => {
      const { generation, floor } = this.#readMeta();
      const above = BigInt(Math.trunc(nowMs)) << RESTORED_SHIFT;
      const meta: Meta = {
        generation: generation + 1,
        floor: String(above > BigInt(floor) ? above : BigInt(floor)),
      };
      this.#meta.put(META, this.#seals.seal('downlink-meta', META, Buffer.from(JSON.stringify(meta))));
      return meta;
    });
  }

  /** What this process reserves and notes is refused (`Superseded`) from when a later owner has claimed. */
  claim(epoch: number): Promise<void> {
    return new EpochFence(this.#env, 'downlink-meta', 'epoch', `what devices are told in ${this.#env.folder}`).claim(
      epoch,
    );
  }

  close(): Promise<void> {
    return this.#env.leave();
  }

  #readMeta(): Meta {
    const sealed = this.#meta.get(META);
    if (sealed === undefined) return { generation: 0, floor: '1' };
    return JSON.parse(this.#seals.open('downlink-meta', META, sealed).toString()) as Meta;
  }

  #read(name: string): DownlinkState {
    const sealed = this.#states.get(name);
    if (sealed === undefined) return FRESH_DOWNLINK_STATE;
    return JSON.parse(this.#seals.open('downlink-states', name, sealed).toString(), asNumber) as DownlinkState;
  }
}

/** 64-bit numbers as decimals with an `n` behind: JSON knows none. */
const asText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
const asNumber = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
