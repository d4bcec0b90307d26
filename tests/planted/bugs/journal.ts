/** Bugs in the journal's files: what is durable, and what a start believes of what it finds. */
import type { PlantedBug } from '../bug.js';

const journal = 'src/adapters/files/file-journal.js';
const faults = 'adapters/file-journal-faults.test.js';
const contract = 'adapters/file-journal-contract.test.js';

export const JOURNAL_BUGS: readonly PlantedBug[] = [
  {
    id: 'no-fdatasync',
    name: 'An append is called durable without fdatasync.',
    file: journal,
    edits: [{ find: 'await this.#file.datasync();', replace: '' }],
    simulated: true,
    tests: [contract, faults],
  },
  {
    id: 'torn-block-kept',
    name: 'A start takes a block that the power cut tore for a whole one.',
    file: 'src/adapters/files/segment.js',
    edits: [
      {
        find: 'if (end > size || !sealedIsWhole(header, await readUpTo(file, offset + HEADER_BYTES, header.sealedBytes))) break;',
        replace: 'if (end > size) break;',
      },
    ],
    simulated: true,
    tests: [faults],
  },
  {
    id: 'whole-block-cut',
    name: 'A start that cuts off a torn block cuts off the whole one before it, too.',
    file: 'src/adapters/files/segment.js',
    edits: [
      {
        find: 'return { lastBlock, bytes: offset, next, tailBytes: size - offset };',
        replace:
          'if (size > offset && lastBlock > 0) return { lastBlock: 0, bytes: lastBlock, next: readHeader(await readUpTo(file, lastBlock, HEADER_BYTES)).first, tailBytes: size - lastBlock }; return { lastBlock, bytes: offset, next, tailBytes: size - offset };',
      },
    ],
    simulated: true,
    tests: [faults],
  },
  {
    id: 'found-not-synced',
    name: 'A start believes what a killed process wrote and never synced, and does not sync it either.',
    file: 'src/adapters/files/recover.js',
    edits: [{ find: 'await file.sync();', replace: '' }],
    simulated: true,
    tests: [faults, contract],
  },
  {
    id: 'owner-not-asked',
    name: 'Nobody asks whether another owner has the journal: one that stood still writes on.',
    file: 'src/adapters/files/owner.js',
    edits: [{ find: 'if (this.disk.inodeAt(this.path) !== this.inode) {', replace: 'if (false) {' }],
    simulated: true,
    tests: [contract],
  },
  {
    id: 'owner-not-asked-again',
    name: 'The owner is asked for before the write alone: one that stood still in between acknowledges.',
    file: journal,
    edits: [{ find: 'this.#owner.check(); let count = 0;', replace: 'let count = 0;' }],
    simulated: true,
    tests: [contract, faults],
  },
  {
    id: 'goes-on-after-failure',
    name: 'After a sync that failed the journal goes on writing.',
    file: journal,
    edits: [{ find: 'if (this.#failure !== null) return Promise.reject(this.#failure);', replace: '' }],
    simulated: true,
    tests: [faults],
  },
  {
    id: 'trimmed-too-far',
    name: 'Trimming takes a segment that still holds entries that are needed.',
    file: journal,
    edits: [{ find: 'oldest.next > position', replace: 'oldest.first >= position' }],
    simulated: false,
    tests: [contract],
  },
];
