/**
 * The keys that an OIDC issuer publishes: fetched when first needed, seldom again whatever tokens name, and kept while the
 * issuer is away. jose's own remote set asks once a token while the issuer is down, waits for it every ten minutes, and
 * reads an answer of any length.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type JsonBounds, parseStrictJson } from '../../codec/strict-json.js';

export interface IssuerKeysOptions {
  readonly url: string;
  /** Older keys are fetched anew, beside the request that noticed. */
  readonly freshMs?: number;
  /** An issuer that is away takes nobody's sight of alerts for this long; a key that it withdrew meanwhile goes on as long. */
  readonly keptMs?: number;
  /** A token with a key that is not known makes us ask, at most this often. */
  readonly askAgainMs?: number;
  /** After a fetch that failed; doubled at each further one, up to `askAgainMs`. */
  readonly retryMs?: number;
  readonly timeoutMs?: number;
  /** Monotonic, so that a step of the clock neither ages keys nor freshens them. */
  readonly nowMs?: () => number;
}

const HOUR_MS = 3_600_000;
const bytesMax = 262_144;
const BOUNDS: JsonBounds = { depthMax: 8, membersPerObjectMax: 64, elementsPerListMax: 100, valuesMax: 5_000 };
const KINDS = ['RSA', 'EC', 'OKP'];

/** No key of the issuer is at hand: nothing can be said of any token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export class IssuerKeys {
  readonly #o: Required<IssuerKeysOptions>;
  #keys: { readonly find: ReturnType<typeof createLocalJWKSet>; readonly atMs: number } | null = null;
  #asking: Promise<void> | null = null;
  #askedMs = Number.NEGATIVE_INFINITY;
  #failures = 0;

  constructor(options: IssuerKeysOptions) {
    this.#o = {
      freshMs: 600_000,
      keptMs: 24 * HOUR_MS,
      askAgainMs: 30_000,
      retryMs: 1_000,
      timeoutMs: 5_000,
      nowMs: () => performance.now(),
      ...options,
    };
  }

  /** For `jwtVerify`. Rejects with `KeysUnavailable`, or with jose's fault where no key fits. */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    const { nowMs, freshMs, keptMs, askAgainMs } = this.#o;
    const ageMs = () => (this.#keys === null ? Number.POSITIVE_INFINITY : nowMs() - this.#keys.atMs);
    if (ageMs() > keptMs) await this.#ask();
    else if (ageMs() > freshMs) void this.#ask();
    if (this.#keys === null || ageMs() > keptMs) throw new KeysUnavailable();
    try {
      return await this.#keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || nowMs() - this.#askedMs < askAgainMs) throw error;
      await this.#ask();
      return this.#keys.find(header, token);
    }
  };

  /** One at a time, and after a failure not at once: a thousand tokens make one request. Never rejects. */
  #ask(): Promise<void> {
    if (this.#asking !== null) return this.#asking;
    const { nowMs, retryMs, askAgainMs } = this.#o;
    const waitMs = this.#failures === 0 ? 0 : Math.min(retryMs * 2 ** (this.#failures - 1), askAgainMs);
    if (nowMs() - this.#askedMs < waitMs) return Promise.resolve();
    this.#askedMs = nowMs();
    this.#asking = this.#fetch()
      .then((keys) => {
        this.#keys = { find: createLocalJWKSet(keys), atMs: nowMs() };
        this.#failures = 0;
      })
      .catch(() => {
        this.#failures++;
      })
      .finally(() => {
        this.#asking = null;
      });
    return this.#asking;
  }

  async #fetch(): Promise<JSONWebKeySet> {
    const response = await fetch(this.#o.url, {
      // the address is configured: whoever can redirect it could answer for the issuer
      redirect: 'error',
      signal: AbortSignal.timeout(this.#o.timeoutMs),
      headers: { accept: 'application/json, application/jwk-set+json' },
    });
    if (response.status !== 200 || response.body === null) throw new KeysUnavailable();
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > bytesMax) throw new KeysUnavailable();
      parts.push(part);
    }
    const parsed = parseStrictJson(Buffer.concat(parts), BOUNDS);
    const keys = parsed.ok ? (parsed.value as { keys?: unknown } | null)?.keys : null;
    if (!Array.isArray(keys)) throw new KeysUnavailable();
    // a set is public: a symmetric key in it would let anybody sign, and a private one is a mistake that we do not use
    const usable = (keys as Record<string, unknown>[]).filter(
      (key) => typeof key === 'object' && key !== null && KINDS.includes(String(key.kty)) && key.d === undefined,
    );
    if (usable.length === 0) throw new KeysUnavailable();
    return { keys: usable } as unknown as JSONWebKeySet;
  }
}
