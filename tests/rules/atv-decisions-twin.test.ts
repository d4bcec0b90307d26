// ATV under decisions (§3, §7), read out half minute by half minute from all absences and all that people excused,
// against the engine's judgement of any delivery of the same records.
import fc from 'fast-check';
import t from 'tap';
import type { AlertAct, AlertVersion, DecisionKind } from '../../src/domain/alert.js';
import type { Excuse } from '../../src/domain/excuse.js';
import type { Person } from '../../src/domain/grant.js';
import type { AgencyId, AlertId, ConditionId, OrderId } from '../../src/domain/ids.js';
import { streamOfOrder } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import { bearsOut, pictureOf } from '../../src/rules/handling.js';
import { Told } from '../engine/told.js';
import { seeded, seedOfRun, times } from './seeded.js';
import { assigned, at, curfew, DAY, orderOf, record, rf, TAG, UNIT, unitSays } from './step-driver.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const MINUTE = 60_000;
/** Fine enough for two that run at once, and for revisions at moments of their own. */
const STEP = 15_000;
const DAYS = 2;
/** Late enough for all that is late; windows open until then. */
const DAYS_OF_ALL = DAYS + 2;
const END = at('00:00', DAYS_OF_ALL);
const ORDER = 'ORD-1' as OrderId;
const officer: Person = { user: 'kim', role: 'supervising_officer', agency: 'PROB-1' as AgencyId };
const other: Person = { ...officer, user: 'lou' };

type What = 'ENTER' | 'EXIT' | 'MOVED' | 'RESET';
interface Said {
  readonly atMs: number;
  readonly what: What;
}
interface Violation {
  readonly conditionId: string;
  readonly startMs: number;
  readonly endMs: number;
}
/** What a person said of a stretch of absence; `toMs` null: it ran. */
interface Statement {
  readonly id: number;
  readonly atMs: number;
  readonly conditionId: string;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly kind: DecisionKind;
}
interface Scene {
  readonly said: readonly Said[];
  readonly toleranceMin: number;
  readonly allowanceMin: number;
  readonly windows: readonly (readonly [string, string])[];
  /** From then on the order allows something else; null: any amount. */
  readonly revised: { readonly atMs: number; readonly allowanceMin: number | null } | null;
}

function absentAt(said: readonly Said[], atMs: number): boolean {
  let moved = false;
  let absent = false;
  for (const { what } of said.filter((s) => s.atMs <= atMs)) {
    if (what === 'MOVED') [moved, absent] = [true, false];
    else if (what === 'RESET') moved = false;
    else if (!moved) absent = what === 'EXIT';
  }
  return absent;
}

function violations({ said, windows, toleranceMin }: Scene): Violation[] {
  return windows.flatMap(([from, to], i) => {
    const found: Violation[] = [];
    for (let day = 0; day < DAYS_OF_ALL; day += 1) {
      let last = null as Violation | null;
      for (let ms = at(from, day); ms < at(to, day); ms += MINUTE) {
        if (!absentAt(said, ms)) {
          last = null;
          continue;
        }
        const next: Violation = { conditionId: `C${i}`, startMs: last?.startMs ?? ms, endMs: ms + MINUTE };
        if (last === null) found.push(next);
        else found[found.length - 1] = next;
        last = next;
      }
    }
    return found.filter((v) => v.endMs - v.startMs > toleranceMin * MINUTE);
  });
}

const isExcused = (excuses: readonly Excuse[], v: Violation, nowMs: number): boolean =>
  excuses.some(
    (e) => e.conditionId === v.conditionId && v.startMs < e.toMs && nowMs >= e.fromMs && (e.ran || nowMs < e.toMs),
  );

type Passed = [startMs: number, endMs: number | null, endedBy: string | null];

/** From when to when the sum has passed: until the end, or until an edition allows more. */
function passes(scene: Scene, excuses: readonly Excuse[]): Passed[] {
  const toleranceMs = scene.toleranceMin * MINUTE;
  const all = violations(scene);
  const told: Passed[] = [];
  let open: Passed | null = null;
  // Of each violation, step by step from its beginning, what has counted.
  const counted = new Map(
    all.map((v) => {
      const sums = [0];
      for (let ms = v.startMs; ms < v.endMs; ms += STEP) {
        sums.push((sums.at(-1) ?? 0) + (isExcused(excuses, v, ms) ? 0 : STEP));
      }
      return [v, sums];
    }),
  );
  const sumAt = (known: readonly Violation[], now: number): number =>
    known.reduce((sum, v) => sum + (counted.get(v)?.[(Math.min(v.endMs, now) - v.startMs) / STEP] ?? 0), 0);
  for (let now = DAY; now < END; now += STEP) {
    const known = all.filter((v) => v.startMs + toleranceMs <= now);
    const revisedNow = scene.revised?.atMs === now;
    const counting = known.some((v) => v.endMs > now && !isExcused(excuses, v, now));
    if (!revisedNow && (!counting || open !== null)) continue;
    const said = scene.revised !== null && now >= scene.revised.atMs ? scene.revised.allowanceMin : scene.allowanceMin;
    const allowedMs = said === null ? Infinity : said * MINUTE;
    const sumMs = sumAt(known, now);
    if (revisedNow && open !== null && (counting ? sumMs < allowedMs : sumMs <= allowedMs)) {
      [open[1], open[2]] = [now, 'ORDER_REVISED'];
      open = null;
    }
    if (open === null && counting && sumMs >= allowedMs) {
      open = [now, null, null];
      told.push(open);
    }
  }
  return told;
}

const excusing = new Set<DecisionKind>(['reasonable_excuse', 'authorised_absence', 'false_alert']);

/** What stands of the statements in the end: the last of each name. */
function standing(statements: readonly Statement[]): Excuse[] {
  const newest = new Map<number, Statement>();
  for (const statement of [...statements].sort((a, b) => a.atMs - b.atMs)) newest.set(statement.id, statement);
  return [...newest.values()]
    .filter(({ kind }) => excusing.has(kind))
    .map(({ id, atMs, conditionId, fromMs, toMs }) => ({
      alertId: `D-${id}` as AlertId,
      conditionId: conditionId as ConditionId,
      fromMs,
      toMs: toMs ?? atMs,
      ran: toMs === null,
    }));
}

const orderFor = ({ windows, allowanceMin, toleranceMin }: Scene, change: Partial<Order> = {}): Order =>
  orderOf({
    conditions: windows.map(([from, to], i) => curfew(from, to, `C${i}`)),
    devices: [assigned(UNIT, 'home_unit'), assigned(TAG, 'tag')],
    atvAllowanceMin: allowanceMin,
    policy: { silenceS: 20 * 86_400, toleranceS: toleranceMin * 60 },
    ...change,
  });

/** Each record so late; `step` is called with the time before each that follows, and at the end. */
function play(scene: Scene, delaysMs: readonly number[], step: (told: Told, untilMs: number) => void): Told {
  const told = new Told();
  told.order(orderFor(scene), DAY);
  const arrivals = scene.said
    .map((one, i) => ({ ...one, sequence: i + 1, receivedMs: one.atMs + (delaysMs[i % delaysMs.length] ?? 0) }))
    .sort((a, b) => a.receivedMs - b.receivedMs);
  let revised = scene.revised;
  const passTo = (untilMs: number): void => {
    if (revised !== null && revised.atMs <= untilMs) {
      const { atMs, allowanceMin } = revised;
      revised = null;
      step(told, atMs);
      told.order(orderFor(scene, { revision: 2, atvAllowanceMin: allowanceMin }), atMs);
    }
    step(told, untilMs);
  };
  for (const { atMs, what, sequence, receivedMs } of arrivals) {
    passTo(receivedMs);
    told.upload(
      UNIT,
      sequence,
      receivedMs,
      record(atMs, what === 'ENTER' || what === 'EXIT' ? rf(what) : unitSays(what)),
    );
  }
  passTo(END);
  told.runTo(END);
  return told;
}

/** A statement as an entry brings it: about an alert that no book has, so that it is the same for every delivery. */
function sayIt(told: Told, s: Statement, version: number): void {
  const picture: AlertVersion = {
    alertId: `D-${s.id}` as AlertId,
    version,
    state: 'open',
    kind: 'violation',
    type: 'curfew',
    orderId: ORDER,
    subjectId: null,
    agency: null,
    conditionId: s.conditionId as ConditionId,
    deviceId: null,
    eventMs: s.fromMs,
    startMs: s.fromMs,
    endMs: s.toMs,
    endedBy: s.toMs === null ? null : 'return',
    codes: [],
    confidence: null,
    marginM: null,
    mechanism: null,
    count: 1,
    cause: 'timer',
    records: [],
    derivedMs: s.fromMs,
    policyRevision: 1,
    rulesVersion: 1,
  };
  const act: AlertAct = {
    action: version === 0 ? 'decide' : 'reconsider',
    by: version === 0 ? officer : other,
    kind: s.kind,
    reason: 'as said',
    referredTo: null,
    seen: pictureOf(picture),
  };
  told.act(act, picture, s.atMs);
}

const atvOf = (told: Told): unknown[] =>
  told
    .newest()
    .filter(({ type, state }) => type === 'curfew.atv_exceeded' && state !== 'withdrawn')
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ startMs, endMs, endedBy }) => [startMs, endMs, endedBy]);

function differ(got: unknown, want: unknown, what: string): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    throw new Error(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

const minuteOf = (day: number, minute: number): number => at('00:00', day) + minute * MINUTE;
const day = fc.integer({ min: 0, max: DAYS - 1 });
const scenes: fc.Arbitrary<Scene> = fc.record({
  said: fc
    .array(
      fc.record({
        day,
        minute: fc.integer({ min: 18 * 60 + 50, max: 23 * 60 + 10 }),
        what: fc.constantFrom<What>('ENTER', 'EXIT', 'EXIT', 'ENTER', 'ENTER', 'MOVED', 'RESET'),
      }),
      { minLength: 2, maxLength: 12, size: 'max' },
    )
    .map((list) =>
      list
        .map(({ day, minute, what }): Said => ({ atMs: minuteOf(day, minute), what }))
        .sort((a, b) => a.atMs - b.atMs),
    ),
  toleranceMin: fc.constantFrom(0, 1, 5, 20),
  allowanceMin: fc.oneof(fc.constantFrom(0, 1, 5, 20, 60, 120), fc.integer({ min: 0, max: 300 })),
  revised: fc.option(
    fc.record({
      atMs: fc.tuple(day, fc.integer({ min: 19 * 60, max: 25 * 60 })).map(([d, minute]) => minuteOf(d, minute) + STEP),
      allowanceMin: fc.option(fc.integer({ min: 0, max: 240 }), { nil: null, freq: 6 }),
    }),
    { nil: null, freq: 2 },
  ),
  windows: fc.constantFrom(
    [['19:00', '23:00']] as const,
    [
      ['19:00', '23:00'],
      ['20:00', '22:00'],
    ] as const,
  ),
});
const delays = fc.array(fc.constantFrom(0, 0, 1_000, 7 * MINUTE, 50 * MINUTE, 5 * 60 * MINUTE, 26 * 60 * MINUTE), {
  minLength: 1,
  maxLength: 12,
});
const statements = fc.array(
  fc
    .record({
      id: fc.integer({ min: 0, max: 2 }),
      when: fc.tuple(day, fc.integer({ min: 19 * 60, max: 26 * 60 })),
      second: fc.boolean(),
      from: fc.tuple(day, fc.integer({ min: 19 * 60, max: 23 * 60 - 1 })),
      lasts: fc.option(fc.integer({ min: 1, max: 240 }), { nil: null }),
      kind: fc.constantFrom<DecisionKind>('reasonable_excuse', 'authorised_absence', 'false_alert', 'confirmed'),
    })
    .map(({ id, when, second, from, lasts, kind }): Statement => {
      const fromMs = minuteOf(...from);
      const conditionId = second ? 'C1' : 'C0';
      return { id, atMs: minuteOf(...when), conditionId, fromMs, toMs: lasts && fromMs + lasts * MINUTE, kind };
    }),
  { maxLength: 5, size: 'max' },
);

t.test(
  'the sum passes where the definition has it, whatever was excused when, for every delivery of the records',
  (t) => {
    let passed = 0;
    let moved = 0;
    let ended = 0;
    fc.assert(
      fc.property(scenes, delays, delays, statements, (scene, first, second, all) => {
        // One after the other, each at a moment of its own.
        const inTurn = [...all].sort((a, b) => a.atMs - b.atMs).map((s, i) => ({ ...s, atMs: s.atMs + i }));
        const want = passes(scene, standing(inTurn));
        if (want.length > 0) passed += 1;
        if (want.some(([, endMs]) => endMs !== null)) ended += 1;
        if (JSON.stringify(want) !== JSON.stringify(passes(scene, []))) moved += 1;
        for (const delaysMs of [[0], first, second]) {
          const waiting = [...inTurn];
          const versions = new Map<number, number>();
          const told = play(scene, delaysMs, (told, untilMs) => {
            for (let next = waiting[0]; next !== undefined && next.atMs <= untilMs; next = waiting[0]) {
              waiting.shift();
              const version = versions.get(next.id) ?? 0;
              versions.set(next.id, version + 1);
              sayIt(told, next, version);
            }
          });
          differ(atvOf(told), want, `delays ${delaysMs}`);
        }
      }),
      { seed, numRuns: times(250), endOnFailure: true },
    );
    t.ok(passed > 40, `${passed} passed`);
    t.ok(ended > 5, `${ended} ended for a revision`);
    t.ok(moved > 8, `${moved} passed elsewhere for what was excused`);
    t.end();
  },
);

t.test(
  'what people did about what they were told stands in every later version, and is flagged where it rests on what is no more so',
  (t) => {
    let decided = 0;
    let flagged = 0;
    fc.assert(
      fc.property(scenes, delays, fc.integer(), (scene, delaysMs, chanceSeed) => {
        const chance = seeded(chanceSeed);
        const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
        const acted = new Map<string, AlertAct>();
        let lastMs = DAY;
        const told = play(scene, delaysMs, (told, untilMs) => {
          if (chance() < 0.4) return;
          const nowMs = lastMs + Math.floor(chance() * (untilMs - lastMs));
          lastMs = untilMs;
          told.runTo(nowMs - 1);
          const known = told.newest().filter(({ state }) => state !== 'withdrawn');
          if (known.length === 0) return;
          const alert = pick(known);
          const seen = pictureOf(alert);
          const kind = pick(['reasonable_excuse', 'confirmed', 'authorised_absence'] as const);
          const text = { kind, reason: 'as said', referredTo: null, seen };
          const again = alert.handling?.decision?.by.user === officer.user;
          const act: AlertAct =
            chance() < 0.2
              ? { action: 'acknowledge', by: officer, reason: null }
              : again
                ? { action: 'reconsider', by: other, ...text }
                : { action: 'decide', by: officer, ...text };
          told.act(act, alert, nowMs);
          if (act.action !== 'acknowledge') acted.set(alert.alertId, act);
        });
        for (const alert of told.newest()) {
          const act = acted.get(alert.alertId);
          if (act === undefined) continue;
          decided += 1;
          const decision = alert.handling?.decision ?? null;
          if (decision === null || act.action === 'escalate') throw new Error('a decision was lost');
          differ(decision.by, act.by, 'who decided');
          if (alert.state !== 'withdrawn') differ(alert.state, 'decided', 'state');
          const superseded = alert.state === 'withdrawn' || !bearsOut(decision.seen, decision.atMs, alert);
          differ(alert.handling?.supersededEvidence, superseded, `flag of ${alert.alertId}`);
          if (superseded) flagged += 1;
        }
        const excuses = told.states.get(streamOfOrder(ORDER))?.excuses ?? [];
        const want = passes(scene, excuses);
        differ(atvOf(told), want, 'sum');
      }),
      { seed, numRuns: times(250), endOnFailure: true },
    );
    t.ok(decided > 200, `${decided} decided`);
    t.ok(flagged > 20, `${flagged} flagged`);
    t.end();
  },
);
