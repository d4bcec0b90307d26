/** A store with some of its methods replaced; the others are its own. */
export function around<T extends object>(store: T, change: Partial<T>): T {
  return new Proxy(store, {
    get(target, name) {
      const changed = change[name as keyof T];
      if (changed !== undefined) return changed;
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

/** A door that calls wait at, one by one, until they are let through. */
export class Gate {
  #waiting: (() => void)[] = [];
  #arrived: (() => void)[] = [];
  #open = true;

  get waiting(): number {
    return this.#waiting.length;
  }

  shut(): void {
    this.#open = false;
  }

  /** Lets all through, and those to come. */
  open(): void {
    this.#open = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Lets the first one through that waits. */
  one(): void {
    this.#waiting.shift()?.();
  }

  async pass(): Promise<void> {
    if (this.#open) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      for (const tell of this.#arrived.splice(0)) tell();
    });
  }

  /** Resolves when somebody waits. */
  async someone(): Promise<void> {
    if (this.#waiting.length === 0) await new Promise<void>((resolve) => this.#arrived.push(resolve));
  }
}
