/** Documents of the register as duties use them: new ones under a fresh id, and the next version of one that stands. */
import { randomBytes } from 'node:crypto';
import { bad, ok, type Result } from '../domain/result.js';
import type { DutyRefusal } from '../ports/duties/duty.js';
import { type DocumentKind, type Register, type RegisterDocument, VersionTaken } from '../ports/register.js';

/** Opaque: 80 random bits after a letter that tells people what it is. */
export const newId = (letter: string): string => `${letter}-${randomBytes(10).toString('hex')}`;

export const refusal = (code: DutyRefusal['code'], detail: string, toThePerson: string | null = null) =>
  bad<DutyRefusal>({ code, detail, toThePerson });

export const notFound = (what: string) => refusal('not_found', `There is no such ${what}, or it was erased.`);

/** The newest version; null: none. */
export function documentOf<Body>(register: Register, kind: DocumentKind, id: string): RegisterDocument<Body> | null {
  return register.get(kind, id) as RegisterDocument<Body> | null;
}

export interface Change<Body> {
  readonly atMs: number;
  readonly by: string;
  readonly body: Body;
}

/** Puts the version after `standing`; refused where somebody else was quicker. */
export async function putNext<Body>(
  register: Register,
  standing: RegisterDocument<Body>,
  change: Change<Body>,
): Promise<Result<RegisterDocument<Body>, DutyRefusal>> {
  const next = { ...standing, ...change, version: standing.version + 1 };
  try {
    await register.put(next);
  } catch (error) {
    if (!(error instanceof VersionTaken)) throw error;
    return refusal('conflict', 'Somebody else has changed it meanwhile: read it again and decide anew.');
  }
  return ok(next);
}
