/** What of a scenario's canaries is seen in what it left behind. */

import { dirname } from 'node:path';
import { open } from 'lmdb';
import { decodeSegment } from '../../src/codec/segment.js';
import { CanaryHunt } from './hunt.js';
import type { Remains } from './scenario.js';

/** A line a sighting, at most three a place. */
export function sightingsIn({ canaries, secrets, places }: Pick<Remains, 'canaries' | 'secrets' | 'places'>): string[] {
  const hunt = new CanaryHunt(canaries);
  const seen: string[] = [];
  for (const [place, bytes] of places) {
    for (const { encoding, offset } of hunt.in(bytes, 3)) seen.push(`${place}: ${encoding} at ${offset}`);
    const told = secrets.filter((secret) =>
      spellings(secret.subarray(0, 48)).some((spelling) => bytes.includes(spelling)),
    );
    for (const secret of told.slice(0, 3)) {
      seen.push(
        `${place}: "${secret
          .toString('latin1')
          .replace(/[^ -~]/g, '.')
          .slice(0, 24)}"`,
      );
    }
  }
  return seen;
}

/** As it is, in hex, and in base64 from each of the three places at which it may begin there. */
function spellings(secret: Buffer): Buffer[] {
  const hex = secret.toString('hex');
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret])
      .toString('base64')
      .replace(/=+$/, '');
    // the letters at both ends share bits with what stands beside
    return text.slice(before === 0 ? 0 : before + 1, (before + secret.length) % 3 === 0 ? undefined : -1);
  });
  const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [secret, ...[hex, hex.toUpperCase(), ...base64, ...url].map((text) => Buffer.from(text))];
}

/** Version, ephemeral point, wrapped key, nonce; the tag at the end. */
const SEGMENT_HEADER_BYTES = 1 + 64 + 40 + 12;
const TAG_BYTES = 16;

/**
 * Positions in an archive whose seal is the identity: its segments are compressed, so the hunt reads their own format.
 * `dataFile`: `…/archive/data.mdb`.
 */
export async function sightingsInArchive(dataFile: string, { canaries }: Pick<Remains, 'canaries'>): Promise<number> {
  const known = new Set(canaries.map(({ latE7, lonE7 }) => `${latE7} ${lonE7}`));
  const root = open<Buffer, string>({ path: dirname(dataFile), readOnly: true, maxDbs: 64, encoding: 'binary' });
  let seen = 0;
  for (const name of [...root.getKeys()].map(String)) {
    const db = root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
    for (const { value } of db.getRange({})) seen += positionsOf(Buffer.from(value), known);
  }
  await root.close();
  return seen;
}

function positionsOf(row: Buffer, known: ReadonlySet<string>): number {
  for (let at = 0; at < 32 && at + SEGMENT_HEADER_BYTES + TAG_BYTES < row.length; at++) {
    if (row[at] !== 1) continue;
    try {
      const said = decodeSegment(row.subarray(at + SEGMENT_HEADER_BYTES, row.length - TAG_BYTES));
      return said.filter(({ record: { body } }) => body.kind === 'fix' && known.has(`${body.latE7} ${body.lonE7}`))
        .length;
    } catch {
      // no segment begins here
    }
  }
  return 0;
}
