/** A key vault in memory. */
import type { KeyVault } from '../../src/ports/key-vault.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export class MemoryKeyVault implements KeyVault {
  readonly #keys: Map<string, string>;

  /** `keys` outlives every client. */
  constructor(keys: Map<string, string>) {
    this.#keys = keys;
  }

  async read(name: string): Promise<string | null> {
    return this.#keys.get(checked(name)) ?? null;
  }

  async create(name: string, wrapped: string): Promise<void> {
    if (wrapped.length === 0) throw new RangeError(`the wrapped key ${name} is empty`);
    if (this.#keys.has(checked(name))) throw new Error(`the vault holds a key ${name} already: it is never replaced`);
    this.#keys.set(name, wrapped);
  }

  async destroy(name: string): Promise<void> {
    this.#keys.delete(checked(name));
  }

  async list(prefix = ''): Promise<string[]> {
    return [...this.#keys.keys()].filter((name) => name.startsWith(prefix)).sort();
  }
}

function checked(name: string): string {
  if (!NAME.test(name)) throw new RangeError(`no name of a key: ${JSON.stringify(name)}`);
  return name;
}
