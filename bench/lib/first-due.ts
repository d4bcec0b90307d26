/** Who falls due just after a start, and when that has become an alert that anybody can read. */
import type { StreamKey } from '../../src/domain/ids.js';
import { listenTo } from './edge-listener.js';
import { TOLD_MS } from './edge-people.js';
import type { RunningGateway } from './gateway.js';

export interface FirstDue {
  /** From the moment when the clock is moved over what is due first, until the first alert of it has been told. */
  readonly firstS: number;
  /** Until the last. */
  readonly lastS: number;
  /** Absent people's alerts that did not come, and others that did. */
  readonly faults: number;
}

/** The gateway must have its clock at the population's last moment, before anything is due. */
export async function tellFirstDue(gateway: RunningGateway, absent: ReadonlySet<StreamKey>): Promise<FirstDue> {
  const { api, listener, subscriber } = listenTo(gateway, absent);
  try {
    await subscriber.start();
    const movedMs = performance.timeOrigin + performance.now();
    await Promise.all([api.moveClock(TOLD_MS + 1), listener.all]);
    const { firstMs, lastMs, missing, wrong } = listener;
    return {
      firstS: (firstMs - movedMs) / 1_000,
      lastS: (lastMs - movedMs) / 1_000,
      faults: missing.size + wrong + subscriber.repeats,
    };
  } finally {
    await subscriber.stop();
    api.close();
  }
}
