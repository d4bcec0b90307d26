/** What every device registry promises, crashes included. */
import t, { type Test } from 'tap';
import type { DeviceRegistry, EnrolledDevice } from '../../src/ports/device-registry.js';
import { deviceId, T0 } from '../support/samples.js';

export interface RegistryPlace {
  open(): Promise<DeviceRegistry>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

export const device = (n: number, change: Partial<EnrolledDevice> = {}): EnrolledDevice => ({
  deviceId: deviceId(n),
  kind: 'home_unit',
  passwordHash: Buffer.alloc(32, n).toString('base64url'),
  identityJwk: null,
  wrappingJwe: 'a.b.c.d.e',
  keys: [{ keyId: 1, cipher: 'A256GCM', jwe: 'f.g.h.i.j', notBeforeMs: T0, notAfterMs: null }],
  enrolledMs: T0 + n,
  disabledMs: null,
  ...change,
});

export function deviceRegistryContract(name: string, make: () => Promise<RegistryPlace>): void {
  const clause = (text: string, run: (registry: DeviceRegistry, t: Test, place: RegistryPlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      await run(await place.open(), t, place);
    });

  clause('an enrolled device comes back whole; another one is unknown', async (registry, t) => {
    t.equal(registry.get(deviceId(1)), null);
    await registry.put(device(1));
    t.same(registry.get(deviceId(1)), device(1));
    t.equal(registry.get(deviceId(2)), null);
    await registry.close();
  });

  clause('a device that is put again is replaced, and listed once', async (registry, t) => {
    await Promise.all([registry.put(device(1)), registry.put(device(2))]);
    await registry.put(device(1, { disabledMs: T0 + 99 }));
    t.same(
      [...registry.list()].sort((a, b) => a.enrolledMs - b.enrolledMs),
      [device(1, { disabledMs: T0 + 99 }), device(2)],
    );
    await registry.close();
  });

  clause('changes of one device at once all take effect; what is not enrolled is not made', async (registry, t) => {
    await registry.put(device(1));
    const add = (keyId: number) => (before: EnrolledDevice) => ({
      ...before,
      keys: [...before.keys, { ...device(1).keys[0]!, keyId }],
    });
    await Promise.all([2, 3, 4].map((keyId) => registry.update(deviceId(1), add(keyId))));
    t.same(
      registry
        .get(deviceId(1))
        ?.keys.map(({ keyId }) => keyId)
        .sort(),
      [1, 2, 3, 4],
    );
    t.equal(await registry.update(deviceId(2), add(5)), null);
    t.equal(registry.get(deviceId(2)), null);
    const heard: string[] = [];
    registry.onChange((changed) => heard.push(changed));
    t.equal((await registry.update(deviceId(1), (same) => same))?.keys.length, 4);
    t.same(heard, [], 'nothing was changed');
    await registry.update(deviceId(1), add(6));
    t.same(heard, [deviceId(1)]);
    await registry.close();
  });

  clause('it is there after a crash', async (registry, t, place) => {
    await registry.put(device(3));
    await place.crash();
    const again = await place.open();
    t.same(again.get(deviceId(3)), device(3));
    await again.close();
  });

  clause('listeners hear which device changed, until they stop', async (registry, t) => {
    await registry.put(device(9));
    const heard: string[] = [];
    const stop = registry.onChange((changed) => heard.push(changed));
    await registry.put(device(1));
    await registry.put(device(2));
    t.same(heard, [deviceId(1), deviceId(2)]);
    stop();
    await registry.put(device(1));
    t.equal(heard.length, 2);
    await registry.close();
  });
}
