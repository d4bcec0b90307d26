/** Tells the story on the screen; exit 1 when something in it is not so. */
import { tellStory } from './story.js';

const ends: (() => unknown)[] = [];
try {
  const checks = await tellStory({ teardown: (end) => ends.push(end) }, (line) => process.stdout.write(`${line}\n`));
  const wrong = checks.filter(({ good }) => !good).length;
  process.stdout.write(`${checks.length} things seen, ${wrong} not so\n`);
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  for (const end of ends.reverse()) await end();
}
