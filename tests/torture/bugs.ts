/** Bugs that a run must see, planted in its copy of the build: those of `scripts/planted-bugs`, and losses too rare for a test. */
import type { PlantedBug } from '../planted/bug.js';
import { BUGS } from '../planted/bugs.js';

/** One version of an alert in `n`, by its name, does not reach the disk. */
const ledgerLoses = (n: number): PlantedBug => ({
  id: `ledger-loses-1-in-${n}`,
  name: `One alert version in ${n} is left out of the commit of the ledger.`,
  file: 'src/adapters/lmdb/lmdb-ledger.js',
  edits: [
    {
      find: 'if (seen.has(name)) return false;',
      replace: `if (seen.has(name)) return false;
        if ([...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7) % ${n} === 0) return false;`,
    },
  ],
  simulated: false,
  tests: [],
});

export const PLANTED: readonly PlantedBug[] = [...BUGS, ledgerLoses(500), ledgerLoses(50)];
