/** Whether two names in tokens may be one person's: where two people are needed, doubt counts as one. */

/** As people type them: `Ann`, `ann ` and a full-width `ａｎｎ` are one. */
const folded = (user: string): string => user.normalize('NFKC').trim().toLowerCase();

export const isSameUser = (a: string, b: string): boolean => folded(a) === folded(b);
