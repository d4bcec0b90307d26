/** Bugs in what comes late, again, at one moment, or out of order. */
import type { PlantedBug } from '../bug.js';

const late = 'src/engine/late-data.js';
const lateTests = ['late-data', 'late-stories', 'late-room', 'late-editions'].map((name) => `engine/${name}.test.js`);

export const LATE_DATA_BUGS: readonly PlantedBug[] = [
  {
    id: 'late-ignored',
    name: 'What comes late is counted, and changes nothing.',
    file: late,
    edits: [
      {
        find: 'const applied = this.#applied(editions, remembering, position, entry);',
        replace: 'const applied = applyEntry(editions, before, position, entry);',
      },
    ],
    simulated: true,
    tests: lateTests,
  },
  {
    id: 'stale-snapshots',
    name: 'Snapshots that have not seen a late record are kept, and the next re-run starts from one.',
    file: 'src/engine/reruns.js',
    edits: [{ find: 'this.#records.drop(stream, span.fromMs, again.rejoined?.atMs ?? Infinity);', replace: '' }],
    simulated: true,
    tests: lateTests,
  },
  {
    id: 'rejoins-blindly',
    name: 'A re-run goes on from the next snapshot without comparing.',
    file: 'src/rules/rerun.js',
    edits: [{ find: 'if (!sameJudgement(this.state, snapshot)) continue;', replace: '' }],
    simulated: true,
    tests: lateTests,
  },
  {
    id: 'repeats-count-again',
    name: 'The same records again, under another number, are taken for new ones.',
    file: late,
    edits: [
      {
        find: 'const old = entry.records.filter(({ timeMs }) => timeMs <= atMs && timeMs >= horizonMs);',
        replace: 'const old = [];',
      },
    ],
    simulated: true,
    tests: lateTests,
  },
  {
    id: 'own-records-as-repeats',
    name: 'An entry that is done again after a crash takes its own records for repeats.',
    file: 'src/engine/recent-records.js',
    edits: [{ find: '.filter(({ position }) => position < beforePosition)', replace: '' }],
    simulated: true,
    tests: ['engine/recovery.test.js', ...lateTests],
  },
  {
    id: 'own-snapshots-used',
    name: 'An entry that is done again after a crash goes on from what it left behind the first time.',
    file: 'src/engine/recent-records.js',
    edits: [{ find: 'snapshot.state.position >= position || ', replace: '' }],
    simulated: true,
    tests: ['engine/recovery.test.js', ...lateTests],
  },
  {
    id: 'entry-done-twice',
    name: 'An entry that a state has seen is done again.',
    file: late,
    edits: [
      {
        find: 'if (position <= before.position) return unchanged(before); const isOrder =',
        replace: 'const isOrder =',
      },
    ],
    simulated: true,
    tests: ['engine/done-again.test.js'],
  },
  {
    id: 'equal-times-as-they-come',
    name: 'Of records of one moment whichever arrived last has the last word.',
    file: 'src/engine/event-order.js',
    edits: [{ find: 'if (a.deviceId !== b.deviceId)', replace: 'if (true) return 0; if (a.deviceId !== b.deviceId)' }],
    simulated: true,
    tests: lateTests,
  },
  {
    id: 'upload-order',
    name: 'The records of one upload are judged in the order in which they stand in it.',
    file: 'src/engine/event-order.js',
    edits: [{ find: '.sort(eventOrder)', replace: '' }],
    simulated: true,
    tests: lateTests,
  },
  {
    id: 'backlog-never-put-in',
    name: 'A backlog that waits for more is never put in its place when no more comes.',
    file: 'src/rules/step.js',
    edits: [{ find: 'nextMs, waitingMs)', replace: 'nextMs)' }],
    simulated: true,
    tests: ['engine/backlog.test.js', ...lateTests],
  },
  {
    id: 'found-too-late',
    name: 'A stream is looked at for what is surely found only, and not for what a timer finds before.',
    file: 'src/rules/look-ahead.js',
    edits: [{ find: 'ahead.findings.length > draft.findings.length', replace: 'false' }],
    simulated: false,
    tests: ['rules/look-ahead.test.js'],
  },
  {
    id: 'calm-anywhere',
    name: 'A fix is taken for calm however far it is from where the tag was.',
    file: 'src/rules/calm.js',
    edits: [
      {
        find: 'eastM * eastM + northM * northM > calm.clearanceM * calm.clearanceM',
        replace: 'false',
      },
    ],
    simulated: false,
    tests: ['rules/calm.test.js'],
  },
  {
    id: 'held-time-passes',
    name: 'Late data lets time pass while ticks wait for the backlog.',
    file: 'src/engine/reruns.js',
    edits: [
      { find: 'return isKnown ? timerMs(editions, before)', replace: 'return false ? timerMs(editions, before)' },
    ],
    simulated: false,
    tests: ['engine/look-ahead.test.js'],
  },
  {
    id: 'tick-passes-backlog',
    name: 'A tick passes late records that wait to be put in, and tells what they disprove.',
    file: late,
    edits: [
      {
        find: 'if (waiting === null) return applyEntry(editions, before, position, entry);',
        replace: 'return applyEntry(editions, before, position, entry);',
      },
    ],
    simulated: true,
    tests: ['engine/backlog.test.js', ...lateTests],
  },
  {
    id: 'withdrawn-not-told',
    name: 'What late data takes back is not told to anybody.',
    file: 'src/engine/reruns.js',
    edits: [
      {
        find: 'versions: [...again.versions, ...applied.versions]',
        replace: "versions: [...again.versions.filter(({ state }) => state !== 'withdrawn'), ...applied.versions]",
      },
    ],
    simulated: true,
    tests: lateTests,
  },
  {
    id: 'hour-without-snapshot',
    name: 'A re-run leaves no state to begin at for the hour that will be forgotten next.',
    file: 'src/rules/rerun.js',
    edits: [{ find: ' || forgets', replace: '' }],
    simulated: false,
    tests: ['engine/horizon.test.js'],
  },
  {
    id: 'forgotten-places',
    name: 'A re-run goes on from a snapshot that has forgotten where a tag was, as if it had never been anywhere.',
    file: 'src/engine/remembered-fixes.js',
    edits: [{ find: 'return (state) => withForgottenFixes(state, fixOf);', replace: 'return (state) => state;' }],
    simulated: false,
    tests: ['engine/horizon.test.js'],
  },
  {
    id: 'ahead-passed-over',
    name: 'What a home unit heard before it was said whose it is stays unheard when that is said.',
    file: 'src/engine/judge.js',
    edits: [{ find: 'return ahead.length > 0 ? revise(aheadMs)', replace: 'return false ? revise(aheadMs)' }],
    simulated: false,
    tests: ['engine/late-editions.test.js'],
  },
  {
    id: 'covers-less',
    name: 'A re-run writes its copy of a snapshot over the one that it has come to, which covered more.',
    file: 'src/rules/rerun.js',
    edits: [{ find: 'this.#coversAsMuchAs(next);', replace: '' }],
    simulated: false,
    tests: ['engine/late-editions.test.js'],
  },
  {
    id: 'archive-skips-adopted',
    name: 'The archive passes over what a stream was given later than it was said.',
    file: 'src/engine/compactor.js',
    edits: [{ find: 'last.since ?? last.position', replace: 'last.position' }],
    simulated: false,
    tests: ['engine/compactor.test.js'],
  },
];
