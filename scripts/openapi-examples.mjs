// Writes src/api/document/examples.json from what the app of the last build answers; run by scripts/openapi.mjs.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const source = join(root, 'src/api/document/examples.json');
const built = join(root, 'dist/src/api/document/examples.json');

export async function writeExamples() {
  mkdirSync(dirname(built), { recursive: true });
  // the app that is asked shows a document as well: it may be without examples
  if (!existsSync(built)) writeFileSync(built, '{}\n');
  const { record } = await import(join(root, 'dist/tests/api/examples/record.js'));
  writeFileSync(source, `${JSON.stringify(await record(), null, 2)}\n`);
  execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', source], { cwd: root, stdio: 'ignore' });
  copyFileSync(source, built);
  console.log(`openapi: wrote ${source}`);
}
