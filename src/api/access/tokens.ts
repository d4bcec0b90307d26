/** Bearer tokens: who is asking, by an OIDC issuer's keys or by the development issuer's. */
import { hash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type AgencyId, parseAgencyId } from '../../domain/ids.js';
import { bad, ok, type Result } from '../../domain/result.js';
import { ROLES, type Role } from '../../domain/role.js';
import { IssuerKeys, type IssuerKeysOptions, KeysUnavailable } from './issuer-keys.js';
import { scopeOf } from './policy.js';
import { isTokenShaped } from './token-shape.js';

/** A person (or a program run by one) with a role in an agency. */
export interface Caller {
  readonly user: string;
  readonly role: Role;
  readonly agency: AgencyId;
  /** The token ends here (UTC ms): a live stream is cut off then. */
  readonly expiresMs: number;
}

/** Why a token was refused; for counters and logs, never for the caller to learn from. */
export type TokenRefusal = 'expired' | 'signature' | 'claims' | 'malformed' | 'keys_unavailable' | 'no_issuer';

export interface TokenVerifier {
  /** True when a development issuer is trusted: the development policy holds then. */
  readonly development: boolean;
  verify(token: string): Promise<Result<Caller, TokenRefusal>>;
}

/** One issuer that is trusted, with the only algorithms that its tokens may name. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly key: Uint8Array | JWTVerifyGetKey;
  /** The furthest end that a token may have, from now. */
  readonly lifeMsMax: number;
}

/** Asymmetric only: a JWKS is public, so a symmetric algorithm would let anybody sign. */
const OIDC_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
/** A token is gone with its end alone: one that lasts for longer from now is refused, whoever signed it. */
const lifeMsMax = 24 * 3_600_000;
/** The issuer's clock may be ahead of ours; behind it nobody is let in for longer. */
const aheadMs = 30_000;

/** Tokens of an OIDC provider, by the keys that it publishes. */
export function oidcVerifier(
  o: { issuer: string; audience: string; jwksUrl: string },
  keys: Partial<Omit<IssuerKeysOptions, 'url'>> = {},
): TokenVerifier {
  const { keyOf } = new IssuerKeys({ ...keys, url: o.jwksUrl });
  return issuerVerifier(
    { issuer: o.issuer, audience: o.audience, algorithms: OIDC_ALGORITHMS, key: keyOf, lifeMsMax },
    false,
  );
}

/** Tokens whose signature was found good and is not looked at again, at a kilobyte or so each. */
const knownMax = 10_000;

/** A token that was good: its signature stands as long as the issuer's key for it is this very one. */
interface KnownToken {
  readonly payload: JWTPayload;
  readonly key: unknown;
  readonly asked: Parameters<JWTVerifyGetKey>;
}

/**
 * Verifies shape, signature, algorithm, issuer, audience, expiry (required, and soon) and the claims `sub`, `role`, `agency`.
 * Whoever asks a hundred times a second has one signature checked, and the key and the token's times a hundred times: a key
 * that is withdrawn takes its tokens along at once, as if each were checked anew (bench/api).
 */
export function issuerVerifier(trusted: TrustedIssuer, development: boolean): TokenVerifier {
  const known = new Map<string, KnownToken>();
  const { key: trustedKey } = trusted;
  const keyOf = async (...asked: Parameters<JWTVerifyGetKey>) =>
    typeof trustedKey === 'function' ? trustedKey(...asked) : trustedKey;
  const options: JWTVerifyOptions = {
    issuer: trusted.issuer,
    audience: trusted.audience,
    algorithms: [...trusted.algorithms],
    requiredClaims: ['exp', 'sub'],
    clockTolerance: aheadMs / 1_000,
  };
  return {
    development,
    async verify(token) {
      const digest = hash('sha256', token, 'base64url');
      try {
        const payload = (await stillGood(digest)) ?? (await looked(token, digest));
        return payload === null ? bad('malformed') : callerOf(payload, trusted.lifeMsMax, Date.now());
      } catch (error) {
        return bad(refusalOf(error));
      }
    },
  };

  /** Null: not known, or the issuer has another key now. Rejects as the issuer's keys do. */
  async function stillGood(digest: string): Promise<JWTPayload | null> {
    const found = known.get(digest);
    if (found === undefined) return null;
    const key = await keyOf(...found.asked).catch((error: unknown) => {
      known.delete(digest);
      throw error;
    });
    known.delete(digest);
    if (key !== found.key) return null;
    // to the back: forgotten is who has not asked for longest
    known.set(digest, found);
    return found.payload;
  }

  /** Null: it is not shaped as a token is. Rejects with jose's fault, or as the issuer's keys do. */
  async function looked(token: string, digest: string): Promise<JWTPayload | null> {
    if (!isTokenShaped(token)) return null;
    let used: Pick<KnownToken, 'key' | 'asked'> | null = null;
    const { payload } = await jwtVerify(
      token,
      async (...asked) => {
        const key = await keyOf(...asked);
        used = { key, asked };
        return key;
      },
      options,
    );
    if (used !== null) known.set(digest, { payload, ...(used as Pick<KnownToken, 'key' | 'asked'>) });
    const oldest = known.size > knownMax ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return payload;
  }
}

/** No issuer is configured: nobody gets in. */
export function noVerifier(): TokenVerifier {
  return { development: false, verify: async () => bad('no_issuer') };
}

/** Whom a token names, and whether their role reads alerts; null: nobody. For MQTT, where `agency:{agency}` logs in with a token as its password. */
export async function verifyAgencyToken(
  tokens: TokenVerifier,
  token: string,
): Promise<(Caller & { readsAlerts: boolean }) | null> {
  const verified = await tokens.verify(token);
  if (!verified.ok) return null;
  const readsAlerts = scopeOf(verified.value.role, 'alerts.stream', tokens.development) !== null;
  return { ...verified.value, readsAlerts };
}

function callerOf(payload: JWTPayload, lifeMsMax: number, nowMs: number): Result<Caller, TokenRefusal> {
  const { sub: user, role, agency, exp, iat, nbf } = payload;
  const knownRole = ROLES.find((known) => known === role);
  const knownAgency = parseAgencyId(agency);
  if (!isUserName(user) || knownRole === undefined || !knownAgency.ok || typeof exp !== 'number') return bad('claims');
  const expiresMs = exp * 1_000;
  // the tolerance is for clocks that are ahead: an end is an end
  if (!(expiresMs > nowMs)) return bad('expired');
  if (!(expiresMs <= nowMs + lifeMsMax + aheadMs)) return bad('claims');
  for (const begin of [iat, nbf]) {
    if (begin !== undefined && !(typeof begin === 'number' && begin * 1_000 <= nowMs + aheadMs)) return bad('claims');
  }
  return ok({ user, role: knownRole, agency: knownAgency.value, expiresMs });
}

/** It stands in the log and on screens: no control characters, no line ends, no halves of surrogate pairs, no blanks at an end. */
function isUserName(user: unknown): user is string {
  return (
    typeof user === 'string' &&
    user.length <= 256 &&
    /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+$/u.test(user) &&
    user.trim() === user
  );
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return 'claims';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed';
  if (error instanceof KeysUnavailable) return 'keys_unavailable';
  return 'signature';
}
