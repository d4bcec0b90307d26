/** The development issuer: a random key in the data folder that signs tokens; it exists only after `serve --dev`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { AgencyId } from '../../domain/ids.js';
import type { Role } from '../../domain/role.js';
import { issuerVerifier, type TokenVerifier } from './tokens.js';

const issuer = 'fairwatch-development';
const audience = 'fairwatch';
const algorithm = 'HS256';
const keyFile = 'dev-issuer.key';
/** The administrator's token that scripts read. */
export const DEV_TOKEN_FILE = 'dev-token';
/** A token of a person lasts an hour at most. */
export const TOKEN_TTL_S_MAX = 3_600;
/**
 * The administrator's file is made anew at each `serve --dev` and lasts a week: longer than any load test or
 * soak, short enough that a forgotten data folder opens nothing.
 */
export const DEV_TOKEN_TTL_S = 7 * 86_400;

export interface DevelopmentIssuer {
  readonly verifier: TokenVerifier;
  /** A signed token; `ttlS` is cut to an hour. */
  sign(claims: { role: Role; agency: AgencyId; user: string }, ttlS?: number): Promise<string>;
  /** Writes the administrator's token to `dev-token` (mode 0600); returns its path. */
  writeDevToken(agency: AgencyId): Promise<string>;
}

/** Opens the issuer of a data folder, making its key when there is none. Only `serve --dev` calls this. */
export function createDevelopmentIssuer(dataDir: string): DevelopmentIssuer {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(join(dataDir, keyFile), `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // a key that is there stays: tokens given out before a restart go on
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const opened = openDevelopmentIssuer(dataDir);
  if (opened === null) throw new Error(`${join(dataDir, keyFile)} is damaged: delete it and start again`);
  return opened;
}

/** The issuer of a data folder, or null when the folder has none (or none that can be read). */
export function openDevelopmentIssuer(dataDir: string): DevelopmentIssuer | null {
  let key: Buffer;
  try {
    key = Buffer.from(readFileSync(join(dataDir, keyFile), 'utf8').trim(), 'base64url');
  } catch {
    return null;
  }
  if (key.length !== 32) return null;
  const sign = (claims: { role: Role; agency: AgencyId; user: string }, ttlS: number) =>
    new SignJWT({ role: claims.role, agency: claims.agency })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(claims.user)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1_000) + ttlS)
      .sign(key);
  return {
    verifier: issuerVerifier(
      { issuer, audience, algorithms: [algorithm], key, lifeMsMax: DEV_TOKEN_TTL_S * 1_000 },
      true,
    ),
    sign: (claims, ttlS = TOKEN_TTL_S_MAX) => sign(claims, Math.min(ttlS, TOKEN_TTL_S_MAX)),
    async writeDevToken(agency) {
      const token = await sign({ role: 'administrator', agency, user: 'dev-administrator' }, DEV_TOKEN_TTL_S);
      const path = join(dataDir, DEV_TOKEN_FILE);
      // by rename, so that a script that waits for the file never reads half of it
      writeFileSync(`${path}.new`, `${token}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
      return path;
    },
  };
}
