/** The certificates of a gateway that is open to the network, and the doors that serve with them. */
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:https';
import { systemClock } from '../adapters/system/system-clock.js';
import { HANDSHAKE_LIMITS, HandshakeGate } from '../adapters/tls/handshake-gate.js';
import { TlsFiles } from '../adapters/tls/tls-files.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { GatewaySettings } from './settings.js';

/** Null: it has none, and listens on loopback alone. Throws what is wrong with the files. */
export function openTls(c: GatewaySettings, telemetry: Telemetry): TlsFiles | null {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile } = c;
  if (certFile === undefined || keyFile === undefined) return null;
  const opened = TlsFiles.open({ certFile, keyFile, clientCaFile }, { telemetry, nowMs: () => systemClock.nowMs() });
  if (opened.ok) return opened.value;
  throw new Error(opened.fault.map(({ file, fault }) => `${file} ${fault}`).join('; '));
}

/** An HTTP server that was built on `files`: it follows their changes, and takes its handshakes a few at a time. */
export function guardHttps(server: HttpServer, files: TlsFiles, telemetry: Telemetry): HandshakeGate {
  if (!(server instanceof Server)) throw new Error('this server has no TLS');
  files.serve(server);
  return new HandshakeGate(server, HANDSHAKE_LIMITS, (code) => {
    telemetry.count('fairwatch_api_refusals_total', { code });
  });
}
