/** A gateway's judgement without its stores: orders and uploads are told at their time, ticks come when they are due. */
import { MemoryRecentLog } from '../../src/adapters/memory/memory-recent-log.js';
import type { AlertAct, AlertVersion } from '../../src/domain/alert.js';
import { type DeviceId, orderOfStream, type StreamKey, streamOfDevice, streamOfOrder } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { SharedZone } from '../../src/domain/zone.js';
import { Judge, noHarvest } from '../../src/engine/judge.js';
import { LateData } from '../../src/engine/late-data.js';
import { Policies } from '../../src/engine/policies.js';
import type { Editions } from '../../src/engine/reruns.js';
import { opensFromMs } from '../../src/ports/recent-log.js';
import { AssignmentIndex } from '../../src/rules/assignments.js';
import { withoutOldFixes } from '../../src/rules/plausibility.js';

export class Told {
  readonly states = new Map<StreamKey, SubjectState>();
  readonly policies = new Policies(DEFAULT_POLICY);
  readonly assignments = new AssignmentIndex();
  readonly harvest = noHarvest();
  readonly log = new MemoryRecentLog();
  readonly #late = new LateData(this.log);
  readonly #judge = new Judge({
    policies: this.policies,
    states: {
      get: (stream) => this.states.get(stream) ?? null,
      // As if the gateway were started again after each: what is sealed forgets old positions.
      set: (stream, state) => this.states.set(stream, withoutOldFixes(state, this.#nowMs)),
      remove: (stream) => this.states.delete(stream),
    },
    late: this.#late,
  });
  #position = 0;
  #nowMs = Number.NEGATIVE_INFINITY;
  readonly #dueMs: (editions: Editions, state: SubjectState) => number | null;

  /** `dueMs`: when a stream gets a tick; as the state says, unless told otherwise. */
  constructor(dueMs: (editions: Editions, state: SubjectState) => number | null = (_, state) => state.dueMs) {
    this.#dueMs = dueMs;
  }

  get versions(): readonly AlertVersion[] {
    return this.harvest.versions;
  }

  /** How many records were stepped so far, again or for the first time. */
  get steps(): number {
    return this.harvest.steps;
  }

  order(order: Order, receivedMs: number): void {
    this.runTo(receivedMs - 1);
    const stream = streamOfOrder(order.orderId);
    this.#judge.takeInOrder(this.#next(), { kind: 'order', stream, receivedMs, order }, this.harvest);
    const spokenFor = this.policies.spokenForBy(order.orderId);
    if (spokenFor !== null) this.assignments.put(spokenFor);
    this.#done();
  }

  zone(zone: SharedZone, receivedMs: number): void {
    this.runTo(receivedMs - 1);
    const entry = { kind: 'zone', stream: '~~' as StreamKey, receivedMs, zoneId: zone.zoneId, zone } as const;
    this.#judge.takeInZone(this.#next(), entry, this.harvest);
    this.#done();
  }

  upload(deviceId: DeviceId, sequence: number, receivedMs: number, ...records: readonly DeviceRecord[]): void {
    this.runTo(receivedMs - 1);
    this.log.expireNow(opensFromMs(receivedMs));
    this.#late.forget(this.log.keptFromMs);
    let index = 0;
    for (const [stream, routed] of this.assignments.route(deviceId, records)) {
      const place = { stream, deviceId, sequence: BigInt(sequence), index, digest: '' };
      this.#judge.takeIn(this.#next(), { kind: 'upload', receivedMs, records: routed, ...place }, this.harvest);
      index += 1;
      this.#done();
    }
  }

  /** Somebody does something about an alert, as it stood for them. */
  act(act: AlertAct, alert: AlertVersion, receivedMs: number): void {
    this.runTo(receivedMs - 1);
    const stream = alert.orderId === null ? streamOfDevice(alert.deviceId as DeviceId) : streamOfOrder(alert.orderId);
    this.#judge.takeInDecision(this.#next(), { kind: 'decision', stream, receivedMs, act, alert }, this.harvest);
    this.#done();
  }

  runTo(nowMs: number): void {
    this.#nowMs = nowMs;
    for (;;) {
      const due = [...this.states].flatMap(([stream, state]) => {
        const orderId = orderOfStream(stream);
        const dueMs = this.#dueMs(orderId === null ? [] : this.policies.of(orderId), state);
        return dueMs !== null && dueMs <= nowMs ? [{ stream, dueMs }] : [];
      });
      const [first] = due.sort((a, b) => a.dueMs - b.dueMs);
      if (first === undefined) return;
      const tick = {
        kind: 'tick',
        stream: first.stream,
        receivedMs: first.dueMs,
        atMs: first.dueMs,
        cause: 'timer',
      } as const;
      this.#judge.takeIn(this.#next(), tick, this.harvest);
      this.#done();
    }
  }

  /** The newest version of each alert. Throws where one was skipped. */
  newest(): AlertVersion[] {
    const newest = new Map<string, AlertVersion>();
    for (const version of this.versions) {
      const former = newest.get(version.alertId);
      if (version.version !== (former?.version ?? 0) + 1) throw new Error(`${version.alertId} skips a version`);
      newest.set(version.alertId, version);
    }
    return [...newest.values()];
  }

  /** What stands in the end, as people read it: without identities, evidence, and what the gateway counted. */
  standing(): string[] {
    const clock = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString().slice(5, 23));
    return this.newest()
      .filter(({ state, cause }) => state !== 'withdrawn' && cause !== 'gateway')
      .map((v) =>
        [
          ...[v.orderId, v.type, v.conditionId, v.deviceId, `${clock(v.startMs)}–${clock(v.endMs)}`, v.endedBy],
          ...[v.codes.join('+'), v.confidence, v.marginM, v.mechanism],
        ]
          .filter((part) => part !== null && part !== '')
          .join(' '),
      )
      .sort();
  }

  #next(): number {
    this.#position += 1;
    return this.#position;
  }

  #done(): void {
    const sealed = this.#late.takeChanges().map((change) => ({
      ...change,
      snapshots: change.snapshots.map((one) => ({ ...one, state: withoutOldFixes(one.state, this.#nowMs) })),
    }));
    this.log.commitNow(sealed);
  }
}
