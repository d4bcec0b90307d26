/** The certificates that are served with now, read anew when their files change: connections that stand go on. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { bad, ok, type Result } from '../../domain/result.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { type CertificateFault, type CertificateFiles, type Certificates, readCertificates } from './certificates.js';

/** Something that serves with them, as `tls.Server` and `https.Server` do. */
export interface Served {
  setSecureContext(options: SecureContextOptions): void;
}

export interface TlsFilesOptions {
  readonly telemetry: Telemetry;
  readonly nowMs: () => number;
  /** How often the files are looked at; a change counts when it is the same at the next look. */
  readonly lookEveryMs?: number;
  readonly readFile?: (path: string) => Buffer;
}

const LOOK_EVERY_MS = 2_000;
/** A certificate that ends sooner is spoken of at each start and reload. */
const ENDS_SOON_MS = 14 * 86_400_000;

export class TlsFiles {
  readonly #files: CertificateFiles;
  readonly #o: TlsFilesOptions;
  readonly #readFile: (path: string) => Buffer;
  readonly #served = new Set<Served>();
  #current: Certificates;
  /** Digests of the files' contents: as they are served, as they were refused, and as they were seen last. */
  #applied: string;
  #refused = '';
  #seen: string;
  readonly #looking: NodeJS.Timeout;

  private constructor(files: CertificateFiles, options: TlsFilesOptions, first: Certificates) {
    this.#files = files;
    this.#o = options;
    this.#readFile = options.readFile ?? readFileSync;
    this.#current = first;
    this.#applied = this.#seen = this.#digest();
    this.#tell();
    this.#looking = setInterval(() => this.look(), options.lookEveryMs ?? LOOK_EVERY_MS);
    this.#looking.unref();
  }

  static open(files: CertificateFiles, options: TlsFilesOptions): Result<TlsFiles, CertificateFault[]> {
    const first = readCertificates(files, options.readFile ?? readFileSync, options.nowMs());
    return first.ok ? ok(new TlsFiles(files, options, first.value)) : bad(first.fault);
  }

  /** For a server of our own: TLS 1.3 alone. */
  serverOptions(): TlsOptions {
    return this.#context();
  }

  /**
   * The same, and client certificates are asked for where there is a CA for them; whoever has none, or a wrong one, is
   * told apart by `authorized`, for agencies and devices with a password share the port.
   */
  askingOptions(): TlsOptions {
    return { ...this.#context(), requestCert: this.#current.clientCa !== null, rejectUnauthorized: false };
  }

  /** From now on `server` is served with what the files hold. */
  serve(server: Served): void {
    this.#served.add(server);
  }

  /** Looks whether the files have changed; called by itself again and again. */
  look(): void {
    const now = this.#digest();
    const settled = now === this.#seen;
    this.#seen = now;
    if (settled && now !== this.#applied && now !== this.#refused) this.reload();
  }

  /** Reads the files. What is wrong with them is said, and the old certificates serve on. */
  reload(): Result<null, CertificateFault[]> {
    const { telemetry, nowMs } = this.#o;
    const digest = this.#digest();
    const read = readCertificates(this.#files, this.#readFile, nowMs());
    const problem = read.ok ? this.#apply(read.value) : read.fault;
    telemetry.count('fairwatch_tls_reloads_total', { outcome: problem === null ? 'taken' : 'refused' });
    if (problem === null) {
      this.#applied = digest;
      this.#refused = '';
      telemetry.log('info', 'tls_files_taken');
      this.#tell();
      return ok(null);
    }
    this.#refused = digest;
    for (const { file, fault } of problem) telemetry.log('error', 'tls_files_refused', { file, fault });
    return bad(problem);
  }

  close(): void {
    clearInterval(this.#looking);
  }

  /** A client CA is asked for or not from the start on: that cannot change under connections that come. */
  #apply(next: Certificates): CertificateFault[] | null {
    const former = this.#current;
    this.#current = next;
    try {
      for (const server of this.#served) server.setSecureContext(this.#context());
      return null;
    } catch {
      this.#current = former;
      for (const server of this.#served) server.setSecureContext(this.#context());
      return [{ file: 'certFile', fault: 'cannot be served with' }];
    }
  }

  #context(): SecureContextOptions {
    const { cert, key, clientCa } = this.#current;
    return { cert, key, ...(clientCa === null ? {} : { ca: clientCa }), minVersion: 'TLSv1.3' };
  }

  #digest(): string {
    const hash = createHash('sha256');
    const { certFile, keyFile, clientCaFile } = this.#files;
    for (const path of [certFile, keyFile, clientCaFile]) {
      if (path === undefined) continue;
      try {
        hash.update(createHash('sha256').update(this.#readFile(path)).digest());
      } catch {
        hash.update('none');
      }
    }
    return hash.digest('hex');
  }

  #tell(): void {
    const { telemetry, nowMs } = this.#o;
    const leftMs = this.#current.endsMs - nowMs();
    telemetry.gauge('fairwatch_tls_certificate_ends_seconds', Math.floor(this.#current.endsMs / 1_000));
    if (leftMs < ENDS_SOON_MS)
      telemetry.log('warn', 'tls_certificate_ends_soon', { days: Math.floor(leftMs / 86_400_000) });
  }
}
