/** Replaces each store's seal by the identity, one at a time in a copy of the build, and shows that the hunt finds each. */
import { parseArgs } from 'node:util';
import type { Edit } from '../planted/bug.js';
import { Scratch } from '../planted/scratch.js';

const USAGE = `Usage: scripts/canaries [STORE…] [--fixes N] [--seed S]

Sends known positions through a real gateway with a real Redis and hunts them, and known ids, in everything that is left:
files, RDB and AOF, logs, metrics, crash output. First with the seals as they are: nothing may be seen. Then with one store's
seal replaced by the identity, one store at a time: something must be. A line a store; exit 1 when it is not so.

Example:
  scripts/canaries --fixes 10000
  scripts/canaries journal archive
`;

/** The stores by the names that their seals bind, and where what they hold is to be seen. */
const STORES: Readonly<Record<string, RegExp>> = {
  journal: /^data\/journal\//,
  states: /^(redis\/|data\/engine\/)/,
  'recent-uploads': /^data\/engine\//,
  'recent-snapshots': /^data\/engine\//,
  'quarantine-payloads': /^data\/engine\//,
  quarantine: /^data\/engine\//,
  orders: /^data\/engine\//,
  versions: /^data\/engine\//,
  zones: /^data\/engine\//,
  commands: /^data\/commands\//,
  devices: /^data\/devices\//,
  register: /^data\/register\//,
  audit: /^data\/audit\//,
  archive: /^data\/archive\//,
};

/** Both ways, for a gateway that cannot read what it wrote would stop. */
const SEAL_EDITS: readonly Edit[] = [
  {
    find: 'nonces.fill(sealed, nonceAt);',
    replace: `nonces.fill(sealed, nonceAt);
      if (process.env.IDENTITY === store) { asBuffer(plain).copy(sealed, headerBytes); return sealed; }`,
  },
  {
    find: 'const plain = Buffer.allocUnsafe(bytes.length - headerBytes - tagBytes);',
    replace: `const plain = Buffer.allocUnsafe(bytes.length - headerBytes - tagBytes);
      if (process.env.IDENTITY === store) { bytes.copy(plain, 0, headerBytes, bytes.length - tagBytes); return plain; }`,
  },
];
/** The thread that seals the hot stores is given nothing of the environment: here it is to know the store's name. */
const THREAD_EDIT: Edit = { find: 'env: {},', replace: '' };
const SEGMENT_EDIT: Edit = {
  find: 'gcm.update(plain).copy(sealed, cipherAt);',
  replace: `gcm.update(plain).copy(sealed, cipherAt);
    if (process.env.IDENTITY === 'archive') Buffer.from(plain).copy(sealed, cipherAt);`,
};

/** Enough for every store to hold something; the whole number is for the seals as they are. */
const FIXES_A_STORE = 120;
const PATIENCE_MS = 180_000;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      fixes: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '20261122' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const unknown = positionals.filter((name) => !Object.hasOwn(STORES, name));
  if (values.help || unknown.length > 0) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  const scratch = new Scratch(`canaries-${process.pid}`);
  try {
    const seal = { id: 'seal', name: '', simulated: false, tests: [], file: 'src/crypto/seals.js' } as const;
    const segment = { ...seal, file: 'src/crypto/segment-seal.js', edits: [SEGMENT_EDIT] } as const;
    const [first, second] = SEAL_EDITS as [Edit, Edit];
    const thread = { ...seal, file: 'src/adapters/lmdb/thread-writer.js', edits: [THREAD_EDIT] } as const;
    return await scratch.with({ ...seal, edits: [first, second] }, () =>
      scratch.with(segment, () =>
        scratch.with(thread, () => tryStores(scratch, positionals, values.fixes, values.seed)),
      ),
    );
  } finally {
    scratch.remove();
  }
}

async function tryStores(scratch: Scratch, asked: readonly string[], fixes: string, seed: string): Promise<number> {
  let wrong = 0;
  const say = (good: boolean, text: string): void => {
    if (!good) wrong += 1;
    process.stdout.write(`${good ? 'ok' : 'NOT OK'} ${text}\n`);
  };
  if (asked.length === 0) {
    const seen = await sightings(scratch, '', [fixes, seed]);
    say(
      seen.length === 0,
      `the seals as they are, ${fixes} positions: ${seen.length === 0 ? 'nothing' : seen.join('; ')}`,
    );
  }
  for (const [store, where] of Object.entries(STORES)) {
    if (asked.length > 0 && !asked.includes(store)) continue;
    const seen = (await sightings(scratch, store, [String(FIXES_A_STORE), seed])).filter((line) => where.test(line));
    say(seen.length > 0, `${store} without its seal: ${seen[0] ?? 'nothing is seen'}`);
  }
  return wrong === 0 ? 0 : 1;
}

async function sightings(scratch: Scratch, store: string, args: readonly string[]): Promise<string[]> {
  process.env.IDENTITY = store;
  const { code, output } = await scratch.run('canaries/left-behind.js', args, PATIENCE_MS);
  if (code !== 0)
    throw new Error(`the scenario failed${store === '' ? '' : ` without the seal of ${store}`}: ${output}`);
  return [...output.matchAll(/^seen (.*)$/gm)].map(([, line]) => line ?? '');
}

process.exitCode = await main();
