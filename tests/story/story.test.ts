// The story that the README tells, told by a real gateway: each thing it says is seen.
import t from 'tap';
import { tellStory } from './story.js';

t.test(
  'from the tag to the destruction: refused, granted, logged, exported, and after six years opened by nobody',
  async (t) => {
    const said: string[] = [];
    const checks = await tellStory(t, (line) => said.push(line));
    for (const { what, good } of checks) t.ok(good, what);
    t.ok(checks.length >= 20, `the story came to its end: ${said.at(-1)}`);
  },
);
