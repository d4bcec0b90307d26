/** The epoch of a store's owner, kept in the store: whoever has a lower one may write nothing to its environment. */
import { Superseded } from '../../ports/subject-states.js';
import { type Db, type Environment, type Fence, type Guard, numberValue, readNumber } from './environment.js';

export class EpochFence {
  private readonly meta: Db<string>;
  #claimed: number | null = null;

  constructor(
    private readonly env: Environment,
    /** The database that the epoch lies in. */
    private readonly metaName: string,
    private readonly key: string,
    private readonly store: string,
  ) {
    this.meta = env.db(metaName);
  }

  /**
   * Throws `Superseded` unless `epoch` is the highest so far. Afterwards it guards the whole environment: what else this
   * process does there (a removal, a quarantined upload, an outcome of a command) is refused as well once it is superseded,
   * for it would rest on what it has not heard of.
   */
  async claim(epoch: number): Promise<void> {
    const guard = this.#claimed === null ? null : this.#guardOf(this.#claimed);
    this.env.guard(this.key, null);
    try {
      await this.env.transaction(() => {
        const held = readNumber(this.meta.get(this.key)) ?? 0;
        if (held >= epoch)
          throw new Superseded(`${this.store} belongs to epoch ${held}, so epoch ${epoch} may not have it`);
        this.meta.put(this.key, numberValue(epoch));
      });
    } catch (error) {
      this.env.guard(this.key, guard);
      throw error;
    }
    this.#claimed = epoch;
    this.env.guard(this.key, this.#guardOf(epoch));
  }

  /** Within a transaction: throws unless `epoch` is the one that claimed last. */
  check(epoch: number): void {
    checkFence(this.meta, this.fence(epoch));
  }

  /** For whoever checks it elsewhere. */
  fence(epoch: number): Fence {
    return { meta: this.metaName, key: this.key, epoch, store: this.store };
  }

  #guardOf(epoch: number): Guard {
    return { fence: this.fence(epoch), check: () => this.check(epoch) };
  }
}

/** Within a transaction: throws unless the store belongs to that epoch. */
export function checkFence(meta: Db<string>, { key, epoch, store }: Fence): void {
  const held = readNumber(meta.get(key)) ?? 0;
  if (held > epoch) throw new Superseded(`${store} belongs to epoch ${held}: epoch ${epoch} may write no more`);
  if (held < epoch) throw new Error(`${store} was not claimed for epoch ${epoch} (it holds ${held})`);
}
