/** Whether two names in tokens may be one person's: where two people are needed, doubt counts as one. */

/** As people read them: `Ann`, `ann `, a full-width `ａｎｎ` and one with a character that has no width are one. */
const folded = (user: string): string =>
  user
    .normalize('NFKC')
    .replace(/[\p{C}\p{Z}]/gu, '')
    .toLowerCase();

export const isSameUser = (a: string, b: string): boolean => folded(a) === folded(b);
