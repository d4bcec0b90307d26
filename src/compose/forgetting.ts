/**
 * What is sealed anew takes no old position with it (¶17): states and snapshots go into the stores without last good fixes
 * that nothing in order is compared with any more. The engine keeps them in memory, and looks up what it reads back without
 * them, so that late data is judged by them.
 */
import type { RecentLog } from '../ports/recent-log.js';
import { withoutOldFixes } from '../rules/plausibility.js';

export function forgettingLog(log: RecentLog, nowMs: () => number): RecentLog {
  return {
    claim: (epoch) => log.claim(epoch),
    commit(epoch, changes) {
      const slim = changes.map((change) => ({
        ...change,
        snapshots: change.snapshots.map((one) => ({ ...one, state: withoutOldFixes(one.state, nowMs()) })),
      }));
      return log.commit(epoch, slim);
    },
    uploads: (stream, fromMs, beforeMs) => log.uploads(stream, fromMs, beforeMs),
    brokenMs: (stream) => log.brokenMs(stream),
    snapshots: (stream) => log.snapshots(stream),
    since: (stream, position, max) => log.since(stream, position, max),
    get keptFromMs() {
      return log.keptFromMs;
    },
    expire: (epoch, beforeMs, max) => log.expire(epoch, beforeMs, max),
    close: () => log.close(),
  };
}
