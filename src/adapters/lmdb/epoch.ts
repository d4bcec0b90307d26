/** The epoch of a store's owner, kept in the store: whoever has a lower one may write nothing. */
import { Superseded } from '../../ports/subject-states.js';
import { type Db, type Environment, numberValue, readNumber } from './environment.js';

export class EpochFence {
  constructor(
    private readonly env: Environment,
    private readonly meta: Db<string>,
    private readonly key: string,
    private readonly store: string,
  ) {}

  async claim(epoch: number): Promise<void> {
    await this.env.transaction(() => {
      const held = readNumber(this.meta.get(this.key)) ?? 0;
      if (held >= epoch)
        throw new Superseded(`${this.store} belongs to epoch ${held}, so epoch ${epoch} may not have it`);
      this.meta.put(this.key, numberValue(epoch));
    });
  }

  /** Within a transaction: throws unless `epoch` is the one that claimed last. */
  check(epoch: number): void {
    const held = readNumber(this.meta.get(this.key)) ?? 0;
    if (held > epoch) throw new Superseded(`${this.store} belongs to epoch ${held}: epoch ${epoch} may write no more`);
    if (held < epoch) throw new Error(`${this.store} was not claimed for epoch ${epoch} (it holds ${held})`);
  }
}
