/** Bugs in the alert stream: what a monitoring centre misses without knowing. */
import type { PlantedBug } from '../bug.js';

const stream = ['api/alert-stream.test.js'];

export const FEED_BUGS: readonly PlantedBug[] = [
  {
    id: 'page-edge',
    name: 'The alert stream passes over one alert after each full page.',
    file: 'src/api/alert-pages.js',
    edits: [
      {
        find: 'this.end = this.#versions.at(-1)?.place ?? after;',
        replace:
          'this.end = (this.#versions.at(-1)?.place ?? after) + (this.#versions.length === pageVersions ? 1 : 0);',
      },
    ],
    simulated: false,
    tests: stream,
  },
  {
    id: 'resumes-one-on',
    name: 'A client that comes back with its last id misses the alert after it.',
    file: 'src/api/alert-view.js',
    edits: [
      {
        find: 'place <= ledger.head()) return place;',
        replace: 'place <= ledger.head()) return Math.min(place + 1, ledger.head());',
      },
    ],
    simulated: false,
    tests: stream,
  },
  {
    id: 'ledger-reads-one-on',
    name: 'The ledger gives what follows a cursor, without the first.',
    file: 'tests/support/memory-ledger.js',
    edits: [
      {
        find: 'this.#content.versions.slice(place).filter(',
        replace: 'this.#content.versions.slice(place === 0 ? 0 : place + 1).filter(',
      },
    ],
    simulated: true,
    tests: ['sim/memory-stores.test.js'],
  },
  {
    id: 'limit-before-filter',
    name: 'A list of alerts is cut to its page before it is filtered.',
    file: 'src/adapters/lmdb/lmdb-ledger-reader.js',
    edits: [
      {
        find: 'if (found.length >= max) break; const version = matches(value)',
        replace: 'if (++this.rowsSeen > max) { this.rowsSeen = 0; break; } const version = matches(value)',
      },
      { find: '#id = null;', replace: '#id = null; rowsSeen = 0;' },
    ],
    simulated: false,
    tests: ['adapters/lmdb-contract.test.js', 'api/alerts.test.js'],
  },
  {
    id: 'filtered-cursor',
    name: 'The place of a stream moves on only with what its filter shows, counted as if nothing lay between.',
    file: 'src/api/alert-streams.js',
    edits: [
      {
        find: 'stream.place = page.end;',
        replace:
          "stream.place = bytes.length === 0 ? page.end : stream.place + bytes.toString().split('\\n\\n').length - 1;",
      },
    ],
    simulated: false,
    tests: stream,
  },
  {
    id: 'cut-off-page-lost',
    name: 'A client that takes nothing for a while misses what it was sent meanwhile.',
    file: 'src/api/alert-streams.js',
    edits: [
      {
        find: 'if (stream.blockedSinceMs !== null || stream.place >= head) continue;',
        replace: 'if (stream.blockedSinceMs !== null) stream.place = head; if (stream.place >= head) continue;',
      },
    ],
    simulated: false,
    tests: stream,
  },
  {
    id: 'withdrawals-filtered',
    name: 'Alerts that were taken back are not sent to those who were told of them.',
    file: 'src/api/alert-view.js',
    edits: [
      {
        find: 'return (restrictions.mayLookAt(view.access,',
        replace: "return (version.state !== 'withdrawn' && restrictions.mayLookAt(view.access,",
      },
    ],
    simulated: true,
    tests: stream,
  },
];
