/**
 * The measure of a recovery: a few devices make one new upload each when the fault is over. It must be acknowledged as durable,
 * and its alert must be on the stream. So a recovery is what somebody who is to be protected now feels of it: a live alert is
 * prompt again, whatever backlog still waits. They connect and send like everybody else, but try again sooner (0.3 s).
 */

import { tagBody } from '../../src/sim/report.js';
import type { TruthItem } from '../../src/sim/truth.js';
import type { Crowd } from './crowd.js';
import type { TortureDevice } from './device.js';
import { type Person, personOf } from './people.js';
import { itemOf } from './stories.js';
import type { SseListener } from './streams.js';

const COUNT = 3;

/** One whose strap is cut at one probe and made whole at the next. */
interface Probe {
  readonly person: Person;
  readonly device: TortureDevice;
  /** Null: its strap is whole. */
  open: { at: number; startMs: number } | null;
  lastMs: number;
  acked: (sequence: number) => void;
}

export const probePeople = (seed: number): Person[] =>
  Array.from({ length: COUNT }, (_, i) => personOf(seed, `P${seed}-${i + 1}`, 'strap'));

export class Probes {
  #probes: Probe[] = [];

  constructor(
    private readonly people: readonly Person[],
    private readonly listener: SseListener,
  ) {}

  join(crowd: Crowd): void {
    this.#probes = this.people.map((person) => {
      const probe: Probe = {
        person,
        device: crowd.add(person, (sequence) => probe.acked(sequence)),
        open: null,
        lastMs: 0,
        acked: () => {},
      };
      probe.device.backoffMaxMs = 300;
      return probe;
    });
    crowd.connectAll(this.#probes.map(({ device }) => device));
  }

  /** Resolves when each has made one more upload, it is acknowledged, and its alert is on the stream; false: not in time. */
  async pass(crowd: Crowd, withinMs: number): Promise<boolean> {
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<false>((resolve) => {
      late = setTimeout(() => resolve(false), withinMs);
    });
    const all = Promise.all(this.#probes.map((probe) => this.#pass(probe, crowd))).then(() => true as const);
    const passed = await Promise.race([all, patience]);
    clearTimeout(late);
    return passed;
  }

  async #pass(probe: Probe, crowd: Crowd): Promise<void> {
    const timeMs = Math.max(Date.now(), probe.lastMs + 1_000);
    probe.lastMs = timeMs;
    const { person, open } = probe;
    // the truth first, then the upload
    const item = (startMs: number, endMs: number | null): TruthItem =>
      itemOf(person, { type: 'tamper.strap', startMs, endMs });
    const flag = open === null ? 'STRAP_TAMPER_START' : 'STRAP_TAMPER_END';
    if (open === null) probe.open = { at: crowd.truth.push(item(timeMs, null)) - 1, startMs: timeMs };
    else {
      crowd.truth[open.at] = item(open.startMs, timeMs);
      probe.open = null;
    }
    const time = new Date(timeMs).toISOString();
    const told = new Promise<void>((resolve) => {
      const stop = this.listener.on(({ data }) => {
        if (data.device_id !== person.device.device_id || (open === null ? data.start : data.end) !== time) return;
        stop();
        resolve();
      });
    });
    const acked = new Promise<void>((resolve) => {
      const sequence = crowd.keep(probe.device, [{ timeMs, body: tagBody([flag]) }]);
      const before = probe.acked;
      probe.acked = (number) => {
        before(number);
        if (number === sequence) resolve();
      };
    });
    await Promise.all([told, acked]);
  }
}
