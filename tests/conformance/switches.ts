/** How each mechanism of the conformance table is switched off. */
import type { Switch } from './switch.js';

export const SWITCHES: readonly Switch[] = [];
