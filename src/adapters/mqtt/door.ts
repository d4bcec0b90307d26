/** The ways in: something that hands over sockets which are ready to speak MQTT. */
import { createServer, type Server, type Socket } from 'node:net';

export interface Door {
  /** Resolves with the port that is listened on; rejects where it cannot be had. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more connections; what was not handed over is closed. Resolves when those it handed over are closed too. */
  close(): Promise<void>;
}

/** `certifiedName`: the CN of a client certificate that was checked; null without one. */
export type TakeConnection = (socket: Socket, certifiedName: string | null) => void;

/** Plain TCP: of loopback, or behind what ends TLS. */
export class PlainDoor implements Door {
  readonly #server: Server;

  constructor(take: TakeConnection) {
    this.#server = createServer((socket) => take(socket, null));
  }

  listen(host: string, port: number): Promise<number> {
    return listening(this.#server, host, port);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const BACKLOG = 4_096;

export async function listening(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      // a connection that could not be accepted (no descriptor left) is its client's trouble, and it comes again
      server.on('error', () => {});
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
