/** Device passwords: 32 random bytes in base64url, so a plain hash of them gives nothing away. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of the password's UTF-8 text, base64url. */
export function passwordHash(password: string): string {
  return sha256(password).toString('base64url');
}

/** Whether it is the password of that hash; takes the same time whatever was given. */
export function passwordMatches(password: string | Uint8Array, hash: string): boolean {
  const wanted = Buffer.from(hash, 'base64url');
  return wanted.length === 32 && timingSafeEqual(sha256(password), wanted);
}

function sha256(password: string | Uint8Array): Buffer {
  return createHash('sha256').update(password).digest();
}
