/** What every key vault promises, crashes included. */
import t, { type Test } from 'tap';
import type { KeyVault } from '../../src/ports/key-vault.js';

export interface VaultPlace {
  /** Opening again without a close is what follows a crash. */
  open(): Promise<KeyVault>;
  remove(): Promise<void>;
}

export function keyVaultContract(name: string, make: () => Promise<VaultPlace>): void {
  const clause = (text: string, run: (vault: KeyVault, t: Test, place: VaultPlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      await run(await place.open(), t, place);
    });

  clause('a key comes back as it was given, after a crash too', async (vault, t, place) => {
    t.equal(await vault.read('order-ORD-1'), null);
    await vault.create('order-ORD-1', 'wrapped.1');
    await vault.create('epoch-17', 'wrapped.2');
    const again = await place.open();
    t.equal(await again.read('order-ORD-1'), 'wrapped.1');
    t.same(await again.list(), ['epoch-17', 'order-ORD-1']);
    t.same(await again.list('order-'), ['order-ORD-1']);
  });

  clause('a key is never replaced', async (vault, t) => {
    await vault.create('k', 'first');
    await t.rejects(vault.create('k', 'second'), /never replaced/);
    t.equal(await vault.read('k'), 'first');
    t.same(await vault.list(), ['k']);
    const both = await Promise.allSettled([vault.create('race', 'a'), vault.create('race', 'b')]);
    t.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  clause('a destroyed key is gone, and destroying it twice does no harm', async (vault, t, place) => {
    await vault.create('k', 'wrapped');
    await vault.destroy('k');
    await vault.destroy('k');
    t.equal(await vault.read('k'), null);
    t.same(await (await place.open()).list(), []);
  });

  clause('a name that could lead elsewhere is refused', async (vault, t) => {
    for (const name of ['', '..', '../k', 'a/b', '.hidden', 'a\0b', 'x'.repeat(129)]) {
      await t.rejects(vault.create(name, 'wrapped'), RangeError, JSON.stringify(name));
      await t.rejects(vault.read(name), RangeError, JSON.stringify(name));
      await t.rejects(vault.destroy(name), RangeError, JSON.stringify(name));
    }
    await t.rejects(vault.create('k', ''), RangeError, 'an empty key');
  });
}
