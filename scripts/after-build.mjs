// Finishes what tsc leaves open: removes output whose source is gone (a deleted test must not run on), copies
// what tsc does not emit (generated code that has its own .d.ts, Lua, JSON, SQL), makes the command executable.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = dirname(import.meta.dirname);
const out = join(root, 'dist');
const rooms = ['src', 'tests', 'bench', 'fixtures'];
const assets = /\.(lua|json|sql|html|css|svg|proto)$/;

for (const room of rooms) {
  removeOrphans(join(out, room));
  if (room !== 'fixtures') copyAssets(join(root, room));
}
const main = join(out, 'src', 'main.js');
if (existsSync(main)) chmodSync(main, 0o755);
mkdirSync(out, { recursive: true });
// tsc leaves unchanged output alone, so this file alone tells how old the build is (scripts/demo)
writeFileSync(join(out, '.built'), '');

function removeOrphans(folder) {
  for (const file of filesBelow(folder)) {
    const source = join(root, relative(out, file)).replace(/\.map$/, '');
    const typed = source.replace(/\.js$/, '.ts');
    if (!existsSync(source) && !existsSync(typed)) rmSync(file);
  }
}

function copyAssets(folder) {
  for (const file of filesBelow(folder)) {
    const besideTypes = file.endsWith('.js') && existsSync(file.replace(/\.js$/, '.d.ts'));
    if (!besideTypes && !assets.test(file)) continue;
    const target = join(out, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target) || statSync(target).mtimeMs < statSync(file).mtimeMs) copyFileSync(file, target);
  }
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
