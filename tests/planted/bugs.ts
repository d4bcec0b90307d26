/** All bugs that are planted, in the order of the way of a message. */
import type { PlantedBug } from './bug.js';
import { ENGINE_BUGS } from './bugs/engine.js';
import { FEED_BUGS } from './bugs/feed.js';
import { INTAKE_BUGS } from './bugs/intake.js';
import { JOURNAL_BUGS } from './bugs/journal.js';
import { LATE_DATA_BUGS } from './bugs/late-data.js';
import { STORE_BUGS } from './bugs/stores.js';

export const BUGS: readonly PlantedBug[] = [
  ...INTAKE_BUGS,
  ...JOURNAL_BUGS,
  ...ENGINE_BUGS,
  ...LATE_DATA_BUGS,
  ...STORE_BUGS,
  ...FEED_BUGS,
];
