/** Texts of a fixed form, which stand for 16 bytes: records' hashes (base64url) and alerts' identities (`A-` and hex). */

const HASH_LENGTH = 22;
const HEX_ID_LENGTH = 34;
const NONE = 255;

const SEXTETS = numbersOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const HEX = numbersOf('0123456789abcdef');

function numbersOf(digits: string): Uint8Array {
  const numbers = new Uint8Array(128).fill(NONE);
  for (let i = 0; i < digits.length; i++) numbers[digits.charCodeAt(i)] = i;
  return numbers;
}

/** Of a digit of base64url; 255 for any other character. */
export const sextet = (code: number): number => SEXTETS[code] ?? NONE;
/** Of a lower-case hex digit; 255 for any other character. */
export const hexDigit = (code: number): number => HEX[code] ?? NONE;

/** Exactly what 16 bytes are in base64url: the last digit has two bits of them, the other four are none. */
export function isHash(text: string): boolean {
  if (text.length !== HASH_LENGTH) return false;
  for (let i = 0; i < HASH_LENGTH; i++) if (sextet(text.charCodeAt(i)) === NONE) return false;
  return (sextet(text.charCodeAt(HASH_LENGTH - 1)) & 15) === 0;
}

export function isHexId(text: string): boolean {
  if (text.length !== HEX_ID_LENGTH || !text.startsWith('A-')) return false;
  for (let i = 2; i < HEX_ID_LENGTH; i++) if (hexDigit(text.charCodeAt(i)) === NONE) return false;
  return true;
}
