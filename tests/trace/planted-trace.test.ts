// Faults that no crash of a process shows, planted one by one: the reader of the trace notices each of them.
import { join } from 'node:path';
import t from 'tap';
import type { PlantedBug } from '../planted/bug.js';
import { Scratch } from '../planted/scratch.js';
import { play } from './story.js';
import { TracedGateway, whyNotTraced } from './traced-gateway.js';

const FAULTS: readonly (Pick<PlantedBug, 'name' | 'file' | 'edits'> & { readonly found: RegExp })[] = [
  {
    name: 'an upload is acknowledged before the journal has it',
    file: 'src/intake/commit-queue.js',
    edits: [
      {
        find: 'this.#batches.push(batch);',
        replace: "this.#batches.push(batch);\nfor (const item of items) item.settle('ack');",
      },
    ],
    found: /a PUBACK before any sync/,
  },
  {
    name: 'the journal is written and never synced',
    file: 'src/adapters/files/file-journal.js',
    edits: [{ find: 'await this.#file.datasync();', replace: '' }],
    found: /a PUBACK before any sync/,
  },
  {
    name: 'the journal’s sync is begun and not waited for',
    file: 'src/adapters/files/file-journal.js',
    edits: [{ find: 'await this.#file.datasync();', replace: 'void this.#file.datasync();' }],
    found: /a PUBACK before any sync/,
  },
  {
    name: 'a new segment’s name is not made durable',
    file: 'src/adapters/files/file-journal.js',
    edits: [
      {
        find: 'const file = await disk.create(path); await disk.syncFolder(folder);',
        replace: 'const file = await disk.create(path);',
      },
    ],
    found: /a PUBACK before any sync/,
  },
  {
    name: 'the ledger’s commit resolves before its sync (what lmdb-js does unless it is told not to)',
    file: 'src/adapters/lmdb/environment.js',
    edits: [{ find: 'overlappingSync: false', replace: 'overlappingSync: true' }],
    found: /is told before it is durable|before its pages are synced/,
  },
  {
    name: 'LMDB syncs nothing',
    file: 'src/adapters/lmdb/environment.js',
    edits: [{ find: 'overlappingSync: false', replace: 'noSync: true' }],
    found: /is told before it is durable|before its pages are synced/,
  },
  {
    name: 'a downlink leaves under a number that is still being reserved',
    file: 'src/intake/downlink-post.js',
    edits: [
      {
        find: 'const first = await this.#o.store.reserve(deviceId, RESERVED_AT_ONCE);',
        replace: 'const first = 1n; void this.#o.store.reserve(deviceId, RESERVED_AT_ONCE);',
      },
    ],
    found: /ranges of numbers/,
  },
];

const why = whyNotTraced();
const LANES = 2;
const STORY = { alone: 3, people: 2, together: 4, downlinks: 1 };

t.test('each fault is found in the trace', { skip: why ?? false }, async (t) => {
  const waiting = [...FAULTS.entries()];
  const lane = async (n: number): Promise<void> => {
    const scratch = new Scratch(`trace-${process.pid}-${n}`);
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, { found, ...fault }] = next;
        const bug: PlantedBug = { ...fault, id: `trace-${index}`, simulated: false, tests: [] };
        const { findings } = await scratch.with(bug, async () => {
          const main = join(scratch.folder, 'dist', 'src', 'main.js');
          const traced = await TracedGateway.start(t, { main });
          // a fault may show by itself as well: what counts here is what the trace says of it
          const broken = await play(traced.gateway, STORY).catch((error: unknown) => String(error));
          if (typeof broken === 'string') t.comment(`${fault.name}: ${broken}`);
          await traced.gateway.stop();
          return traced.verdict();
        });
        t.ok(
          findings.some((finding) => found.test(finding)),
          `${fault.name}: ${findings[0] ?? 'nothing is found'} (${findings.length} findings)`,
        );
      }
    } finally {
      scratch.remove();
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n)));
});
