/** Expected failure as a value: parsers and checks return it, broken invariants throw. */
export type Result<T, F> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: F };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const bad = <F>(fault: F): { readonly ok: false; readonly fault: F } => ({ ok: false, fault });

/** Ends an exhaustive switch; the compiler rejects the call while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
