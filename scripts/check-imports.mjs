// Fails when src/ breaks the plan of the house: `node scripts/check-imports.mjs [root of the repository]`.
//
//   domain <- rules <- codec, crypto <- ports <- intake, engine, lawful, adapters, api, sim <- commands <- main
//
// Also: no circle of files, no clock or chance in the pure rooms, no barrels, no file over 300 lines, no `any`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix, resolve } from 'node:path';
import { blank, lineAt } from './source-text.mjs';

const linesMax = 300;
const generated = /^src\/codec\/generated\//;
const middle = ['intake', 'engine', 'lawful', 'adapters', 'api', 'sim'];
const pure = ['domain', 'rules'];

/** What each room may import besides itself. */
const mayImport = {
  domain: [],
  rules: ['domain'],
  codec: ['domain', 'rules'],
  crypto: ['domain', 'rules'],
  ports: ['domain', 'rules', 'codec', 'crypto'],
  ...Object.fromEntries(middle.map((room) => [room, ['domain', 'rules', 'codec', 'crypto', 'ports']])),
  // the truth of a simulation is not taken from the code that it judges
  sim: ['domain', 'codec', 'crypto', 'ports'],
  compose: ['domain', 'rules', 'codec', 'crypto', 'ports', ...middle],
  commands: ['domain', 'rules', 'codec', 'crypto', 'ports', ...middle, 'compose'],
  main: ['domain', 'commands'],
};

/** Packages that decide nothing by clock, chance or I/O; the other rooms may use any runtime dependency. */
const purePackages = /^(temporal-polyfill|rbush|flatbush|jsts|geojson|robust-predicates|@turf\/[\w-]+)(\/|$)/;

const impure = [
  [/\bDate\s*\.\s*now\b/g, 'Date.now'],
  [/\bnew\s+Date\s*(\(\s*\)|(?![\w$\s(]))/g, 'new Date()'],
  [/(?<![\w$.]|new\s+)Date\s*\(\s*\)/g, 'Date()'],
  [/\bTemporal\s*\.\s*Now\b/g, 'Temporal.Now'],
  [/\bMath\s*\.\s*random\b/g, 'Math.random'],
  [/(?<![\w$.])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g, 'a timer'],
  [/(?<![\w$.])performance\s*\./g, 'performance.now'],
  [/(?<![\w$.])process\s*\./g, 'process.'],
  [/\bglobalThis\b/g, 'globalThis'],
];

const root = resolve(process.argv[2] ?? dirname(import.meta.dirname));
const faults = [];
const dependencies = runtimeDependencies();
const files = sourceFiles().map(read);
const byPath = new Map(files.map((file) => [file.path, file]));

for (const file of files) {
  checkDirection(file);
  checkText(file);
}
checkCircles();
finish();

function checkDirection(file) {
  const room = roomOf(file.path);
  if (!Object.hasOwn(mayImport, room)) {
    complain(
      file,
      1,
      `"${room}" is no room of the house`,
      'put the file into a room; only main.ts and compose.ts live at the top of src',
    );
    return;
  }
  for (const { specifier, target, line } of file.imports) {
    if (target === null) checkPackage(file, room, specifier, line);
    else if (!target.startsWith('src/')) {
      complain(
        file,
        line,
        `imports ${specifier}, which lies outside src`,
        'src stands by itself: move what is shared into a room',
      );
    } else {
      const other = roomOf(target);
      if (other !== room && !mayImport[room].includes(other))
        complain(file, line, `${room} imports ${other} (${specifier})`, advice(room, other));
    }
  }
}

function advice(room, other) {
  if (room === 'sim' && other === 'rules') return 'the simulator works out the truth by itself; share nouns in domain';
  if (middle.includes(room) && middle.includes(other))
    return 'the rooms in the middle meet at ports: describe the role in src/ports and join the two in src/compose.ts';
  if (room === 'main') return 'main.ts only dispatches: go through a file in src/commands';
  if (other === 'compose' || other === 'commands' || other === 'main')
    return 'pass what is needed as an argument from above';
  if ([room, other].sort().join() === 'codec,crypto')
    return 'give the one plain bytes and let a port or a room in the middle call both';
  return `${room} may import ${['itself', ...mayImport[room]].join(', ')}: move the shared noun down or pass the function in`;
}

function checkPackage(file, room, specifier, line) {
  if (room === 'domain')
    complain(
      file,
      line,
      `domain imports ${specifier}`,
      'domain imports nothing but itself: do this work in a room above',
    );
  else if (room === 'rules' && (isBuiltin(specifier) || !purePackages.test(specifier))) {
    complain(
      file,
      line,
      `rules imports ${specifier}`,
      'only packages without clock, chance and I/O are allowed here: pass the result in as data',
    );
  } else if (!isBuiltin(specifier) && dependencies !== null) {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    if (!dependencies.has(name))
      complain(
        file,
        line,
        `${name} is no runtime dependency`,
        'add it to "dependencies" with its exact version, or do without it',
      );
  }
}

function checkText(file) {
  const { path, text, code } = file;
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > linesMax)
    complain(file, linesMax + 1, `${lines} lines, ${linesMax} are allowed`, 'a file is one idea: split it');
  if (isBarrel(code))
    complain(file, 1, 'a barrel: it only passes on what others export', 'import from the file that defines the thing');
  for (const at of places(code, /(?::|\bas|\bextends|<|,|\||&|=>?)\s*any\b(?!\s*[:.(=])/g)) {
    complain(file, at, 'any', 'say the type, or take unknown and parse it');
  }
  for (const at of places(text, /@ts-(?:ignore|nocheck)\b/g))
    complain(file, at, 'switches the type check off', 'mend the type');
  if (!pure.includes(roomOf(path))) return;
  for (const [pattern, name] of impure) {
    for (const at of places(code, pattern))
      complain(file, at, `${name} in a pure room`, 'take the time, the chance or the setting as an argument');
  }
}

function isBarrel(code) {
  const named =
    /\b(?:import|export)\s+(?:type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\}|[\w$]+(?:\s*,\s*\{[^}]*\})?)(?:\s*from\s*["']\s*["'])?\s*;?/g;
  return /\bexport\s+(?:type\s+)?(?:\*|\{\s*[\w$])/.test(code) && code.replace(named, '').trim() === '';
}

/** Circles of imports that exist at run time; a type that is imported leaves nothing behind. */
function checkCircles() {
  const done = new Set();
  const trail = [];
  for (const file of files) visit(file);

  function visit(file) {
    if (done.has(file.path)) return;
    trail.push(file.path);
    for (const { target, line, typeOnly } of file.imports) {
      if (typeOnly || !byPath.has(target)) continue;
      const start = trail.indexOf(target);
      if (start < 0) visit(byPath.get(target));
      else {
        const circle = [...trail.slice(start), target].join(' -> ');
        complain(file, line, `closes a circle: ${circle}`, 'move what both need into a third file, or pass it in');
      }
    }
    trail.pop();
    done.add(file.path);
  }
}

function read(path) {
  const text = readFileSync(join(root, path), 'utf8');
  const code = blank(text);
  return { path, text, code, imports: importsOf(path, text, code) };
}

function importsOf(path, text, code) {
  const found = [];
  const statement =
    /(?<![\w$.])(?:import|export)\b(\s+type\b(?!\s*(?:from|,)))?(?:[\s\w$*,{}]*?\bfrom)?\s*(?:\(\s*)?(["'])/g;
  for (const match of code.matchAll(statement)) {
    const open = match.index + match[0].length;
    const specifier = text.slice(open, code.indexOf(match[2], open));
    const target = specifier.startsWith('.') ? locate(posix.join(posix.dirname(path), specifier)) : null;
    found.push({ specifier, target, typeOnly: match[1] !== undefined, line: lineAt(code, open) });
  }
  return found;
}

function locate(target) {
  const bare = target.replace(/\.[cm]?[jt]s$/, '');
  return [`${bare}.ts`, `${bare}.d.ts`].find((path) => existsSync(join(root, path))) ?? target;
}

function sourceFiles() {
  if (!existsSync(join(root, 'src'))) return [];
  return readdirSync(join(root, 'src'), { recursive: true })
    .map((path) => posix.join('src', path.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !generated.test(path))
    .sort();
}

function runtimeDependencies() {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return null;
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(path, 'utf8'));
  const types = Object.keys(devDependencies).filter((name) => name.startsWith('@types/'));
  return new Set([...Object.keys(dependencies), ...types.map((name) => name.slice('@types/'.length))]);
}

function roomOf(path) {
  return path.split('/')[1].replace(/\.ts$/, '');
}

function* places(text, pattern) {
  for (const match of text.matchAll(pattern)) yield lineAt(text, match.index);
}

function complain({ path }, line, what, todo) {
  faults.push({ path, line, message: `${path}:${line}  ${what}; ${todo}` });
}

function finish() {
  faults.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
  for (const { message } of faults) console.error(message);
  const imports = files.reduce((sum, file) => sum + file.imports.length, 0);
  console.log(`imports: ${files.length} files, ${imports} imports, ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
