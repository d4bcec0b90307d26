/** The hot stores with their writing on a thread of its own, as the gateway has them. */
import { type EngineStores, openThreadedStores } from '../../src/adapters/lmdb/engine-stores.js';
import { EpochSeals } from '../../src/crypto/epoch-seals.js';
import { Pseudonyms } from '../../src/crypto/pseudonyms.js';
import { engineKeys } from './folder.js';

export const EPOCH_KEY = Buffer.alloc(32, 7);
export const HOUR = 492_000;

/** Seals with the key of one hour at hand, by a clock that stands in it. */
export function hourlySeals(hour: number = HOUR): EpochSeals {
  const seals = new EpochSeals(new Pseudonyms(Buffer.alloc(32, 9)), () => hour * 3_600_000);
  seals.add(hour, EPOCH_KEY);
  return seals;
}

const unexpected = (error: Error): never => {
  throw error;
};

export function openThreaded(
  folder: string,
  seals: EpochSeals = hourlySeals(),
  onDeath: (error: Error) => void = unexpected,
): Promise<EngineStores> {
  return openThreadedStores(folder, { ...engineKeys(seals), hot: seals }, onDeath);
}

export async function closeAll(stores: EngineStores): Promise<void> {
  for (const store of Object.values(stores)) await store.close();
}

/** One of the stores, which takes the others with it when it closes. */
export function alone<S extends object>(stores: EngineStores, store: S): S & { close(): Promise<void> } {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'close') return () => closeAll(stores);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }) as S & { close(): Promise<void> };
}
