/** After an interruption ticks wait for the backlog; what has come of it does not wait for them. */
import t from 'tap';
import { Random } from '../../src/sim/random.js';
