/** Sign-ins at the alert topics, in an LMDB environment of intake's own that the review tier reads. */

import type { Seals } from '../../ports/seals.js';
import type { PlacedSignIn, SignIn, SignIns } from '../../ports/sign-ins.js';
import { type Db, Environment } from './environment.js';
import { EpochFence } from './epoch.js';

const STORE = 'sign-ins';

export class LmdbSignIns implements SignIns {
  readonly #env: Environment;
  readonly #seals: Seals;
  /** Place → sealed sign-in. */
  readonly #rows: Db<number>;

  private constructor(env: Environment, seals: Seals) {
    this.#env = env.enter();
    this.#seals = seals;
    this.#rows = env.db(STORE);
  }

  static open(folder: string, seals: Seals): LmdbSignIns {
    return new LmdbSignIns(Environment.open(folder), seals);
  }

  /** Throws while the tier that lets people in has never run. */
  static openReadOnly(folder: string, seals: Seals): LmdbSignIns {
    return new LmdbSignIns(Environment.openReadOnly(folder), seals);
  }

  async note(signIn: SignIn): Promise<void> {
    await this.#env.transaction(() => {
      const [newest] = this.#rows.getKeys({ reverse: true, limit: 1 });
      const place = (newest ?? 0) + 1;
      this.#rows.put(place, this.#seals.seal(STORE, String(place), Buffer.from(JSON.stringify(signIn))));
    });
  }

  after(place: number, max: number): PlacedSignIn[] {
    this.#env.refresh();
    const found = this.#rows.getRange({ start: place + 1, limit: max });
    return [...found].map(({ key, value }) => ({ place: key, signIn: this.#open(key, value) }));
  }

  /** The newest stays: its place is the one that the next is counted from. */
  async expire(beforeMs: number): Promise<number> {
    const [newest] = this.#rows.getKeys({ reverse: true, limit: 1 });
    const old: number[] = [];
    for (const { key, value } of this.#rows.getRange({ end: newest ?? 0 })) {
      if (this.#open(key, value).atMs >= beforeMs) break;
      old.push(key);
    }
    if (old.length === 0) return 0;
    await this.#env.transaction(() => {
      for (const place of old) this.#rows.remove(place);
    });
    return old.length;
  }

  /** What this process notes is refused (`Superseded`) from when a later owner has claimed. */
  claim(epoch: number): Promise<void> {
    return new EpochFence(this.#env, 'sign-in-meta', 'epoch', `the list of sign-ins in ${this.#env.folder}`).claim(
      epoch,
    );
  }

  close(): Promise<void> {
    return this.#env.leave();
  }

  /** Checked at the edge and sealed by us: the fields are what we wrote. */
  #open(place: number, sealed: Buffer): SignIn {
    return JSON.parse(this.#seals.open(STORE, String(place), sealed).toString()) as SignIn;
  }
}
