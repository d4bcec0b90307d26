/** Certificates made for one test by `openssl`, and gone with it: a CA, the server's, and what clients present. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface IssueOptions {
  /** Its subject's CN. */
  readonly cn: string;
  readonly for?: 'server' | 'client';
  /** Begins and ends that many days from now; openssl's own form of a validity that is past. */
  readonly days?: number;
  readonly ended?: boolean;
}

/** Keeps its files in `folder`. */
export class TestCa {
  #serial = 0;

  private constructor(
    readonly folder: string,
    readonly own: Pair,
  ) {}

  static async make(folder: string, cn = 'test CA'): Promise<TestCa> {
    const name = cn.replaceAll(' ', '-');
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', keyFile];
    await openssl('req', '-x509', ...key, '-out', certFile, '-days', '2', '-subj', `/CN=${cn}`);
    return new TestCa(folder, pair(certFile, keyFile));
  }

  async issue({ cn, for: purpose = 'client', days = 2, ended = false }: IssueOptions): Promise<Pair> {
    this.#serial += 1;
    const base = join(this.folder, `${cn.replaceAll(/[^\w]/g, '-')}-${this.#serial}`);
    const [certFile, keyFile, requestFile, extFile] = ['.pem', '.key', '.csr', '.ext'].map((end) => base + end) as [
      string,
      string,
      string,
      string,
    ];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', keyFile];
    await openssl('req', '-new', ...key, '-out', requestFile, '-subj', `/CN=${cn}`);
    const names = purpose === 'server' ? 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' : '';
    writeFileSync(extFile, `extendedKeyUsage=${purpose}Auth\n${names}`);
    const signer = ['-CA', this.own.certFile, '-CAkey', this.own.keyFile, '-extfile', extFile];
    // a negative number of days makes a certificate that ended before it began: openssl 3.0 has no other way
    const validity = ['-days', ended ? '-1' : String(days)];
    await openssl('x509', '-req', '-in', requestFile, ...signer, '-out', certFile, ...validity);
    return pair(certFile, keyFile);
  }
}

const pair = (certFile: string, keyFile: string): Pair => ({
  certFile,
  keyFile,
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
});

async function openssl(...args: string[]): Promise<void> {
  await run('openssl', args);
}
