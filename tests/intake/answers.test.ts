/** What a device behind a broker is told, and when it counts as told; the endpoint here stands for a broker that delivers. */
import t, { type Test } from 'tap';
import { wrapKey } from '../../src/crypto/device-keys.js';
import { passwordHash } from '../../src/crypto/password.js';
import { type DeviceId, parseDeviceId } from '../../src/domain/ids.js';
import type { EnrolledDevice } from '../../src/ports/device-registry.js';
import { HandDevice, type HandDownlink } from '../support/hand-device.js';
import { HeldJournal, KEK, NOW_MS, type TestIntake, type TestIntakeOptions, testIntake, until } from './harness.js';

const MINUTE = 60_000;

interface Scene extends TestIntake {
  readonly hand: HandDevice;
  readonly id: DeviceId;
  /** Resolves at the broker's PUBACK. */
  publish(...payloads: readonly Buffer[]): Promise<void>;
  /** A second passes: who has spoken is answered. */
  turn(afterMs?: number): Promise<void>;
  /** Everything heard from now on is lost; and no more. */
  deaf: boolean;
  wish(change: (device: EnrolledDevice) => EnrolledDevice): Promise<void>;
}

async function scene(t: Test, options: TestIntakeOptions = {}): Promise<Scene> {
  const hand = new HandDevice('TAG-7');
  const id = parseDeviceId(hand.id);
  if (!id.ok) throw new Error(id.fault);
  const limits = { gapSweepMs: 3_600_000 };
  const room = await testIntake(t, { acknowledge: true, limits, ...options });
  const first = hand.keys.get(1)!;
  const jwe = await wrapKey(KEK, first.key, `${hand.id}:1`);
  await room.registry.put({
    deviceId: id.value,
    kind: 'tag',
    passwordHash: passwordHash(hand.password),
    identityJwk: hand.identityJwk,
    wrappingJwe: null,
    keys: [{ keyId: 1, cipher: first.cipher, jwe, notBeforeMs: NOW_MS - MINUTE, notAfterMs: null }],
    enrolledMs: NOW_MS,
    disabledMs: null,
  });
  const client = await hand.connect(room.port, { listen: false });
  t.teardown(() => client.endAsync(true));
  const take = hand.take.bind(hand);
  let lost = 0;
  const made: Scene = {
    ...room,
    hand,
    id: id.value,
    deaf: false,
    publish: async (...payloads) => {
      for (const payload of payloads) await client.publishAsync(hand.up, payload, { qos: 1 });
    },
    turn: async (afterMs = 1_000) => {
      const fates = () =>
        [...room.telemetry.counts].reduce(
          (sum, [name, n]) => sum + (name.startsWith('fairwatch_downlinks') ? n : 0),
          0,
        );
      const before = fates();
      const heard = hand.heard.length + lost;
      room.clock.ms += afterMs;
      await room.intake.onTime(room.clock.ms);
      await until(() => fates() > before && hand.heard.length + lost > heard);
      // what stands in the store then stands
      await room.downlinks.update(id.value, (state) => state);
    },
    wish: async (change) => void (await room.registry.update(id.value, change)),
  };
  hand.take = (topic, payload) => {
    if (made.deaf) lost += 1;
    else take(topic, payload);
  };
  await client.subscribeAsync(hand.down, { qos: 1 });
  return made;
}

const last = ({ hand }: Scene): HandDownlink => hand.heard.at(-1) as HandDownlink;
const ranges = (...pairs: readonly (readonly [bigint, bigint])[]) => pairs.map(([first, last]) => ({ first, last }));

t.test('nobody is spoken to unasked; who has spoken is told what is durable, in one downlink', async (t) => {
  const s = await scene(t);
  await s.wish((device) => ({ ...device, notice: { version: 1, value: 'RETURN_HOME' } }));
  await s.intake.onTime(NOW_MS);
  t.same(s.hand.heard, []);
  const up = (sequence: bigint) => s.hand.seal(s.hand.upload(NOW_MS, { sequence }));
  await s.publish(up(9n), up(3n), up(4n), up(2n), up(11n));
  t.same(s.hand.heard, [], 'not one for each');
  await s.turn();
  t.match(s.hand.heard, [{ ack: ranges([2n, 4n], [9n, 9n], [11n, 11n]), notice: 3, serverTimeMs: s.clock.ms }]);
  await s.intake.onTime(s.clock.ms + 1_000);
  t.equal(s.hand.heard.length, 1, 'and once');
});

t.test('a number that did not open is not acknowledged; one that did is, however often it comes', async (t) => {
  const s = await scene(t);
  const good = s.hand.seal(s.hand.upload(NOW_MS, { sequence: 3n }));
  const forged = Buffer.from(s.hand.seal(s.hand.upload(NOW_MS, { sequence: 4n })));
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  await s.publish(forged, good);
  await s.turn();
  t.same(last(s).ack, ranges([3n, 3n]));
  s.deaf = true;
  await s.publish(good);
  await s.turn();
  s.deaf = false;
  await s.publish(good);
  await s.turn();
  t.same(last(s).ack, ranges([3n, 3n]), 'a repeat is answered again');
  t.equal((await s.journalled()).filter(({ kind }) => kind === 'upload').length, 1);
});

t.test('no answer leaves before what it names is durable, nor for what never was', async (t) => {
  const held: HeldJournal[] = [];
  const s = await scene(t, {
    wrap: (journal) => {
      const made = new HeldJournal(journal);
      held.push(made);
      return made;
    },
  });
  const appends = held[0]?.held ?? [];
  const first = s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  await until(() => appends.length === 1);
  await s.intake.onTime(s.clock.ms + 1_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.same(s.hand.heard, []);
  appends.shift()?.release();
  await first;
  await s.turn();
  t.same(last(s).ack, ranges([1n, 1n]));
  void s.publish(s.hand.seal(s.hand.upload(NOW_MS))).catch(() => {});
  await until(() => appends.length === 1);
  appends.shift()?.refuse();
  await until(() => s.intake.counts().failed === 1);
  await s.intake.onTime(s.clock.ms + 1_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(s.hand.heard.length, 1);
});

t.test('scattered numbers are told in downlinks of bounded length', async (t) => {
  const s = await scene(t);
  const odd = Array.from({ length: 150 }, (_, i) =>
    s.hand.seal(s.hand.upload(NOW_MS, { sequence: BigInt(2 * i + 1) })),
  );
  await s.publish(...odd);
  for (let n = 0; n < 3; n += 1) await s.turn();
  t.same(
    s.hand.heard.map(({ ack }) => ack.length),
    [64, 64, 22],
  );
  t.same(
    s.hand.heard.flatMap(({ ack }) => ack.map(({ first }) => first)),
    odd.map((_, i) => BigInt(2 * i + 1)),
  );
});

t.test('a notice is told when the device is seen to have got it, not when a broker took it', async (t) => {
  const s = await scene(t);
  const up = (sequence: bigint, oldestHeld: bigint) =>
    s.publish(s.hand.seal(s.hand.upload(NOW_MS, { sequence, oldestHeld })));
  await up(1n, 1n);
  await s.turn();
  await s.wish((device) => ({ ...device, notice: { version: 1, value: 'LEAVE_ZONE' } }));
  s.deaf = true;
  await up(2n, 1n);
  await s.turn();
  t.equal(s.downlinks.state(s.id).noticeVersion, 0);
  s.deaf = false;
  // it still holds 2, so it did not hear that; sent too soon after, it may yet be under way
  await up(3n, 2n);
  await s.turn();
  t.notOk('notice' in last(s));
  await up(4n, 2n);
  await s.turn(MINUTE);
  t.match(last(s), { notice: 4 });
  t.equal(s.downlinks.state(s.id).noticeVersion, 0, 'not known yet');
  await up(5n, 5n);
  await until(() => s.downlinks.state(s.id).noticeVersion === 1);
  await s.turn(MINUTE);
  t.notOk('notice' in last(s));
  t.equal(s.hand.heard.filter(({ notice }) => notice !== undefined).length, 1, 'the wearer felt it once');
});

t.test(
  'a device whose upload comes again has not heard the answer: it is told at once, and at most three times',
  async (t) => {
    const s = await scene(t);
    await s.wish((device) => ({ ...device, notice: { version: 1, value: 'LEAVE_ZONE' } }));
    const stuck = s.hand.seal(s.hand.upload(NOW_MS, { sequence: 1n, oldestHeld: 1n }));
    for (let n = 0; n < 5; n += 1) {
      await s.publish(stuck);
      await s.turn();
    }
    t.equal(s.hand.heard.filter(({ notice }) => notice === 4).length, 3);
    t.equal(s.hand.heard.length, 5);
    t.equal(s.downlinks.state(s.id).noticeVersion, 1);
  },
);

t.test('of a device that does not say what it holds, the word of the broker must do', async (t) => {
  const s = await scene(t);
  const config = { reportIntervalS: 60, violationIntervalS: 15, heartbeatS: 0 };
  await s.wish((device) => ({ ...device, config: { version: 4, value: config } }));
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  await s.turn();
  t.match(last(s), { config: { report: 60, violation: 15 } });
  t.equal(s.downlinks.state(s.id).configVersion, 4);
});

t.test('a new key comes with every answer until it is used', async (t) => {
  const s = await scene(t);
  await s.wish((device) => ({ ...device, rotation: { askedMs: NOW_MS, overlapMs: null } }));
  await until(() => s.registry.get(s.id)?.offered?.keyId === 2);
  s.deaf = true;
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  await s.turn();
  s.deaf = false;
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  await s.turn();
  t.equal(s.hand.keyId, 2);
  await s.publish(s.hand.seal(s.hand.upload(NOW_MS)));
  await until(() => s.registry.get(s.id)?.offered === null);
  await s.turn();
  t.match(last(s), { keyId: 2, ack: ranges([3n, 3n]) });
  t.notOk('key' in last(s));
});
