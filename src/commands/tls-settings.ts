/** What is wrong with the settings of TLS: what belongs together, what needs it, and what the files hold. */
import { isLoopback } from '../adapters/system/loopback.js';
import { readCertificates } from '../adapters/tls/certificates.js';
import { envName } from './settings.js';

export interface TlsSettings {
  readonly httpHost?: string | undefined;
  readonly mqttsHost?: string | undefined;
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  readonly tlsClientCaFile?: string | undefined;
  readonly deviceCertificates?: 'optional' | 'required' | undefined;
  readonly dev?: boolean | undefined;
}

export interface TlsFault {
  readonly setting: string;
  readonly fault: string;
}

/** `readFile` throws when it cannot; null: the files are not this command's business. */
export function tlsFaults(c: TlsSettings, readFile: ((path: string) => string) | null, nowMs: number): TlsFault[] {
  const faults: TlsFault[] = [];
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile } = c;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    faults.push({ setting: 'TLS_CERT_FILE, TLS_KEY_FILE', fault: 'belong together: set both, or neither' });
  }
  const served = certFile !== undefined && keyFile !== undefined;
  if (clientCaFile !== undefined && certFile === undefined && keyFile === undefined) {
    faults.push({ setting: 'TLS_CLIENT_CA_FILE', fault: 'needs TLS_CERT_FILE and TLS_KEY_FILE' });
  }
  if (c.deviceCertificates === 'required' && clientCaFile === undefined) {
    faults.push({
      setting: 'DEVICE_CERTIFICATES',
      fault: 'required needs TLS_CLIENT_CA_FILE: no device could come in',
    });
  }
  for (const name of ['httpHost', 'mqttsHost'] as const) {
    const host = c[name];
    if (host === undefined || isLoopback(host)) continue;
    if (c.dev === true) faults.push({ setting: envName(name), fault: 'must be a loopback address with --dev' });
    else if (!served) {
      const fault = 'is open to the network: set TLS_CERT_FILE and TLS_KEY_FILE, or listen on loopback (127.0.0.1)';
      faults.push({ setting: envName(name), fault });
    }
  }
  if (readFile !== null && served) {
    const read = readCertificates({ certFile, keyFile, clientCaFile }, (path) => Buffer.from(readFile(path)), nowMs);
    if (!read.ok) faults.push(...read.fault.map(({ file, fault }) => ({ setting: settingOf[file], fault })));
  }
  return faults;
}

const settingOf = {
  certFile: 'TLS_CERT_FILE',
  keyFile: 'TLS_KEY_FILE',
  clientCaFile: 'TLS_CLIENT_CA_FILE',
} as const;
