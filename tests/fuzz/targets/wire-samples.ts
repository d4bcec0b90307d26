/** Well-formed things of the wire to begin with, and one device's keys to seal and open them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const WIRE = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'wire');

interface Vector {
  readonly device_id: string;
  readonly session_key: string;
  readonly plaintext: string;
  readonly topic: string;
}

const names = readdirSync(WIRE).filter((name) => name.endsWith('.json'));
const vectors = names.map((name) => JSON.parse(readFileSync(join(WIRE, name), 'utf8')) as Vector);

/** `Upload` messages, unsealed. */
export const plaintexts = (): Buffer[] => vectors.map(({ plaintext }) => Buffer.from(plaintext, 'hex'));

/** Payloads as a device sends them: envelopes, and JWEs. */
export const envelopes = (): Buffer[] =>
  readdirSync(WIRE)
    .filter((name) => name.endsWith('.bin'))
    .map((name) => readFileSync(join(WIRE, name)));
export const jwes = (): Buffer[] =>
  readdirSync(join(WIRE, 'jwe'))
    .filter((name) => name.endsWith('.bin'))
    .map((name) => readFileSync(join(WIRE, 'jwe', name)));
