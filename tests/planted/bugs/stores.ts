/** Bugs in the stores: LMDB, Redis, and those in memory that the simulator runs on. */
import type { PlantedBug } from '../bug.js';

const lmdb = ['adapters/lmdb-contract.test.js'];
const threaded = ['adapters/threaded-stores.test.js'];
const redis = ['adapters/redis-states.test.js'];
const memory = ['sim/memory-stores.test.js'];

export const STORE_BUGS: readonly PlantedBug[] = [
  {
    id: 'lmdb-last-write-wins',
    name: 'An alert version that is there already is written over, in LMDB.',
    file: 'src/adapters/lmdb/lmdb-ledger.js',
    edits: [
      {
        find: 'return !this.dbs.byAlert.doesExist([this.seals.pseudonym(version.alertId), version.version]);',
        replace: 'return true;',
      },
    ],
    simulated: false,
    tests: lmdb,
  },
  {
    id: 'memory-last-write-wins',
    name: 'An alert version that is there already is written over, in the ledger that the simulator uses.',
    file: 'tests/support/memory-ledger.js',
    edits: [
      {
        find: 'this.#options.again?.(stood.version, version); return;',
        replace: 'this.#options.again?.(stood.version, version); stood.version = version; return;',
      },
    ],
    simulated: true,
    tests: memory,
  },
  {
    id: 'lmdb-no-fence',
    name: 'The stores in LMDB take what an owner writes that has been superseded.',
    file: 'src/adapters/lmdb/epoch.js',
    edits: [{ find: 'if (held > epoch)', replace: 'if (false)' }],
    simulated: false,
    tests: lmdb,
  },
  {
    id: 'lmdb-no-guard',
    name: 'What asks for no epoch (quarantine, outcomes of commands, numbers of downlinks) takes what a superseded owner writes.',
    file: 'src/adapters/lmdb/environment.js',
    edits: [{ find: 'for (const { check } of this.#guards.values()) check();', replace: '' }],
    simulated: false,
    tests: ['adapters/superseded-stores.test.js'],
  },
  {
    id: 'lock-not-asked',
    name: 'An owner that was superseded writes its bookmark, and makes its successor look alive.',
    file: 'src/adapters/files/folder-lock.js',
    edits: [{ find: 'if (!this.isSuperseded()) return;', replace: 'return;' }],
    simulated: false,
    tests: ['adapters/superseded-stores.test.js'],
  },
  {
    id: 'audit-log-not-claimed',
    name: 'A review service that was superseded goes on logging, and reading what it logs.',
    file: 'src/compose/office.js',
    edits: [{ find: 'await audit.claim(lock.epoch);', replace: '' }],
    simulated: false,
    tests: ['e2e/superseded.test.js'],
  },
  {
    id: 'memory-ledger-no-fence',
    name: 'The ledger takes what an owner commits that has been superseded.',
    file: 'tests/support/memory-ledger.js',
    edits: [{ find: 'if (epoch > batch.epoch)', replace: 'if (false)' }],
    simulated: true,
    tests: memory,
  },
  {
    id: 'recent-log-no-fence',
    name: 'The recent log takes what an owner commits that has been superseded.',
    file: 'src/adapters/memory/memory-recent-log.js',
    edits: [
      {
        find: 'async commit(epoch, changes) { if (epoch < this.#epoch)',
        replace: 'async commit(epoch, changes) { if (false)',
      },
    ],
    simulated: true,
    tests: ['adapters/memory-recent-log.test.js'],
  },
  {
    id: 'lmdb-woken-early',
    name: 'Whoever follows the ledger is woken before the commit, and not after it.',
    file: 'src/adapters/lmdb/lmdb-ledger.js',
    edits: [{ find: 'await turn; this.wakeups.look();', replace: 'this.wakeups.look(); await turn;' }],
    simulated: false,
    tests: [...lmdb, 'adapters/lmdb-processes.test.js', 'engine/durable.test.js'],
  },
  {
    id: 'lmdb-position-alone',
    name: 'A save whose states are of another position than the store is taken, in LMDB.',
    file: 'src/adapters/lmdb/states-batch.js',
    edits: [{ find: 'if (held !== previousPosition && held !== position) {', replace: 'if (false) {' }],
    simulated: false,
    tests: lmdb,
  },
  {
    id: 'thread-no-guard',
    name: 'The thread that writes the hot stores takes what an owner writes that another of the engine’s stores has left.',
    file: 'src/adapters/lmdb/thread-writer.js',
    edits: [{ find: '[fence, ...this.#env.fences]', replace: '[fence]' }],
    simulated: false,
    tests: threaded,
  },
  {
    id: 'thread-read-before',
    name: 'What the thread has written is not read by those who wrote it, for a while.',
    file: 'src/adapters/lmdb/thread-writer.js',
    edits: [{ find: 'this.#env.refresh();', replace: '' }],
    simulated: false,
    tests: threaded,
  },
  {
    id: 'thread-answers-early',
    name: 'The thread says that a batch is durable and writes it then.',
    file: 'src/adapters/lmdb/writer-thread.js',
    edits: [
      {
        find: 'env.transactionNow(keys.with(epoch, () => rows.sealed(bytes, keys)));',
        replace: 'setTimeout(() => env.transactionNow(keys.with(epoch, () => rows.sealed(bytes, keys))), 5);',
      },
    ],
    simulated: false,
    tests: threaded,
  },
  {
    id: 'lent-key-stays',
    name: 'The key of an hour that is destroyed stays in the memory from which the thread seals.',
    file: 'src/crypto/epoch-seals.js',
    edits: [{ find: 'this.#lent?.destroy(epoch);', replace: '' }],
    simulated: false,
    tests: threaded,
  },
  {
    id: 'lmdb-half-replaced',
    name: 'A replacement of all states that a crash cut off is taken for whole.',
    file: 'src/adapters/lmdb/lmdb-states.js',
    edits: [{ find: 'this.#meta.remove(STATES_POSITION);', replace: '' }],
    simulated: false,
    tests: lmdb,
  },
  {
    id: 'redis-emptied-unseen',
    name: 'A Redis that was emptied takes the next save as if nothing had happened.',
    file: 'src/adapters/redis/state-library.js',
    edits: [{ find: '(position ~= args[2] and position ~= args[3])', replace: 'false' }],
    simulated: false,
    tests: redis,
  },
  {
    id: 'redis-missing-is-nobody',
    name: 'States that an emptied Redis does not have are taken for those of people who never had one.',
    file: 'src/adapters/redis/redis-states.js',
    edits: [{ find: 'this.#checkPosition(readPosition(position));', replace: '' }],
    simulated: false,
    tests: redis,
  },
  {
    id: 'redis-position-first',
    name: 'The position of a save goes to Redis before its states are all there.',
    file: 'src/adapters/redis/redis-states.js',
    edits: [
      {
        find: 'Promise.all(all.map((chunk) => send(chunk, false)))',
        replace: 'Promise.all(all.map((chunk) => send(chunk, true)))',
      },
    ],
    simulated: false,
    tests: redis,
  },
  {
    id: 'memory-emptied-unseen',
    name: 'A hot store that was emptied or set back takes the next save as if nothing had happened.',
    file: 'tests/support/memory-states.js',
    edits: [
      {
        find: 'if (kept.epoch < epoch || (kept.position !== previousPosition && kept.position !== position)) {',
        replace: 'if (false) {',
      },
    ],
    simulated: true,
    tests: memory,
  },
  {
    id: 'upload-passed-over',
    name: 'The recent log passes over an upload whose first record is too old, though its last is not.',
    file: 'src/adapters/lmdb/recent-rows.js',
    edits: [
      {
        find: 'entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0)',
        replace: 'entry.records.reduce((latest, { timeMs }) => Math.min(latest, timeMs), Infinity)',
      },
    ],
    simulated: false,
    tests: ['adapters/lmdb-recent-log.test.js', ...lmdb],
  },
];
