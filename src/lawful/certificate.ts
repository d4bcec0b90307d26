/**
 * The certificate of a destruction (¶50): a JWS (RFC 7515, compact, ES256) over the certificate as JSON, which anyone
 * who has the public key can check without the gateway.
 */
import type { KeyObject } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, compactVerify, exportJWK, importJWK, type JWK } from 'jose';
import { bad, ok, type Result } from '../domain/result.js';
import type { CertificateBody, DestructionCertificate } from '../ports/duties/erasures.js';

const typ = 'fairwatch-destruction+jws';
const alg = 'ES256';

/** Signs with a P-256 private key. */
export class CertificateSigner {
  constructor(
    private readonly privateKey: KeyObject,
    private readonly publicKey: KeyObject,
  ) {}

  async sign(certificate: DestructionCertificate): Promise<CertificateBody> {
    const { kty, crv, x, y } = await exportJWK(this.publicKey);
    const jwk = { kty, crv, x, y } as JWK;
    const kid = await calculateJwkThumbprint(jwk);
    const payload = Buffer.from(JSON.stringify(certificate));
    const jws = await new CompactSign(payload).setProtectedHeader({ alg, kid, typ }).sign(this.privateKey);
    return { certificate, jws, jwk: { ...jwk, kid, alg, use: 'sig' } };
  }
}

export interface CheckedCertificate {
  readonly certificate: DestructionCertificate;
  /** RFC 7638 thumbprint of the key that it was checked with: compare it with the one that the gateway publishes. */
  readonly thumbprint: string;
}

/** The certificate that `jwk` signed, whole and unchanged; else in words what is wrong. */
export async function verifyCertificate(jws: string, jwk: JWK): Promise<Result<CheckedCertificate, string>> {
  try {
    // the public half alone, and ES256 alone: the header of what is checked chooses neither
    const { kty = '', crv = '', x = '', y = '' } = jwk;
    const bare: JWK = { kty, crv, x, y };
    const { payload, protectedHeader } = await compactVerify(jws, await importJWK(bare, alg), { algorithms: [alg] });
    if (protectedHeader.typ !== typ) return bad('it is signed, but it is no certificate of destruction');
    const certificate = JSON.parse(Buffer.from(payload).toString()) as DestructionCertificate;
    return ok({ certificate, thumbprint: await calculateJwkThumbprint(bare) });
  } catch {
    return bad('the signature is not that of this key over this text: it was changed, or another key signed it');
  }
}
