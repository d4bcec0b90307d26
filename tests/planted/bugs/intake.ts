/** Bugs on the way from a message to its acknowledgement. */
import type { PlantedBug } from '../bug.js';

const queue = 'src/intake/commit-queue.js';
const accept = 'src/intake/accept.js';
const admission = 'src/intake/admission.js';
const lanes = 'src/intake/fair-lanes.js';

export const INTAKE_BUGS: readonly PlantedBug[] = [
  {
    id: 'ack-before-append',
    name: 'An upload is acknowledged before its append is durable.',
    file: queue,
    edits: [
      {
        find: 'this.#batches.push(batch);',
        replace: "this.#batches.push(batch); for (const item of items) item.settle('ack');",
      },
    ],
    simulated: true,
    tests: ['intake/accept.test.js'],
  },
  {
    id: 'ack-when-full',
    name: 'An append that failed, for the disk is full, is answered with an acknowledgement.',
    file: queue,
    edits: [
      {
        find: "for (const item of batch.items) item.settle('fail');",
        replace: "for (const item of batch.items) item.settle('ack');",
      },
    ],
    simulated: true,
    tests: ['intake/commit-queue.test.js'],
  },
  {
    id: 'half-batch-acked',
    name: 'Of a batch that failed the first half is acknowledged.',
    file: queue,
    edits: [
      {
        find: "for (const item of batch.items) item.settle('fail');",
        replace:
          "batch.items.forEach((item, i) => item.settle(i < Math.floor(batch.items.length / 2) ? 'ack' : 'fail'));",
      },
    ],
    simulated: true,
    tests: ['intake/commit-queue.test.js', 'intake/accept.test.js'],
  },
  {
    id: 'repeat-acked-at-once',
    name: 'A repeat is acknowledged at once, while what it repeats is still on its way to the disk.',
    file: queue,
    edits: [
      {
        find: 'batch.outcome = { first: 0 };',
        replace: "batch.outcome = { first: 0 }; for (const item of items) item.settle('ack');",
      },
    ],
    simulated: true,
    tests: ['intake/accept.test.js'],
  },
  {
    id: 'repeat-of-lost-acked',
    name: 'A repeat is acknowledged though the append that it rests on has failed.',
    file: queue,
    edits: [{ find: 'later.repeatsFail = true;', replace: 'later.repeatsFail = false;' }],
    simulated: true,
    tests: ['intake/commit-queue.test.js'],
  },
  {
    id: 'failed-upload-remembered',
    name: 'An upload whose append failed is taken for stored when it comes again.',
    file: accept,
    edits: [{ find: "if (verdict === 'fail') sequences.forget(deviceId, sequence);", replace: '' }],
    simulated: true,
    tests: ['intake/accept.test.js'],
  },
  {
    id: 'reused-number-acked',
    name: 'Another upload under a number that was used is acknowledged as a repeat, and stored nowhere.',
    file: 'src/intake/sequences.js',
    edits: [{ find: "return before === short ? 'repeated' : 'reused';", replace: "return 'repeated';" }],
    simulated: true,
    tests: ['intake/sequences.test.js', 'intake/bad-input.test.js'],
  },
  {
    id: 'repeats-stored-again',
    name: 'The same upload again, after a lost acknowledgement, is not recognised.',
    file: 'src/intake/sequences.js',
    edits: [{ find: 'if (device.taken.has(sequence)) {', replace: 'if (false) {' }],
    simulated: true,
    tests: ['intake/sequences.test.js'],
  },
  {
    id: 'arrival-as-event-time',
    name: 'Records get the time of their arrival instead of their own.',
    file: accept,
    edits: [
      {
        find: 'index, digest, records });',
        replace: 'index, digest, records: records.map((record) => ({ ...record, timeMs: receivedMs })) });',
      },
    ],
    simulated: true,
    tests: ['intake/accept.test.js'],
  },
  {
    id: 'quarantine-dropped',
    name: 'Poison is acknowledged and told, and not kept.',
    file: accept,
    edits: [{ find: 'entries: [kept, integrity],', replace: 'entries: [integrity],' }],
    simulated: true,
    tests: ['intake/bad-input.test.js'],
  },
  {
    id: 'waiting-acked-at-stop',
    name: 'What waits for its turn when the gateway stops is acknowledged.',
    file: admission,
    edits: [
      {
        find: "for (const { settle } of this.#lanes.takeAll()) settle('fail');",
        replace: "for (const { settle } of this.#lanes.takeAll()) settle('ack');",
      },
    ],
    simulated: true,
    tests: ['intake/admission.test.js', 'intake/back-pressure.test.js'],
  },
  {
    id: 'given-up-acked',
    name: 'What a lost connection had waiting is acknowledged when the device is back.',
    file: admission,
    edits: [{ find: "one.settle('fail');", replace: "one.settle('ack');" }],
    simulated: true,
    tests: ['intake/admission.test.js'],
  },
  {
    id: 'room-never-given-back',
    name: 'The engine has judged, and the room that it frees is not given back.',
    file: admission,
    edits: [{ find: 'this.#lag -= weight;', replace: '' }],
    simulated: true,
    tests: ['intake/admission.test.js', 'intake/back-pressure.test.js'],
  },
  {
    id: 'engine-not-waited-for',
    name: 'Uploads are let in however far the engine is behind.',
    file: admission,
    edits: [{ find: '(this.#lag === 0 || this.#lag + weight <= max)', replace: 'max > 0' }],
    simulated: false,
    tests: ['intake/admission.test.js', 'intake/back-pressure.test.js'],
  },
  {
    id: 'backlog-first',
    name: 'Backlog is let in before what is live.',
    file: admission,
    edits: [{ find: 'const next = live ?? backlog;', replace: 'const next = backlog ?? live;' }],
    simulated: false,
    tests: ['intake/admission.test.js', 'intake/back-pressure.test.js'],
  },
  {
    id: 'live-overtakes-own-backlog',
    name: 'A live upload overtakes what its own device sent before.',
    file: lanes,
    edits: [
      { find: 'lane.items.push(item);', replace: 'if (item.live) this.#open([item]); else lane.items.push(item);' },
    ],
    simulated: false,
    tests: ['intake/admission.test.js'],
  },
];
