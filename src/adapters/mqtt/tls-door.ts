/** MQTT over TLS 1.3: handshakes through the gate, then the connection, with its client's name where that is proven. */
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { HANDSHAKE_LIMITS, HandshakeGate, type HandshakeLimits, type HandshakeRefusal } from '../tls/handshake-gate.js';
import type { TlsFiles } from '../tls/tls-files.js';
import { type Door, listening, type TakeConnection } from './door.js';

export interface TlsDoorOptions {
  readonly files: TlsFiles;
  readonly limits?: Partial<HandshakeLimits>;
  readonly refused: (reason: HandshakeRefusal | 'certificate') => void;
}

export class TlsDoor implements Door {
  readonly #server: Server;
  readonly #gate: HandshakeGate;

  constructor(take: TakeConnection, { files, refused, ...options }: TlsDoorOptions) {
    const limits = { ...HANDSHAKE_LIMITS, ...options.limits };
    this.#server = createServer(files.askingOptions(), (socket) => {
      const name = certifiedName(socket);
      // a wrong certificate proves nothing, and takes nothing away: the password decides
      if (name === null && presented(socket)) refused('certificate');
      take(socket, name);
    });
    files.serve(this.#server);
    this.#gate = new HandshakeGate(this.#server, limits, refused);
  }

  listen(host: string, port: number): Promise<number> {
    return listening(this.#server, host, port);
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#gate.close();
    return closed;
  }
}

const presented = (socket: TLSSocket): boolean => Object.keys(socket.getPeerCertificate()).length > 0;

/** The one CN of a certificate that the client CA has signed and that is in date, for a client (EKU); else null. */
function certifiedName(socket: TLSSocket): string | null {
  if (!socket.authorized) return null;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : null;
}
