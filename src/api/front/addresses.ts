/** Connections by the address that they come from: none may hold so many that others find no room. */
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Telemetry } from '../../ports/telemetry.js';
import { networkOf } from '../access/throttle.js';

/** `exempt`: a proxy, through which many come. To be called before the server is ready. */
export function boundAddresses(
  app: FastifyInstance,
  max: number,
  exempt: (address: string) => boolean,
  telemetry: Pick<Telemetry, 'count'>,
): void {
  const held = new Map<string, number>();
  const take = (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    if (exempt(address)) return;
    const network = networkOf(address);
    const count = (held.get(network) ?? 0) + 1;
    if (count > max) {
      telemetry.count('fairwatch_api_refusals_total', { code: 'address_full' });
      socket.destroy();
      return;
    }
    held.set(network, count);
    socket.once('close', () => {
      const left = (held.get(network) ?? 1) - 1;
      if (left === 0) held.delete(network);
      else held.set(network, left);
    });
  };
  // when it is ready, for whoever guards handshakes puts themselves in front of what listens by then
  app.addHook('onReady', async () => void app.server.prependListener('connection', take));
}

/** On this machine, or one that is trusted to say for whom it speaks. */
export function isProxy(address: string, trusted: readonly string[] = []): boolean {
  const plain = networkOf(address);
  return address === '::1' || plain.startsWith('127.') || trusted.some((one) => one === address || one === plain);
}
