// Fails when what is installed could be other than what was looked at: `node scripts/audit-dependencies.mjs [--help]`.
//
// Every dependency is named by one exact version, the lock is in step with it, each package in it comes from the registry
// under a checksum, runs nothing when it is installed unless it is listed, and may be passed on by its licence. What the
// registry knows of vulnerabilities is asked where it answers; where it does not, that is said, and is no failure: a test
// that fails with the weather is switched off by whoever meets it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const usage = `Usage: node scripts/audit-dependencies.mjs [--offline] [FOLDER]

Checks package.json, package-lock.json and node_modules of FOLDER (default: this repository).
  --offline  does not ask the registry for advisories
Exit code 0: nothing is wrong; 1: something is, a line each; 2: used wrongly.`;

/** May be passed on with ours (Apache-2.0) as they are. */
const LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'EDL-1.0',
  'ISC',
  'MIT',
  'Unlicense',
  'Zlib',
]);
/** Of tools, which are not passed on. */
const TOOL_LICENCES = new Set([...LICENCES, 'CC-BY-3.0', 'Python-2.0']);
/** What a package's own file says where its manifest says nothing, or misspells it; read by a person. */
const READ = new Map([
  ['arc@0.2.0', 'BSD-2-Clause'],
  ['jsonc-simple-parser@3.0.0', 'MIT'],
  ['splaytree-ts@1.0.2', 'BSD-3-Clause'],
]);
/** Advisories that do not reach us: GHSA id → why, with a date. */
const ACCEPTED = new Map([]);

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(usage);
  process.exit(0);
}
const offline = args.includes('--offline');
const [folder, ...more] = args.filter((arg) => arg !== '--offline');
if (more.length > 0 || folder?.startsWith('-')) {
  console.error(usage);
  process.exit(2);
}
const root = resolve(folder ?? dirname(import.meta.dirname));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
const faults = [];
const complain = (what, fault) => faults.push(`${what}  ${fault}`);

checkManifest();
for (const [path, one] of packages) checkPackage(path, one);
checkInstalled();
const known = offline ? 'advisories: not asked (--offline)' : checkAdvisories();

for (const fault of faults) console.log(fault);
console.log(known);
console.log(`dependencies: ${packages.length} packages, ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);

function checkManifest() {
  const named = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.overrides };
  for (const [name, version] of Object.entries(named)) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) complain(name, `"${version}" is no exact version: pin it`);
  }
  if (lock.lockfileVersion !== 3) complain('package-lock.json', `version ${lock.lockfileVersion}, expected 3`);
  const top = lock.packages[''] ?? {};
  for (const kind of ['dependencies', 'devDependencies']) {
    const [wanted, locked] = [manifest[kind] ?? {}, top[kind] ?? {}];
    for (const name of new Set([...Object.keys(wanted), ...Object.keys(locked)])) {
      if (wanted[name] !== locked[name]) complain(name, 'package.json and the lock differ: npm install --save-exact');
      else if (lock.packages[`node_modules/${name}`]?.version !== wanted[name])
        complain(name, 'the lock holds another version than it is to hold');
    }
  }
}

function checkPackage(path, one) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (one.link === true) return complain(path, 'is a link to a folder: it is no package of the registry');
  if (one.resolved !== undefined && !one.resolved.startsWith('https://registry.npmjs.org/'))
    complain(path, `comes from ${one.resolved}, not from the registry`);
  if (one.integrity === undefined ? runsHere(one, name) : !/^sha512-[\w+/]{86}==$/.test(one.integrity))
    complain(path, 'has no SHA-512 in the lock: whatever the registry sends would be installed');
  if (one.hasInstallScript === true && manifest.allowScripts?.[name] !== true)
    complain(path, 'runs a script when it is installed: look at it, and list it in "allowScripts", or do without it');
  const said = READ.get(`${name}@${one.version}`) ?? one.license;
  if (said === undefined) complain(path, `names no licence: read its files, and list it here with its version`);
  else if (!permits(said, one.dev === true ? TOOL_LICENCES : LICENCES)) complain(path, `is under ${said}`);
}

/**
 * The registry behind this lock does not offer the binaries of all platforms, and npm writes no checksum for those; they
 * are optional, and none of them is taken on the platforms that we build for.
 */
function runsHere({ optional, os, cpu, libc }, name) {
  if (optional !== true || os === undefined) return true;
  const musl = libc?.includes('musl') ?? name.endsWith('-musl');
  return os.includes('linux') && (cpu ?? ['x64']).some((one) => one === 'x64' || one === 'arm64') && !musl;
}

/** An SPDX expression of OR and AND, with or without its brackets. */
function permits(expression, allowed) {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  if (plain.includes(' OR ')) return plain.split(' OR ').some((part) => permits(part, allowed));
  if (plain.includes(' AND ')) return plain.split(' AND ').every((part) => permits(part, allowed));
  return allowed.has(plain);
}

/** What lies in node_modules is what the lock says. */
function checkInstalled() {
  const written = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(written)) return;
  for (const [path, { version }] of Object.entries(JSON.parse(readFileSync(written, 'utf8')).packages)) {
    const locked = lock.packages[path];
    if (locked === undefined) complain(path, 'is installed, and the lock does not know it: npm ci');
    else if (locked.version !== version)
      complain(path, `is installed as ${version}, locked as ${locked.version}: npm ci`);
  }
}

/** What is said of it in one line. */
function checkAdvisories() {
  const asked = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  let answer = null;
  try {
    answer = JSON.parse(asked.stdout);
  } catch {
    // said below
  }
  if (answer?.vulnerabilities === undefined) {
    const why = answer?.message ?? asked.error?.message ?? 'npm audit gave no answer';
    return `advisories: not known, for the registry does not answer (${String(why).split('\n')[0]})`;
  }
  const found = Object.values(answer.vulnerabilities).flatMap(({ name, via }) =>
    via.filter((one) => typeof one === 'object').map(({ url, title, severity }) => ({ name, url, title, severity })),
  );
  for (const { name, url, title, severity } of found) {
    const id = url.split('/').at(-1);
    if (!ACCEPTED.has(id))
      complain(name, `${severity}: ${title} (${id}): update it, or accept it here with the reason`);
  }
  return `advisories: ${found.length} known of what is shipped`;
}
