/** What goes down, seen by a device that is written from the wire's page alone. */
import t, { type Test } from 'tap';
import { unwrapKey, wrapKey } from '../../src/crypto/device-keys.js';
import { passwordHash } from '../../src/crypto/password.js';
import { type DeviceId, parseDeviceId } from '../../src/domain/ids.js';
import type { EnrolledDevice } from '../../src/ports/device-registry.js';
import type { Downlinks } from '../../src/ports/downlinks.js';
import { HandDevice } from '../support/hand-device.js';
import { KEK, NOW_MS, type TestIntake, type TestIntakeOptions, testIntake, until } from './harness.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

function idOf(device: HandDevice): DeviceId {
  const parsed = parseDeviceId(device.id);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}

async function rowOf(device: HandDevice, change: Partial<EnrolledDevice> = {}): Promise<EnrolledDevice> {
  const first = device.keys.get(1)!;
  const jwe = await wrapKey(KEK, first.key, `${device.id}:1`);
  return {
    deviceId: idOf(device),
    kind: 'tag',
    passwordHash: passwordHash(device.password),
    identityJwk: device.identityJwk,
    wrappingJwe: null,
    keys: [{ keyId: 1, cipher: first.cipher, jwe, notBeforeMs: NOW_MS - DAY, notAfterMs: null }],
    enrolledMs: NOW_MS,
    disabledMs: null,
    ...change,
  };
}

interface Scene extends TestIntake {
  readonly hand: HandDevice;
  readonly id: DeviceId;
  /** Resolves at the PUBACK. */
  publish(payload: Buffer): Promise<void>;
  listen(): Promise<void>;
  leave(): Promise<void>;
  wish(change: (device: EnrolledDevice) => EnrolledDevice): Promise<void>;
}

async function scene(t: Test, o: TestIntakeOptions = {}, hand = new HandDevice('TAG-7')): Promise<Scene> {
  const room = await testIntake(t, { ...o, limits: { gapSweepMs: 3_600_000, sequenceGapGraceMs: 1_000, ...o.limits } });
  await room.registry.put(await rowOf(hand));
  let client = await hand.connect(room.port, { listen: false });
  t.teardown(() => client.endAsync(true));
  return {
    ...room,
    hand,
    id: idOf(hand),
    publish: async (payload) => {
      if (!client.connected) client = await hand.connect(room.port, { listen: false });
      await client.publishAsync(hand.up, payload, { qos: 1 });
    },
    listen: async () => {
      if (!client.connected) client = await hand.connect(room.port, { listen: false });
      await client.subscribeAsync(hand.down, { qos: 1 });
    },
    leave: () => client.endAsync(true),
    wish: async (change) => void (await room.registry.update(idOf(hand), change)),
  };
}

const rotate = (device: EnrolledDevice): EnrolledDevice => ({
  ...device,
  rotation: { askedMs: NOW_MS, overlapMs: null },
});
const uploads = async (s: Scene) =>
  (await s.journalled()).flatMap((entry) => (entry.kind === 'upload' ? [entry.sequence] : []));
const kinds = async (s: Scene) =>
  (await s.journalled()).map((entry) => (entry.kind === 'quarantined' ? entry.reason : entry.kind));

t.test('a device is told the time when it first listens, and once a day', async (t) => {
  const s = await scene(t);
  await s.listen();
  t.match(await s.hand.heardOne(() => true), { sequence: 1n, keyId: 1, serverTimeMs: NOW_MS, ack: [] });
  await until(() => s.downlinks.state(s.id).timeSentMs === NOW_MS);
  s.clock.ms += DAY - 1;
  await s.intake.onTime(s.clock.ms);
  await s.listen();
  s.clock.ms += 1;
  await s.intake.onTime(s.clock.ms);
  await s.hand.heardOne(({ sequence }) => sequence > 1n);
  t.same(
    s.hand.heard.map(({ serverTimeMs }) => serverTimeMs),
    [NOW_MS, NOW_MS + DAY],
  );
});

t.test('a clock that runs ahead is told the time at once, not with every upload', async (t) => {
  const s = await scene(t);
  await s.listen();
  await s.hand.heardOne(() => true);
  await until(() => s.downlinks.state(s.id).timeSentMs === NOW_MS);
  s.clock.ms += 2 * MINUTE;
  await s.publish(s.hand.seal(s.hand.upload(s.clock.ms + 121_000)));
  t.match(await s.hand.heardOne(({ sequence }) => sequence === 2n), { serverTimeMs: NOW_MS + 2 * MINUTE });
  await s.publish(s.hand.seal(s.hand.upload(s.clock.ms + 122_000)));
  await s.wish((device) => ({ ...device, notice: { version: 1, value: 'CONTACT_CENTRE' } }));
  const next = await s.hand.heardOne(({ sequence }) => sequence === 3n);
  t.match(next, { notice: 2 });
  t.notOk('serverTimeMs' in next);
});

t.test('a clock that ran ahead while nobody listened is put right when somebody does', async (t) => {
  const s = await scene(t);
  await s.downlinks.update(s.id, (state) => ({ ...state, timeSentMs: NOW_MS - 1 }));
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS + 120_000)));
  await s.listen();
  await s.leave();
  t.equal(s.downlinks.state(s.id).timeSentMs, NOW_MS - 1, 'two minutes are none');
  const later = new HandDevice('TAG-8');
  await s.registry.put(await rowOf(later));
  const client = await later.connect(s.port, { listen: false });
  t.teardown(() => client.endAsync(true));
  await s.downlinks.update(idOf(later), (state) => ({ ...state, timeSentMs: NOW_MS - 1 }));
  await client.publishAsync(later.up, later.seal(later.upload(NOW_MS + 120_001)), { qos: 1 });
  await until(() => s.downlinks.state(idOf(later)).timeSentMs === null);
  await client.subscribeAsync(later.down, { qos: 1 });
  t.match(await later.heardOne(() => true), { serverTimeMs: NOW_MS });
});

t.test('config and notice reach a device that listens; of several only the newest, each once', async (t) => {
  const s = await scene(t);
  const config = (version: number, reportIntervalS: number) => (device: EnrolledDevice) => ({
    ...device,
    config: { version, value: { reportIntervalS, violationIntervalS: 0, heartbeatS: 3_600 } },
  });
  await s.wish(config(1, 60));
  await s.wish(config(2, 120));
  await s.listen();
  t.match(await s.hand.heardOne(({ config }) => config !== undefined), { config: { report: 120, heartbeat: 3_600 } });
  await s.wish((device) => ({ ...device, notice: { version: 1, value: 'LEAVE_ZONE' } }));
  t.match(await s.hand.heardOne(({ notice }) => notice !== undefined), { notice: 4 });
  await until(() => s.downlinks.state(s.id).noticeVersion === 1);
  await s.leave();
  await s.wish(config(3, 30));
  await s.listen();
  t.match(await s.hand.heardOne(({ config }) => config?.report === 30), { config: { report: 30 } });
  t.equal(s.hand.heard.filter(({ config }) => config !== undefined).length, 2);
  t.equal(s.hand.heard.filter(({ notice }) => notice !== undefined).length, 1);
});

t.test('what a device did not acknowledge is told again when it is back, under another number', async (t) => {
  const s = await scene(t);
  await s.wish((device) => ({ ...device, notice: { version: 1, value: 'CHARGE_BATTERY' } }));
  await s.leave();
  // a client that drops its connection at the first word, and so never sends a PUBACK
  const mute = await s.hand.connect(s.port, { listen: false });
  mute.removeAllListeners('message');
  mute.handleMessage = () => mute.end(true);
  const closed = new Promise<void>((resolve) => mute.once('close', () => resolve()));
  mute.subscribe(s.hand.down, { qos: 1 }, () => {});
  await closed;
  t.equal(s.downlinks.state(s.id).noticeVersion, 0);
  await s.listen();
  t.match(await s.hand.heardOne(() => true), { notice: 1, sequence: 2n });
  await until(() => s.downlinks.state(s.id).noticeVersion === 1);
});

t.test('a subscriber with QoS 0 is told without waiting for a PUBACK', async (t) => {
  const s = await scene(t);
  const client = await s.hand.connect(s.port, { qos: 0 });
  t.teardown(() => client.endAsync(true));
  t.match(await s.hand.heardOne(() => true), { serverTimeMs: NOW_MS });
  await until(() => s.downlinks.state(s.id).timeSentMs === NOW_MS);
});

for (const [name, hand, change] of [
  ['identity key, AES-GCM', new HandDevice('TAG-7'), async () => ({})],
  ['identity key, ChaCha20', new HandDevice('TAG-7', 'C20P'), async () => ({})],
  [
    'key-wrapping key',
    new HandDevice('TAG-7'),
    async (d: HandDevice) => ({ identityJwk: null, wrappingJwe: await wrapKey(KEK, d.wrappingKey, `${d.id}:wrap`) }),
  ],
] as [string, HandDevice, (hand: HandDevice) => Promise<Partial<EnrolledDevice>>][]) {
  t.test(`a device follows a key change (${name}); its backlog under the old key is not lost`, async (t) => {
    const s = await scene(t, {}, hand);
    const changes = await change(hand);
    await s.wish((device) => ({ ...device, ...changes }));
    const backlog = [1, 2, 3].map((n) => hand.seal(hand.upload(NOW_MS - 3_600_000 + n)));
    await s.wish(rotate);
    await s.listen();
    const offer = await hand.heardOne(({ key }) => key !== undefined);
    t.equal(offer.keyId, 1, 'told under the key that it has');
    t.equal(hand.keyId, 2);
    const row = s.registry.get(s.id);
    t.equal(row?.offered?.keyId, 2);
    t.equal(hand.keys.get(2)?.cipher, hand.keys.get(1)?.cipher, 'the cipher comes with the key');
    t.same(hand.keys.get(2)?.key, await unwrapKey(KEK, row?.keys[1]?.jwe ?? ''), 'the same key at both ends');
    t.notSame(hand.keys.get(2)?.key, hand.keys.get(1)?.key);
    t.match(row?.keys, [{ notAfterMs: NOW_MS + 7 * DAY }, { notBeforeMs: NOW_MS, notAfterMs: null }]);

    await s.publish(hand.seal(hand.upload(NOW_MS)));
    await until(() => s.registry.get(s.id)?.offered === null);
    for (const payload of backlog) await s.publish(payload);
    await s.publish(hand.sealJwe(hand.upload(NOW_MS)));
    t.same(await uploads(s), [4n, 1n, 2n, 3n, 5n]);
    t.same(s.telemetry.counts.get('fairwatch_key_rotations_total confirmed'), 1);

    await s.wish((device) => ({ ...device, notice: { version: 1, value: 'RETURN_HOME' } }));
    const told = await hand.heardOne(({ notice }) => notice === 3);
    t.equal(told.keyId, 2, 'from now on under the new key');
    t.notOk('key' in told, 'which is not offered any more');
    t.ok(told.sequence > offer.sequence, 'numbers never restart');
  });
}

t.test('the old key goes on opening for 73 hours after its end, and never seals', async (t) => {
  const s = await scene(t);
  await s.wish((device) => ({ ...device, rotation: { askedMs: NOW_MS, overlapMs: MINUTE } }));
  await s.listen();
  await s.hand.heardOne(({ key }) => key !== undefined);
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  await until(() => s.registry.get(s.id)?.offered === null);
  s.clock.ms = NOW_MS + MINUTE + 73 * 3_600_000;
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS), 1));
  s.clock.ms += 1;
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS), 1));
  t.same(await kinds(s), ['upload', 'upload', 'expired_key', 'integrity']);
  await s.wish((device) => ({ ...device, notice: { version: 1, value: 'RETURN_HOME' } }));
  t.match(await s.hand.heardOne(({ notice }) => notice !== undefined), { keyId: 2 });
});

t.test(
  'a key that was offered and is not used is offered again: at the next connection, and after an hour',
  async (t) => {
    const s = await scene(t);
    const offers = () => s.hand.heard.filter(({ key }) => key !== undefined).length;
    await s.wish(rotate);
    await s.listen();
    await s.hand.heardOne(({ key }) => key !== undefined);
    await s.leave();
    await s.listen();
    await until(() => offers() === 2);
    s.clock.ms += 3_600_000 - 1;
    await s.intake.onTime(s.clock.ms);
    await s.wish((device) => ({ ...device, notice: { version: 1, value: 'RETURN_HOME' } }));
    t.ok((await s.hand.heardOne(({ notice }) => notice !== undefined)).key, 'with whatever is said');
    await until(() => s.downlinks.state(s.id).noticeVersion === 1);
    t.equal(offers(), 3);
    s.clock.ms += 3_600_000;
    await s.intake.onTime(s.clock.ms);
    await until(() => offers() === 4);
  },
);

t.test('a key that is 23 days old is replaced, so that it ends when it is 30', async (t) => {
  const s = await scene(t);
  const made = NOW_MS - DAY;
  await s.intake.onTime(made + 23 * DAY - 1);
  t.equal(s.registry.get(s.id)?.keys.length, 1);
  s.clock.ms = made + 23 * DAY;
  await s.intake.onTime(s.clock.ms);
  t.match(s.registry.get(s.id)?.keys, [{ notAfterMs: made + 30 * DAY }, { keyId: 2, notBeforeMs: made + 23 * DAY }]);
  await s.intake.onTime(made + 24 * DAY);
  t.equal(s.registry.get(s.id)?.keys.length, 2, 'one at a time');
});

t.test('a device that is away finds the key that it knows still valid; one that a person replaced, not', async (t) => {
  const s = await scene(t);
  await s.wish(rotate);
  await until(() => s.registry.get(s.id)?.offered?.keyId === 2);
  for (let day = 6; day <= 40; day += 0.25) {
    s.clock.ms = NOW_MS + day * DAY;
    await s.intake.onTime(s.clock.ms);
  }
  await s.listen();
  t.match(await s.hand.heardOne(({ key }) => key !== undefined), { keyId: 1 });
  await s.publish(s.hand.seal(s.hand.upload(s.clock.ms), 1));
  t.same(await kinds(s), ['upload']);

  await s.wish((device) => ({ ...device, rotation: { askedMs: s.clock.ms, overlapMs: MINUTE } }));
  await until(() => s.registry.get(s.id)?.offered?.keyId === 3);
  const ends = s.registry.get(s.id)?.keys.map(({ notAfterMs }) => notAfterMs);
  s.clock.ms += DAY;
  await s.intake.onTime(s.clock.ms);
  t.same(
    s.registry.get(s.id)?.keys.map(({ notAfterMs }) => notAfterMs),
    ends,
  );
  t.same(ends?.slice(1), [NOW_MS + 40 * DAY + MINUTE, null]);
});

t.test('a key that has sealed 2^32 uploads is replaced', async (t) => {
  const s = await scene(t);
  const uses = (count: number) => s.downlinks.update(s.id, (state) => ({ ...state, uses: { keyId: 1, count } }));
  await uses(2 ** 31);
  await s.intake.onTime(NOW_MS);
  t.equal(s.registry.get(s.id)?.keys.length, 1);
  await uses(2 ** 32 - 2 ** 28);
  await s.intake.onTime(NOW_MS);
  t.equal(s.registry.get(s.id)?.keys.length, 2);
});

t.test('a device without identity and wrapping key cannot be given a new key: it is counted and said', async (t) => {
  const s = await scene(t);
  await s.wish((device) => ({ ...rotate(device), identityJwk: null }));
  await until(() => s.registry.get(s.id)?.rotation === null);
  t.equal(s.registry.get(s.id)?.keys.length, 1);
  t.equal(s.telemetry.counts.get('fairwatch_key_rotations_total impossible'), 1);
  for (let n = 0; n < 2; n += 1) await s.intake.onTime(NOW_MS);
  t.ok(s.telemetry.codes.includes('key_rotation_needs_enrolment'));
});

t.test('a registry that cannot be read stops no upload, and is said', async (t) => {
  const s = await scene(t);
  const list = s.registry.list.bind(s.registry);
  // a row that was tampered with throws when the sweep comes to it
  s.registry.list = function* () {
    yield* list();
    throw new Error('SealBroken');
  };
  await s.intake.onTime(NOW_MS + 25 * DAY);
  t.ok(s.telemetry.codes.includes('key_rotation_failed'));
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  s.registry.list = list;
  await s.intake.onTime(NOW_MS + 25 * DAY);
  t.equal(s.registry.get(s.id)?.keys.length, 2, 'and is looked through again');
});

t.test('a hole in the sequences is asked for, once a minute', async (t) => {
  const s = await scene(t);
  await s.listen();
  const send = (sequence: bigint, oldestHeld: bigint) =>
    s.publish(s.hand.seal(s.hand.upload(NOW_MS, { sequence, oldestHeld })));
  await send(1n, 1n);
  await send(5n, 1n);
  await send(9n, 1n);
  s.clock.ms += 1_000;
  await s.intake.onTime(s.clock.ms);
  t.match(await s.hand.heardOne(({ resend }) => resend !== undefined), { resend: { first: 2n, last: 8n } });
  t.ok((await s.journalled()).some((entry) => entry.kind === 'integrity' && entry.type === 'integrity.sequence_gap'));
  await until(() => s.downlinks.state(s.id).resend === null);
  await send(12n, 10n);
  s.clock.ms += 1_000;
  await s.intake.onTime(s.clock.ms);
  await until(() => s.downlinks.state(s.id).resend !== null);
  s.clock.ms = NOW_MS + 1_000 + MINUTE - 1;
  await s.intake.onTime(s.clock.ms);
  await s.wish((device) => ({ ...device, notice: { version: 1, value: 'RETURN_HOME' } }));
  t.notOk('resend' in (await s.hand.heardOne(({ notice }) => notice !== undefined)), 'not yet');
  s.clock.ms += 1;
  await s.intake.onTime(s.clock.ms);
  t.match(await s.hand.heardOne(({ resend }) => resend?.first !== 2n && resend !== undefined), {
    resend: { first: 10n, last: 11n },
  });
});

t.test('a device that uses a number twice is told where to go on', async (t) => {
  const s = await scene(t);
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS, { sequence: 41n })));
  s.hand.sequence = 40n;
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS + 1)));
  t.same(await kinds(s), ['upload', 'sequence_reused', 'integrity']);
  await until(() => s.downlinks.state(s.id).nextSequence !== null);
  await s.listen();
  t.match(await s.hand.heardOne(({ nextSequence }) => nextSequence !== undefined), { nextSequence: 42n });
  await until(() => s.downlinks.state(s.id).nextSequence === null);
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS + 2)));
  t.same(await uploads(s), [41n, 42n]);
});

t.test('no downlink leaves before its number is reserved on disk', async (t) => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let asked = 0;
  const s = await scene(t, {
    wrapDownlinks: (downlinks: Downlinks) =>
      new Proxy(downlinks, {
        get(target, key) {
          if (key === 'reserve')
            return async (deviceId: DeviceId, count: number) => {
              asked += 1;
              const first = await target.reserve(deviceId, count);
              await held;
              return first;
            };
          const own: unknown = Reflect.get(target, key, target);
          return typeof own === 'function' ? own.bind(target) : own;
        },
      }),
  });
  await s.listen();
  await until(() => asked === 1);
  // an upload goes all the way there and back meanwhile
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  t.same(s.hand.heard, []);
  release();
  await s.hand.heardOne(() => true);
});

t.test(
  'after a restore a device gets its new key and nothing else, under numbers never used; then all the rest',
  async (t) => {
    const restoredMs = NOW_MS + 5;
    const s = await scene(t, { prepare: (downlinks) => downlinks.rotateBeforeDownlink(restoredMs) });
    await s.wish((device) => ({ ...device, notice: { version: 1, value: 'RETURN_HOME' } }));
    await s.publish(s.hand.seal(s.hand.upload(NOW_MS, { sequence: 7n })));
    await s.listen();
    await s.intake.onTime(NOW_MS);
    const offer = await s.hand.heardOne(() => true);
    t.ok(offer.sequence >= BigInt(restoredMs) << 20n, 'above whatever was sent after the backup');
    t.same(Object.keys(offer).sort(), ['ack', 'key', 'keyId', 'sequence']);
    t.equal(s.hand.keyId, 257, 'ids that were given after the backup are passed over');
    await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
    const rest = await s.hand.heardOne(({ notice }) => notice !== undefined);
    t.match(rest, { keyId: 257, notice: 3, resend: { first: 9n, last: (1n << 64n) - 1n } });
    await until(() => s.downlinks.state(s.id).generation === 1);
  },
);

t.test('a disabled device is told nothing, and its keys open nothing that comes later', async (t) => {
  const s = await scene(t);
  await s.listen();
  await s.hand.heardOne(() => true);
  await s.wish((device) => ({ ...device, disabledMs: NOW_MS, notice: { version: 1, value: 'RETURN_HOME' } }));
  await until(() => !s.intake.endpoint.connected(s.id));
  t.equal(s.hand.heard.length, 1);
  s.clock.ms += 1;
  const payload = s.hand.sealJwe(s.hand.upload(NOW_MS));
  const message = { clientId: s.hand.id, topic: s.hand.up, qos: 1, payload } as const;
  await new Promise((settle) => s.intake.handlers.message(message, settle));
  t.same(await kinds(s), ['expired_key', 'integrity']);
});
