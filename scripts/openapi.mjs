// Writes src/api/openapi.json from the routes of the last build, with examples that the app answers meanwhile
// (src/api/document/examples.json): `npm run build && node scripts/openapi.mjs`.
// tests/api/openapi.test.ts and tests/api/examples.test.ts fail while the files are not what the routes say and do.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeExamples } from './openapi-examples.mjs';

const root = dirname(import.meta.dirname);
await writeExamples();
const { buildApp } = await import(join(root, 'dist/src/api/app.js'));

// nothing is asked while a document is made: whatever is used of a store does nothing
const inert = new Proxy({}, { get: () => () => () => {} });
const app = buildApp({
  clock: inert,
  ledger: inert,
  commands: inert,
  registry: inert,
  office: { audit: inert, register: inert, keys: inert, grants: inert, evidence: inert, duties: inert },
  deviceKeys: inert,
  quarantine: inert,
  tokens: inert,
  telemetry: inert,
  metrics: { contentType: 'text/plain', metrics: async () => '' },
  ready: () => ({ ready: true, reasons: [] }),
  steppedClock: inert,
  monitoringAgency: 'monitoring-centre',
  source: '/',
});
await app.ready();
const file = join(root, 'src/api/openapi.json');
writeFileSync(file, `${JSON.stringify((await app.inject('/documentation/json')).json(), null, 2)}\n`);
await app.close();
execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', file], { cwd: root, stdio: 'ignore' });
console.log(`openapi: wrote ${file}`);
