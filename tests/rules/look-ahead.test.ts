// A stream is looked at when something will be found, and not before: never late, seldom for nothing.
import fc from 'fast-check';
import t from 'tap';
import type { ZoneShape } from '../../src/domain/zone.js';
import { type StepInput, step } from '../../src/rules/step.js';
import { seedOfRun, times } from './seeded.js';
import { at, circle, curfew, DAY, editionOf, fix, Line, lineOf, orderOf, rf, TAG, UNIT } from './step-driver.js';
import { SECOND, stories } from './stories.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

/** Throws when something is found later than it could have been; counts ticks. */
class Punctual extends Line {
  ticks = 0;
  /** Nothing was found, nothing forgotten with an assignment, and no edition took over. */
  forNothing = 0;

  override feed(input: StepInput): void {
    const { state, findings, moments } = step(this.editions, this.state, input);
    const nowMs = input.kind === 'tick' ? input.atMs : input.kind === 'record' ? input.record.timeMs : -Infinity;
    for (const [i, momentMs] of moments.entries()) {
      if (momentMs < nowMs) throw new Error(`${findings[i]?.type} of ${momentMs} was found at ${nowMs} only`);
    }
    if (input.kind === 'tick') {
      this.ticks += 1;
      const sameDevices = JSON.stringify(state.equipment) === JSON.stringify(this.state.equipment);
      if (findings.length === 0 && sameDevices && state.edition === this.state.edition) this.forNothing += 1;
    }
    super.feed(input);
  }
}

t.test('nothing is found later than at its own moment, and hardly a tick finds nothing', async (t) => {
  let [ticks, forNothing] = [0, 0];
  fc.assert(
    fc.property(stories, (story) => {
      let zones: Record<string, ZoneShape> = { ZS: circle(250) };
      const line = new Punctual([editionOf(orderOf(story.first), { edition: 1, effectiveMs: DAY }, zones)]);
      line.feed({ kind: 'revised' });
      let revision = 1;
      for (const event of story.events) {
        line.runTo(event.atMs - 1);
        if (event.kind === 'record') {
          line.say(event.deviceId, event.atMs, event.body, 5 * SECOND);
          continue;
        }
        revision += 1;
        zones = { ZS: event.zone };
        const effectiveMs = event.atMs + event.inMs;
        line.editions = line.editions.filter((e, i) => i === 0 || e.effectiveMs < effectiveMs);
        line.revise(editionOf(orderOf({ ...event.change, revision }), { edition: revision, effectiveMs }, zones));
      }
      line.runTo(at('12:00', 9));
      ticks += line.ticks;
      forNothing += line.forNothing;
    }),
    { seed, numRuns: times(600) },
  );
  t.ok(ticks > 5_000, `${ticks} ticks`);
  t.ok(forNothing < ticks / 100, `${forNothing} of ${ticks} ticks found nothing`);
});

t.test('who is at home as the curfew begins is not looked at then; who is not, when it is a violation', async (t) => {
  const home = lineOf(orderOf({ conditions: [curfew()] }));
  home.say(UNIT, at('18:50'), rf('ENTER'));
  t.equal(home.state.dueMs, at('18:50') + 7_500 * SECOND, 'the silence of the unit');
  const out = lineOf(orderOf({ conditions: [curfew()] }));
  out.say(UNIT, at('18:50'), rf('EXIT'));
  t.equal(out.state.dueMs, at('19:05'));
  const unknown = lineOf(orderOf({ conditions: [curfew()] }));
  t.equal(unknown.state.dueMs, at('19:15'), 'nobody knows');
});

t.test(
  'a device is looked at when its assignment ends, though nothing is found: where it was is not kept',
  async (t) => {
    const line = lineOf(orderOf({ conditions: [], endMs: at('13:00') }));
    line.say(TAG, at('12:30'), fix(0));
    t.equal(line.state.dueMs, at('13:00'));
    line.runTo(at('13:00'));
    t.equal(line.findings.length, 0);
    t.equal(line.state.equipment[TAG]?.lastFix, null);
  },
);
