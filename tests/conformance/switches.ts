/** How each mechanism of the conformance table is switched off. */
import type { Switch } from './switch.js';
import { DECIDING } from './switches/deciding.js';
import { KEEPING } from './switches/keeping.js';
import { LOOKING } from './switches/looking.js';
import { SHARING } from './switches/sharing.js';

export const SWITCHES: readonly Switch[] = [...LOOKING, ...SHARING, ...KEEPING, ...DECIDING];
