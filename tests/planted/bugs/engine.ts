/** Bugs in the engine: the order of its commits, what a start goes on from, and its timers. */
import type { PlantedBug } from '../bug.js';

const engine = 'src/engine/engine.js';
const keeper = 'src/engine/state-keeper.js';
const ticker = 'src/engine/ticker.js';
const recovery = 'engine/recovery.test.js';
const durable = 'engine/durable.test.js';
const hot = 'engine/hot-state.test.js';
const time = 'engine/time.test.js';

export const ENGINE_BUGS: readonly PlantedBug[] = [
  {
    id: 'states-before-ledger',
    name: 'The states are saved before the ledger has their alerts.',
    file: engine,
    edits: [
      {
        find: 'await this.#commit(harvest); await this.#o.states.save(last.position);',
        replace: 'await this.#o.states.save(last.position); await this.#commit(harvest);',
      },
    ],
    simulated: true,
    tests: [recovery, durable],
  },
  {
    id: 'recent-log-last',
    name: 'What late data will need is written down after the states, instead of before the ledger.',
    file: engine,
    edits: [
      {
        find: 'if (recent.length > 0) await this.#o.recentLog.commit(this.#o.epoch, recent); await this.#commit(harvest); await this.#o.states.save(last.position);',
        replace:
          'await this.#commit(harvest); await this.#o.states.save(last.position); if (recent.length > 0) await this.#o.recentLog.commit(this.#o.epoch, recent);',
      },
    ],
    simulated: true,
    tests: [recovery, 'engine/late-data.test.js'],
  },
  {
    id: 'position-ahead',
    name: 'The states are saved with a position that is one entry ahead of them.',
    file: engine,
    edits: [
      { find: 'await this.#o.states.save(last.position);', replace: 'await this.#o.states.save(last.position + 1);' },
    ],
    simulated: true,
    tests: [recovery],
  },
  {
    id: 'recovery-skips-one',
    name: 'A start goes on one entry behind the one that it should go on from.',
    file: engine,
    edits: [
      {
        find: 'this.#reached = position; this.#inbox.startAfter(position);',
        replace: 'this.#reached = position + 1; this.#inbox.startAfter(position + 1);',
      },
    ],
    simulated: true,
    tests: [recovery],
  },
  {
    id: 'later-of-two-positions',
    name: 'A start loads the checkpoint and goes on from the position of the hot store, which is later.',
    file: keeper,
    edits: [
      {
        find: '.sort((a, b) => b.position - a.position)',
        replace: '.sort((a, b) => a.position - b.position)',
      },
      {
        find: 'const { position } = source;',
        replace: 'const position = Math.max(0, ...found.flat().map((one) => one.position));',
      },
    ],
    simulated: true,
    tests: [hot, recovery],
  },
  {
    id: 'emptied-taken-as-calm',
    name: 'A hot store that was emptied is taken at its word: nobody has a state.',
    file: keeper,
    edits: [
      {
        find: 'return position !== null && position <= journalLast ? position : null;',
        replace: 'return position !== null && position <= journalLast ? position : journalLast;',
      },
    ],
    simulated: true,
    tests: [hot, recovery],
  },
  {
    id: 'states-lost-swallowed',
    name: 'That the hot store has lost the states is passed over, as if the save had been taken.',
    file: keeper,
    edits: [
      { find: 'if (error instanceof StatesLost) { this.#whole = true;', replace: 'if (error instanceof StatesLost) {' },
    ],
    simulated: true,
    tests: [hot, recovery],
  },
  {
    id: 'superseded-swallowed',
    name: 'That a newer owner has the states is passed over: the older one works on.',
    file: keeper,
    edits: [{ find: 'this.#superseded = error; return false;', replace: 'return false;' }],
    simulated: true,
    tests: [hot, durable],
  },
  {
    id: 'checkpoint-beside-batch',
    name: 'A checkpoint is written beside a batch whose alerts are not committed.',
    file: engine,
    edits: [
      {
        find: 'this.#checkpoints.push(resolve); this.#wake();',
        replace: 'void this.#o.states.checkpoint(this.#reached).then(resolve);',
      },
    ],
    simulated: true,
    tests: [durable],
  },
  {
    id: 'hot-save-ahead',
    name: 'A hot store gets states of a batch that is not committed, under the position before it.',
    file: 'src/engine/resident-states.js',
    edits: [
      {
        find: 'this.#changed.set(stream, state); this.#moves.delete(stream);',
        replace:
          'this.#changed.set(stream, state); this.#moves.delete(stream); this.#slab.put(this.#slots.get(stream), encodeState(state));',
      },
    ],
    simulated: true,
    tests: [hot, durable],
  },
  {
    id: 'quarantine-forgotten',
    name: 'What the journal has for the quarantine never gets there.',
    file: engine,
    edits: [{ find: 'harvest.quarantined.push({ position, ...entry });', replace: '' }],
    simulated: true,
    tests: ['e2e/bad-input.test.js'],
  },
  {
    id: 'orders-of-now',
    name: 'A start judges old entries under the orders of now instead of those of their position.',
    file: engine,
    edits: [
      {
        find: 'restorePolicies(this.#o.policies, this.#o.ledger, position, (order)',
        replace: 'restorePolicies(this.#o.policies, this.#o.ledger, Infinity, (order)',
      },
    ],
    simulated: true,
    tests: ['engine/commands.test.js', recovery],
  },
  {
    id: 'due-not-set',
    name: 'After a batch the due times of its people are not set.',
    file: engine,
    edits: [
      {
        find: 'for (const stream of harvest.touched) this.#o.dueTimes.set(stream, this.#o.states.dueMs(stream));',
        replace: '',
      },
    ],
    simulated: true,
    tests: [time],
  },
  {
    id: 'due-lost-at-start',
    name: 'After a start nobody has a due time until something comes of them.',
    file: engine,
    edits: [
      {
        find: 'for (const [stream, dueMs] of this.#o.states.dueTimes()) this.#o.dueTimes.set(stream, dueMs);',
        replace: '',
      },
    ],
    simulated: true,
    tests: [recovery, time],
  },
  {
    id: 'tick-overtakes',
    name: 'A tick overtakes the uploads that stand before it in the journal.',
    file: engine,
    edits: [
      {
        find: 'for (const { position, entry } of entries) {',
        replace:
          "for (const { position, entry } of [...entries].sort((a, b) => Number(b.entry.kind === 'tick') - Number(a.entry.kind === 'tick'))) {",
      },
    ],
    simulated: true,
    tests: [time],
  },
  {
    id: 'ticker-does-not-wait',
    name: 'The clock goes on while what its ticks led to is not judged.',
    file: ticker,
    edits: [{ find: 'await this.#o.whenReached(first + ticks.length - 1);', replace: '' }],
    simulated: true,
    tests: [time],
  },
  {
    id: 'no-reconnect-grace',
    name: 'After a restart ticks do not wait for the backlog to speak.',
    file: ticker,
    edits: [{ find: 'if (this.#holds(nowMs)) return this.#putInLate(nowMs);', replace: '' }],
    simulated: true,
    tests: [time],
  },
  {
    id: 'grace-anew',
    name: 'A clock that is set back after a restart makes the ticks wait for as long again.',
    file: ticker,
    edits: [
      {
        find: 'this.#holdUntilMs = Math.min(this.#holdUntilMs, nowMs + this.#o.reconnectGraceMs);',
        replace: '',
      },
    ],
    simulated: true,
    tests: ['engine/ticker-hold.test.js'],
  },
  {
    id: 'outage-as-silence',
    name: "What fell due while there was no gateway reads like the wearer's silence.",
    file: ticker,
    edits: [{ find: "cause: duringOutage ? 'gateway_outage' : 'timer'", replace: "cause: 'timer'" }],
    simulated: true,
    tests: [time],
  },
  {
    id: 'inbox-skips',
    name: 'What did not fit into the memory between intake and engine is skipped instead of read back.',
    file: 'src/engine/inbox.js',
    edits: [
      {
        find: 'for await (const placed of this.#journal.read(this.#next)) {',
        replace: 'for await (const placed of this.#journal.read(Math.min(this.#next + 1, this.#journal.last))) {',
      },
    ],
    simulated: true,
    tests: [durable],
  },
  {
    id: 'timers-stop-in-a-storm',
    name: 'While a backlog brings due times of the past, nobody who comes due meanwhile is met.',
    file: ticker,
    edits: [{ find: 'Math.max(fromMs, this.#o.clock.nowMs())', replace: 'fromMs' }],
    simulated: false,
    tests: ['engine/ticker-hold.test.js'],
  },
];
