/** The agencies whose alerts are sealed to a key of theirs: one JSON object, agency → public JWK, read at the start. */
import { readFile } from 'node:fs/promises';
import { parseStrictJson } from '../codec/strict-json.js';
import { AgencyKey } from '../crypto/agency-key.js';
import { type AgencyId, parseAgencyId } from '../domain/ids.js';

const AGENCIES_MAX = 1_024;
const BOUNDS = { depthMax: 2, membersPerObjectMax: AGENCIES_MAX, elementsPerListMax: 0, valuesMax: 8 * AGENCIES_MAX };

/** Throws where anything in it is not as it should be: an agency that is passed over would be told next to nothing. */
export async function readAgencyKeys(path: string | undefined): Promise<ReadonlyMap<AgencyId, AgencyKey>> {
  const keys = new Map<AgencyId, AgencyKey>();
  if (path === undefined) return keys;
  const bytes = await readFile(path).catch(() => refuse('the file cannot be read'));
  const json = parseStrictJson(bytes, BOUNDS);
  if (!json.ok) return refuse(`the file is not one JSON object (${json.fault})`);
  const { value } = json;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('the file is not one JSON object');
  }
  for (const [name, jwk] of Object.entries(value)) {
    const agency = parseAgencyId(name);
    if (!agency.ok) return refuse(`the name of an agency: ${agency.fault}`);
    const key = await AgencyKey.read(jwk);
    if (!key.ok) return refuse(`the key of ${agency.value} ${key.fault}`);
    keys.set(agency.value, key.value);
  }
  return keys;
}

function refuse(fault: string): never {
  throw new Error(`AGENCY_KEYS: ${fault}`);
}
