/** A run that goes well, and one that never ends. */
import { Watchdog } from '../watchdog.js';

const folder = process.argv[2] ?? '.';
const watchdog = new Watchdog({ target: 'planted', folder, seed: 1, deadlineMs: 50, bytesMax: 100 });
watchdog.begin(Buffer.from('sound'));
watchdog.end();
// the thread must be up before this one hears nothing any more
await new Promise((resolve) => setTimeout(resolve, 500));
watchdog.begin(Buffer.from('hang'));
for (;;);
