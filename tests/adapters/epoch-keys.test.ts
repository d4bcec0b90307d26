import { existsSync, unlinkSync } from 'node:fs';
import t from 'tap';
import { EpochKeys, EpochReader } from '../../src/adapters/files/epoch-keys.js';
import { EPOCH_MS, epochAt } from '../../src/crypto/epoch-seals.js';
import { epochOf, KeyDestroyed, SealBroken } from '../../src/crypto/seals.js';
import { T0 } from '../support/samples.js';
import { type TestVault, testVault } from '../support/tiers.js';

const HOUR = EPOCH_MS;
const text = Buffer.from('a state');
const here = epochAt(T0);

async function gateway(vault: TestVault, startMs = T0) {
  let nowMs = startMs;
  const keys = await EpochKeys.open(await vault.ingest(), () => nowMs);
  const to = (ms: number, before?: () => Promise<void>) => {
    nowMs = ms;
    return keys.turn(ms, before);
  };
  const seal = () => keys.seals.seal('states', 'x', text);
  const open = (sealed: Buffer) => keys.seals.open('states', 'x', sealed);
  const set = (ms: number): void => {
    nowMs = ms;
  };
  return { keys, to, seal, open, set };
}

const there = (vault: TestVault, epoch: number) =>
  (['ingest', 'review'] as const).map((tier) => existsSync(vault.file(tier, `epoch-${epoch}`)));

t.beforeEach(async (t) => {
  t.context.vault = await testVault();
});
t.afterEach(async (t) => {
  await t.context.vault.remove();
});

t.test('each hour has its own key, at hand in both vaults before its hour comes', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const { to, seal, open, set } = await gateway(vault);
  await to(T0);
  t.same(there(vault, here), [true, true]);
  t.same(there(vault, here + 1), [true, true]);
  const first = seal();
  t.equal(epochOf(first), here);
  set(T0 + HOUR);
  const second = seal();
  t.equal(epochOf(second), here + 1, 'also before anybody has turned the key');
  await to(T0 + HOUR);
  t.same(there(vault, here + 2), [true, true]);
  t.same(open(first), text);
  t.same(open(second), text);
});

t.test(
  '73 hours after its hour began every copy is gone, and what it sealed is noise; a minute before it is not',
  async (t) => {
    const { vault } = t.context as { vault: TestVault };
    const { to, seal, open } = await gateway(vault);
    await to(T0);
    const sealed = seal();
    const hourStart = here * HOUR;
    await to(hourStart + 73 * HOUR - 60_000);
    t.same(open(sealed), text);
    await to(hourStart + 73 * HOUR);
    t.same(there(vault, here), [false, false]);
    t.throws(() => open(sealed), KeyDestroyed);
    const again = await gateway(vault, hourStart + 73 * HOUR);
    t.throws(() => again.open(sealed), KeyDestroyed, 'after a restart, too');
  },
);

t.test(
  'a clock that leaps years makes what it needs, lets what is needed be re-sealed, and destroys the rest',
  async (t) => {
    const { vault } = t.context as { vault: TestVault };
    const { keys, to, seal, open } = await gateway(vault);
    await to(T0);
    const old = seal();
    let fresh: Buffer | null = null;
    await to(T0 + 3 * 365 * 24 * HOUR, async () => {
      t.same(open(old), text, 'not destroyed before what is needed is sealed anew');
      fresh = seal();
    });
    t.throws(() => open(old), KeyDestroyed);
    t.same(open(fresh ?? old), text);
    t.equal(keys.seals.epochs().length, 2, 'no hour in between was made');
  },
);

t.test('a clock that is set back goes on with the newest key and brings none back', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const { keys, to, seal } = await gateway(vault);
  await to(T0);
  await to(T0 + 80 * HOUR);
  const newest = epochOf(seal());
  t.equal(newest, here + 80);
  const before = keys.seals.epochs();
  await to(T0);
  t.equal(epochOf(seal()), newest);
  t.same(keys.seals.epochs(), before);
  t.same(there(vault, here), [false, false]);
  const restarted = await gateway(vault, T0);
  await restarted.to(T0);
  t.equal(epochOf(restarted.seal()), newest, 'also after a restart');
});

t.test('what is overdue at a start still opens until the first turn', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const first = await gateway(vault);
  await first.to(T0);
  const sealed = first.seal();
  const later = T0 + 1_000 * HOUR;
  const second = await gateway(vault, later);
  t.same(second.open(sealed), text);
  await second.keys.ensure(later);
  t.same(second.open(sealed), text);
  await second.to(later);
  t.throws(() => second.open(sealed), KeyDestroyed);
});

t.test('the review tier opens with its own copies, sees new hours, and cannot seal', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const { to, seal } = await gateway(vault);
  await to(T0);
  const reader = await EpochReader.open(await vault.review(), T0);
  t.same(reader.seals.open('states', 'x', seal()), text);
  await to(T0 + 5 * HOUR);
  const later = seal();
  t.throws(() => reader.seals.open('states', 'x', later), SealBroken);
  await reader.refresh(T0 + 5 * HOUR);
  t.same(reader.seals.open('states', 'x', later), text);
  t.throws(() => reader.seals.seal('states', 'x', text), /only open/);
  t.equal(reader.seals.pseudonym('ORD-1'), (await vault.ingest()).names.of('ORD-1'));
});

t.test('the review tier destroys its overdue copies though the ingest tier is down', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const { to, seal } = await gateway(vault);
  await to(T0);
  const sealed = seal();
  const reader = await EpochReader.open(await vault.review(), T0);
  await reader.refresh(T0 + 80 * HOUR);
  t.same(there(vault, here), [true, false]);
  t.throws(() => reader.seals.open('states', 'x', sealed), KeyDestroyed);
});

t.test('a copy that a crash kept from the review tier is given to it at the next start', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const { to, seal } = await gateway(vault);
  await to(T0);
  unlinkSync(vault.file('review', `epoch-${here}`));
  await gateway(vault);
  const reader = await EpochReader.open(await vault.review(), T0);
  t.same(reader.seals.open('states', 'x', seal()), text);
});

t.test('nothing is sealed under a key before both tiers have it on disk', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const tier = await vault.ingest();
  for (const which of ['own', 'peer'] as const) {
    const broken = {
      read: async () => null,
      list: async () => [],
      create: async () => Promise.reject(new Error('disk full')),
      destroy: async () => {},
    } as unknown as typeof tier.vault;
    const keys = await EpochKeys.open(
      which === 'own' ? { ...tier, vault: broken } : { ...tier, peer: { ...tier.peer, vault: broken } },
      () => T0,
    );
    await t.rejects(keys.turn(T0), /disk full/, which);
    t.throws(() => keys.seals.seal('states', 'x', text), /no epoch key/, which);
  }
});

t.test('what a vault could not do in one turn is done in the next', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const ingest = await vault.ingest();
  let full = false;
  const peer = ingest.peer.vault;
  const failing = (name: 'create' | 'destroy') => {
    const whole = peer[name].bind(peer) as (...args: string[]) => Promise<void>;
    peer[name] = (...args: string[]) => (full ? Promise.reject(new Error('no space')) : whole(...args));
  };
  failing('create');
  failing('destroy');
  let nowMs = T0;
  const keys = await EpochKeys.open(ingest, () => nowMs);
  await keys.turn(T0);
  full = true;
  nowMs = T0 + 73 * HOUR;
  await t.rejects(keys.turn(nowMs), /no space/);
  t.ok(there(vault, here).includes(true), 'a copy is left');
  full = false;
  await keys.turn(nowMs);
  t.same(there(vault, here), [false, false], 'and goes at the next turn');
  t.same(there(vault, here + 73), [true, true]);
  t.same(there(vault, here + 74), [true, true], 'and what was made by half is whole');
});

t.test('a vault that takes nothing more still forgets, and what comes can still be sealed', async (t) => {
  const { vault } = t.context as { vault: TestVault };
  const ingest = await vault.ingest();
  let nowMs = T0;
  const keys = await EpochKeys.open(ingest, () => nowMs);
  await keys.turn(T0);
  ingest.vault.create = () => Promise.reject(new Error('no space'));
  nowMs = T0 + 80 * HOUR;
  await t.rejects(keys.turn(nowMs), /no space/);
  t.same(there(vault, here), [false, false]);
  t.equal(epochOf(keys.seals.seal('states', 'x', text)), here + 1, 'under the newest that there is');
});
