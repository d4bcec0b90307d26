/** What a store throws when the disk does not take what it was given: nothing of that call is kept, and what was kept before stands. */
import { constants } from 'node:os';

export class StoreFailed extends Error {
  override readonly name = 'StoreFailed';
  constructor(
    /** The folder or file. */
    readonly where: string,
    /** `ENOSPC`, `EIO`, …; a word for what the store itself found. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${where} could not be written: ${ADVICE[reason] ?? reason}`, options);
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full (ENOSPC): make room, then start again; devices still hold what was not acknowledged',
  EDQUOT: 'the quota is used up (EDQUOT): make room, then start again; devices still hold what was not acknowledged',
  EFBIG: 'the file may not grow further (EFBIG): raise the limit on file sizes (`ulimit -f`)',
  EIO: 'the disk failed (EIO): check it before anything is written to it again',
  EROFS: 'the file system is read-only (EROFS): it may have failed; check the disk',
};

/** Says where, of an error of the disk; any other goes on as it is. */
export function asStoreFailed(where: string, error: unknown): unknown {
  const reason = error instanceof StoreFailed ? null : errnoOf(error);
  return reason === null || ADVICE[reason] === undefined ? error : new StoreFailed(where, reason, { cause: error });
}

/** The word for what went wrong, of an error of Node (`ENOSPC`) or of LMDB (28); null: it names none. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof StoreFailed) return error.reason;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && /^E[A-Z0-9]{2,20}$/.test(code)) return code;
  const named = Object.entries(constants.errno).find(([, number]) => number === code)?.[0];
  return named ?? errnoOf(error.cause);
}
