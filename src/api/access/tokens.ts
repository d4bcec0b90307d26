/** Bearer tokens: who is asking, by an OIDC issuer's keys or by the development issuer's. */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type AgencyId, parseAgencyId } from '../../domain/ids.js';
import { bad, ok, type Result } from '../../domain/result.js';
import { ROLES, type Role } from '../../domain/role.js';
import { scopeOf } from './policy.js';

/** A person (or a program run by one) with a role in an agency. */
export interface Caller {
  readonly user: string;
  readonly role: Role;
  readonly agency: AgencyId;
  /** The token ends here (UTC ms): a live stream is cut off then. */
  readonly expiresMs: number;
}

/** Why a token was refused; for counters and logs, never for the caller to learn from. */
export type TokenRefusal = 'expired' | 'signature' | 'claims' | 'malformed' | 'keys_unavailable';

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
}

const tokenBytesMax = 8_192;
/** Asymmetric only: a JWKS is public, so a symmetric algorithm would let anybody sign. */
const OIDC_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;

/** Tokens of an OIDC provider, its keys fetched from `jwksUrl` when first needed and kept by jose (10 min, 30 s between misses). */
export function oidcVerifier(o: { issuer: string; audience: string; jwksUrl: string }): TokenVerifier {
  return issuerVerifier(
    {
      issuer: o.issuer,
      audience: o.audience,
      algorithms: OIDC_ALGORITHMS,
      key: createRemoteJWKSet(new URL(o.jwksUrl), { timeoutDuration: 5_000 }),
    },
    false,
  );
}

/** Verifies signature, algorithm, issuer, audience, expiry (required) and the claims `sub`, `role`, `agency`. */
export function issuerVerifier(trusted: TrustedIssuer, development: boolean): TokenVerifier {
  const options: JWTVerifyOptions = {
    issuer: trusted.issuer,
    audience: trusted.audience,
    algorithms: [...trusted.algorithms],
    requiredClaims: ['exp', 'sub'],
    clockTolerance: 0,
  };
  return {
    development,
    async verify(token) {
      if (token.length > tokenBytesMax) return bad('malformed');
      try {
        const { payload } =
          typeof trusted.key === 'function'
            ? await jwtVerify(token, trusted.key, options)
            : await jwtVerify(token, trusted.key, options);
        return callerOf(payload.sub, payload.role, payload.agency, payload.exp);
      } catch (error) {
        return bad(refusalOf(error));
      }
    },
  };
}

/** No issuer is configured: nobody gets in. */
export function noVerifier(): TokenVerifier {
  return { development: false, verify: async () => bad('keys_unavailable') };
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

function callerOf(user: unknown, role: unknown, agency: unknown, exp: unknown): Result<Caller, TokenRefusal> {
  const knownRole = ROLES.find((known) => known === role);
  const knownAgency = parseAgencyId(agency);
  const named = typeof user === 'string' && user.length >= 1 && user.length <= 256;
  if (!named || knownRole === undefined || !knownAgency.ok || typeof exp !== 'number') return bad('claims');
  return ok({ user, role: knownRole, agency: knownAgency.value, expiresMs: exp * 1_000 });
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return 'claims';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed';
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) return 'keys_unavailable';
  return 'signature';
}
