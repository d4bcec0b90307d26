// What is drawn at random, by look-alikes that are the same each time: the n-th secret of its kind is always the same.
import { createHash } from 'node:crypto';
import type { Examples } from '../../../src/api/document/examples.js';

/** Every kind of random text in what the API answers, longest first. */
const KINDS: readonly (readonly [name: string, pattern: RegExp])[] = [
  // JWS: read, masked inside, and written again, so that it can still be read
  ['jws', /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g],
  // a stored entry of the log, sealed
  ['sealed', /(?<=\\?"entry\\?":\\?")[\w+/=-]{20,}/g],
  ['hash', /\b[0-9a-f]{64}\b/g],
  ['name', /\b[0-9a-f]{32}\b/g],
  ['id', /(?<=\b[A-Z]{1,2}-)[0-9a-f]{20}\b/g],
  ['cursor', /\bAAAAAAAA[\w-]{14}(?![\w-])/g],
  ['key', /(?<=")[\w-]{43}(?=\\?")/g],
];

export function masked(examples: Examples): Examples {
  const known = new Map<string, string>();
  let text = JSON.stringify(examples);
  for (const [name, pattern] of KINDS) text = text.replace(pattern, (found) => mask(name, found));
  return JSON.parse(text) as Examples;

  function mask(name: string, found: string): string {
    if (name === 'jws') return maskedJws(found);
    const before = known.get(found);
    if (before !== undefined) return before;
    const n = [...known.keys()].filter((one) => one.length === found.length).length + 1;
    const alike = lookAlike(`${name} ${n}`, found);
    known.set(found, alike);
    return alike;
  }

  function maskedJws(jws: string): string {
    const [header = '', payload = ''] = jws.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
    const inner = [header, payload].map((part) =>
      KINDS.slice(1).reduce((text, [name, pattern]) => text.replace(pattern, (found) => mask(name, found)), part),
    );
    const parts = inner.map((part) => Buffer.from(part).toString('base64url'));
    const signature = createHash('sha512').update(inner.join()).digest('base64url');
    return [...parts, signature].join('.');
  }
}

/** Of the same length and alphabet. */
function lookAlike(seed: string, found: string): string {
  const encoding = /^[0-9a-f]+$/.test(found) ? 'hex' : seed.startsWith('sealed') ? 'base64' : 'base64url';
  let made = '';
  for (let n = 0; made.length < found.length; n++) {
    made += createHash('sha256').update(`example ${seed} ${n}`).digest(encoding).replace(/=+$/, '');
  }
  const padding = /=*$/.exec(found)?.[0] ?? '';
  return made.slice(0, found.length - padding.length) + padding;
}
