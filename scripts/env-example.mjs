// Writes .env.example from the settings of the last build: `npm run build && node scripts/env-example.mjs`.
// tests/commands/configuration.test.ts fails while the file is not what the settings say.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const { envExample } = await import(join(root, 'dist/src/commands/settings.js'));
writeFileSync(join(root, '.env.example'), envExample());
console.log('env-example: wrote .env.example');
