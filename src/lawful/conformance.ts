/** The Code of Practice, paragraph by paragraph: what keeps each promise, and the tests that fail where it is not kept. */
import { DECIDING } from './conformance/deciding.js';
import { KEEPING } from './conformance/keeping.js';
import { LOOKING } from './conformance/looking.js';
import type { Conformance } from './conformance/row.js';
import { SHARING } from './conformance/sharing.js';

export const CONFORMANCE: readonly Conformance[] = [...LOOKING, ...SHARING, ...KEEPING, ...DECIDING];
