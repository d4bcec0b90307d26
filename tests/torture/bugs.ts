/** Bugs that a run must see, planted in its copy of the build. */
import type { PlantedBug } from '../planted/bug.js';

export const PLANTED: readonly PlantedBug[] = [];
