/** A moment as clients read it: RFC 3339 in UTC, with milliseconds. */

const DAY_MS = 86_400_000;
/** Years of four digits: from 0000-01-01 to 9999-12-31. */
const FROM_MS = -62_167_219_200_000;
const TO_MS = 253_402_300_800_000;
const twoDigits = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const threeDigits = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));

/** Most of what is told at once is of one day. */
let lastDay = Number.NaN;
let lastDate = '';

/**
 * As `toISOString` of that moment, of which it takes a fifth of the time: an alert has five of them, a page a hundred.
 * Throws `RangeError` as that does.
 */
export function rfc3339(ms: number): string {
  if (!(Number.isInteger(ms) && ms >= FROM_MS && ms < TO_MS)) return new Date(ms).toISOString();
  const day = Math.floor(ms / DAY_MS);
  if (day !== lastDay) {
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 11);
    lastDay = day;
  }
  const ofDay = ms - day * DAY_MS;
  const seconds = Math.floor(ofDay / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${lastDate}${twoDigits[hours]}:${twoDigits[minutes - 60 * hours]}:${twoDigits[seconds - 60 * minutes]}.${threeDigits[ofDay - 1_000 * seconds]}Z`;
}
