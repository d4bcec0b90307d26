/** A broken promise as a file, from which it can be had again. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Finding {
  readonly target: string;
  readonly kind: 'crash' | 'broken' | 'slow' | 'hang' | 'memory';
  readonly what: string;
  readonly seed: number;
  readonly run: number;
  readonly input: Buffer;
}

/** Gives the file's path. */
export function writeFinding(folder: string, finding: Finding): string {
  mkdirSync(folder, { recursive: true });
  const id = createHash('sha256').update(finding.input).digest('hex').slice(0, 12);
  const path = join(folder, `${finding.target}-${finding.kind}-${id}.json`);
  const input = finding.input.toString('base64');
  writeFileSync(path, `${JSON.stringify({ ...finding, input }, null, 2)}\n`);
  return path;
}

export function readFinding(path: string): Finding {
  const read = JSON.parse(readFileSync(path, 'utf8')) as Omit<Finding, 'input'> & { readonly input: string };
  return { ...read, input: Buffer.from(read.input, 'base64') };
}
