/** Builds audit logs through the real store, tampers with their rows, and counts what the verification finds. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbAuditLog } from '../../../src/adapters/lmdb/lmdb-audit-log.js';
import { LmdbAuditRows } from '../../../src/adapters/lmdb/lmdb-audit-log-reader.js';
import { leafHash } from '../../../src/crypto/merkle.js';
import { HeadSigner } from '../../../src/crypto/signed-head.js';
import { type AuditReport, type AuditWitness, verifyAuditLog } from '../../../src/lawful/audit-verify.js';
import { auditEvent } from '../../support/audit-events.js';
import { auditTestKeys, newSigningKey } from '../../support/audit-keys.js';
import { randomFrom, T0 } from '../../support/samples.js';
import { entriesOf, RawLog } from './log-image.js';
import { type Attack, attack, type Chance } from './tamper.js';

export interface Outcome {
  /** By name: how many were tried. */
  readonly tried: Map<string, number>;
  /** What went unnoticed, or was trusted too far, or not named: one line each. */
  readonly missed: string[];
  readonly found: number;
}

const attacksPerLog = 250;

export async function campaign(
  count: number,
  seed: number,
  progress: (done: number) => void = () => {},
): Promise<Outcome> {
  const random = randomFrom(seed);
  const chance: Chance = { below: (n) => Math.floor(random() * n) };
  const outcome = { tried: new Map<string, number>(), missed: [] as string[], found: 0 };
  for (let done = 0; done < count; done += attacksPerLog) {
    await attackOneLog(Math.min(attacksPerLog, count - done), chance, outcome);
    progress(Math.min(count, done + attacksPerLog));
  }
  return outcome;
}

async function attackOneLog(count: number, chance: Chance, outcome: Outcome & { found: number }): Promise<void> {
  // where there is a file system in memory the campaign does not wait for a disk
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fairwatch-tamper-'));
  const [stolenKey, otherKey] = [newSigningKey(), newSigningKey()];
  await fill(folder, stolenKey, chance);
  const raw = new RawLog(folder);
  try {
    const keys = [new HeadSigner(stolenKey).verificationKey];
    const rows = LmdbAuditRows.inside(raw.env);
    const image = raw.read();
    const sizes = [...image.heads.keys()];
    // at least two entries, so that there is something to swap
    const kept = sizes.filter((size) => size >= 2);
    const witnessed = kept[chance.below(kept.length)] as number;
    const witness: AuditWitness = {
      jws: (image.heads.get(witnessed) as Buffer).toString('latin1'),
      leaves: Buffer.concat(entriesOf(image).slice(0, witnessed).map(leafHash)),
    };
    const clean = verifyAuditLog(rows, keys, witness);
    if (clean.count !== 0 || clean.witnessed !== witnessed || clean.signed !== image.entries.size) {
      outcome.missed.push(`an untouched log is not found in order: ${clean.findings[0]?.words}`);
    }
    for (let n = 0; n < count; n++) {
      const tampered = attack({ image, witnessed, stolenKey, otherKey }, chance);
      await raw.become(image, tampered.image);
      const withLeaves = chance.below(2) === 0;
      const report = verifyAuditLog(rows, keys, withLeaves ? witness : { ...witness, leaves: null });
      outcome.tried.set(tampered.name, (outcome.tried.get(tampered.name) ?? 0) + 1);
      const fault = faultOf(tampered, report, withLeaves, witnessed);
      if (fault === null) outcome.found++;
      else outcome.missed.push(`${tampered.name}, of ${image.entries.size} with ${witnessed} witnessed: ${fault}`);
      await raw.become(tampered.image, image);
    }
  } finally {
    await raw.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Null: the verification said what is right. */
function faultOf(
  { name, first, named }: Attack,
  report: AuditReport,
  withLeaves: boolean,
  witnessed: number,
): string | null {
  const { findings, count, signed } = report;
  if (count === 0) return 'unnoticed';
  if (first === null) return report.witnessed === witnessed ? null : 'the entries were what they were';
  if (report.witnessed !== (withLeaves ? first : 0)) return `trusted up to ${report.witnessed}, tampered at ${first}`;
  if (signed > first && !name.endsWith('stolen key')) return `signed up to ${signed}, tampered at ${first}`;
  return withLeaves && !findings.some(named) ? 'not named' : null;
}

async function fill(folder: string, signingKey: ReturnType<typeof newSigningKey>, chance: Chance): Promise<void> {
  const keys = await auditTestKeys();
  const log = LmdbAuditLog.open({ folder, keys, signingKey, clock: { nowMs: () => T0 } });
  const commits = 8 + chance.below(20);
  let n = 0;
  for (let commit = 0; commit < commits; commit++) {
    const together = 1 + chance.below(8);
    await Promise.all(Array.from({ length: together }, () => log.append(auditEvent(n++))));
  }
  await log.close();
}
