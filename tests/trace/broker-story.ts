/** What is done to a traced gateway behind a real broker: uploads one at a time, then many at once, each until it is named. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestGateway } from '../support/gateway.js';
import type { HandDevice } from '../support/hand-device.js';
import type { Mosquitto } from '../support/mosquitto.js';
import type { HeardAck } from './judge.js';

export async function playBehind(
  gateway: TestGateway,
  broker: Mosquitto,
  devices: readonly HandDevice[],
  size: { readonly alone: number; readonly together: number },
): Promise<HeardAck[]> {
  // a broker drops what is sent before anybody has ever subscribed
  while ((await gateway.api('GET', '/readyz')).status !== 200) await sleep(50);
  const clients = await Promise.all(
    devices.map(async (device) => {
      const { kty, crv, x, y } = device.identityJwk;
      const made = await gateway.api('POST', '/v1/devices', {
        device_id: device.id,
        kind: 'tag',
        cipher: device.keys.get(1)?.cipher,
        identity_jwk: { kty, crv, x, y },
        session_key: device.keys.get(1)?.key.toString('base64url'),
        password: device.password,
      });
      if (made.status !== 201) throw new Error(JSON.stringify(made));
      return device.connect(broker.port);
    }),
  );
  const named = (device: HandDevice, sequence: bigint): Promise<unknown> => {
    const isIn = ({ first, last }: { first: bigint; last: bigint }) => first <= sequence && sequence <= last;
    return device.heardOne(({ ack }) => ack.some(isIn));
  };
  const send = (n: number): Promise<unknown> => {
    const device = devices[n] as HandDevice;
    const payload = device.seal(device.upload(Date.now()));
    const told = named(device, device.sequence);
    return Promise.all([clients[n]?.publishAsync(device.up, payload, { qos: 1 }), told]);
  };
  for (let k = 0; k < size.alone; k += 1) for (let n = 0; n < devices.length; n += 1) await send(n);
  await Promise.all(devices.flatMap((_, n) => Array.from({ length: size.together }, () => send(n))));
  await Promise.all(clients.map((client) => client.endAsync()));
  return devices.flatMap(({ down, heard }) =>
    heard
      .filter(({ ack }) => ack.length > 0)
      .map(({ sequence, ack }) => ({ topic: down, number: sequence, ranges: ack })),
  );
}
