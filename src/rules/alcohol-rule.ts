/** The rule of alcohol: what the order's alcohol tags read. */
import type { Cause } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { AlcoholReading } from '../domain/record.js';
import type { AlcoholState } from '../domain/subject-state.js';
import { alcoholRuns, endReadings, reviseReadings, stepReading } from './alcohol.js';
import { assignmentAt, type OrderPolicy } from './compile.js';
import { type Draft, isEmpty } from './draft.js';
import type { Moment } from './machine.js';
import { NOTHING, type Rule, type Sighting } from './rule.js';

export const alcoholRule: Rule = {
  show: (draft, policy, sighting) => {
    const { body } = sighting.record;
    return sighting.sender.kind === 'alcohol_tag' && body.kind === 'alcohol'
      ? [{ part: 'alcohol', take: () => takeReading(draft, policy, body, sighting) }]
      : NOTHING;
  },
  dueMs: ({ state }, policy) => {
    let dueMs = Infinity;
    if (isEmpty(state.alcohol)) return dueMs;
    for (const [deviceId, on] of entriesOf(state.alcohol)) dueMs = Math.min(dueMs, endsMs(policy, deviceId, on));
    return dueMs;
  },
  fire: fireAssignments,
  revise: reviseAlcohol,
};

function takeReading(draft: Draft, policy: OrderPolicy, reading: AlcoholReading, sighting: Sighting): void {
  const { sender, ref, moment } = sighting;
  const { deviceId } = sender;
  const before = draft.state.alcohol[deviceId]?.rows ?? {};
  const rows = stepReading(policy.alcohol, deviceId, before, reading, ref, moment);
  keep(draft, policy, deviceId, { wornMs: ref.timeMs, rows }, moment);
}

/** The assignment of a tag ends, and with it what runs of it. */
function fireAssignments(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  for (const [deviceId, on] of entriesOf(draft.state.alcohol)) {
    if (endsMs(policy, deviceId, on) > atMs) continue;
    const reason = atMs >= policy.order.endMs ? 'ORDER_ENDED' : 'ORDER_REVISED';
    endReadings(policy.alcohol, deviceId, draft.moment(atMs, cause, null), reason);
    forget(draft, deviceId);
    draft.judged('alcohol', atMs, true);
  }
}

/** A tag goes on where the new edition has it at this moment. */
function reviseAlcohol(draft: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  const { atMs } = moment;
  for (const [deviceId, before] of entriesOf(draft.state.alcohol)) {
    if (assignmentAt(next, deviceId, atMs)?.kind === 'alcohol_tag') {
      const rows = reviseReadings(former.alcohol, next.alcohol, deviceId, before.rows, moment);
      keep(draft, next, deviceId, { wornMs: atMs, rows }, moment);
    } else {
      endReadings(former.alcohol, deviceId, moment, 'ORDER_REVISED');
      forget(draft, deviceId);
    }
  }
}

const entriesOf = (state: Readonly<Record<DeviceId, AlcoholState>>) =>
  Object.entries(state) as [DeviceId, AlcoholState][];

/** When the assignment ends; how long it lasts may be told late, so it is asked anew each time. */
function endsMs(policy: OrderPolicy, deviceId: DeviceId, { wornMs }: AlcoholState): number {
  return assignmentAt(policy, deviceId, wornMs)?.toMs ?? wornMs;
}

/** Of a tag of which nothing is on, nothing is kept. */
function keep(draft: Draft, policy: OrderPolicy, deviceId: DeviceId, next: AlcoholState, moment: Moment): void {
  const isOn = Object.keys(next.rows).length > 0 || alcoholRuns(policy.alcohol, deviceId, moment.running);
  if (isOn) draft.state.alcohol = { ...draft.state.alcohol, [deviceId]: next };
  else forget(draft, deviceId);
}

function forget({ state }: Draft, deviceId: DeviceId): void {
  const { [deviceId]: _, ...others } = state.alcohol;
  state.alcohol = others;
}
