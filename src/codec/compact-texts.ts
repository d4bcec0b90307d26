/** The identities of alerts (`A-` and 32 hex digits), which stand for 16 bytes. */

const LENGTH = 34;
const NONE = 255;
const HEX = new Uint8Array(128).fill(NONE);
for (const [value, digit] of [...'0123456789abcdef'].entries()) HEX[digit.charCodeAt(0)] = value;

/** Of a lower-case hex digit; 255 for any other character. */
export const hexDigit = (code: number): number => HEX[code] ?? NONE;

export function isHexId(text: string): boolean {
  if (text.length !== LENGTH || !text.startsWith('A-')) return false;
  for (let i = 2; i < LENGTH; i++) if (hexDigit(text.charCodeAt(i)) === NONE) return false;
  return true;
}
