/** The files that a TLS door needs: read, and checked against each other, before anything is served with them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { bad, ok, type Result } from '../../domain/result.js';

export interface CertificateFiles {
  /** The certificate and those that lead from it to a root, PEM. */
  readonly certFile: string;
  /** Its private key, PEM, not encrypted. */
  readonly keyFile: string;
  /** Certificates that client certificates must be signed by, PEM; without it none is asked for. */
  readonly clientCaFile?: string | undefined;
}

export interface Certificates {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly clientCa: Buffer | null;
  /** When the first of the certificates that we show ends, UTC ms. */
  readonly endsMs: number;
}

/** What is wrong with one of the files, and what to do; nothing of its contents. */
export interface CertificateFault {
  readonly file: keyof CertificateFiles;
  readonly fault: string;
}

/** Every fault at once. `readFile` throws when it cannot. */
export function readCertificates(
  files: CertificateFiles,
  readFile: (path: string) => Buffer,
  nowMs: number,
): Result<Certificates, CertificateFault[]> {
  const faults: CertificateFault[] = [];
  const read = (file: keyof CertificateFiles): Buffer | null => {
    const path = files[file];
    if (path === undefined) return null;
    try {
      return readFile(path);
    } catch {
      faults.push({ file, fault: 'names a file that cannot be read' });
      return null;
    }
  };
  const cert = read('certFile');
  const key = read('keyFile');
  const clientCa = read('clientCaFile');
  const chain = cert === null ? [] : chainOf(cert, 'certFile', faults, nowMs);
  if (clientCa !== null) chainOf(clientCa, 'clientCaFile', faults, nowMs);
  const privateKey = key === null ? null : privateKeyOf(key, faults);
  const own = chain[0];
  if (own !== undefined && privateKey !== null && !own.checkPrivateKey(privateKey)) {
    faults.push({ file: 'keyFile', fault: 'holds the key of another certificate: give the one that belongs to it' });
  }
  if (faults.length > 0 || cert === null || key === null) return bad(faults);
  const endsMs = Math.min(...chain.map((one) => Date.parse(one.validTo)));
  return ok({ cert, key, clientCa, endsMs });
}

function chainOf(
  pem: Buffer,
  file: 'certFile' | 'clientCaFile',
  faults: CertificateFault[],
  nowMs: number,
): X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const chain: X509Certificate[] = [];
  for (const block of blocks) {
    try {
      chain.push(new X509Certificate(block));
    } catch {
      faults.push({ file, fault: 'holds a certificate that cannot be read' });
      return [];
    }
  }
  if (chain.length === 0) faults.push({ file, fault: 'holds no certificate in PEM form' });
  if (chain.some(({ validTo }) => Date.parse(validTo) <= nowMs)) {
    faults.push({ file, fault: 'holds a certificate that has ended: renew it' });
  }
  if (chain.some(({ validFrom }) => Date.parse(validFrom) > nowMs)) {
    faults.push({ file, fault: 'holds a certificate that is not valid yet: look at its dates, and at the clock' });
  }
  return chain;
}

function privateKeyOf(pem: Buffer, faults: CertificateFault[]): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    faults.push({ file: 'keyFile', fault: 'holds no private key in PEM form that opens without a passphrase' });
    return null;
  }
}
