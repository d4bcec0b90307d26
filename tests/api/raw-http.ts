// Bytes to a listening API, and what comes back, without a client that would mend them.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawClient {
  text = '';
  closed = false;
  #heard: () => void = () => {};

  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (part: string) => {
      this.text += part;
      this.#heard();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#heard();
    });
  }

  static async open(base: string): Promise<RawClient> {
    const { hostname, port } = new URL(base);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(bytes: string): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.from(bytes, 'latin1'));
  }

  /** Resolves when `done` holds of what has come, or the connection has ended. */
  async until(done: () => boolean): Promise<void> {
    while (!done() && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  end(): void {
    this.socket.destroy();
  }
}

/** Sends the bytes and half-closes nothing; what came until the server ended the connection or answered once. */
export async function exchange(base: string, bytes: string): Promise<RawClient> {
  const client = await RawClient.open(base);
  client.send(bytes);
  await client.until(() => client.statuses.length > 0);
  client.end();
  return client;
}
