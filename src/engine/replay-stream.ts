/** One stream, offline: its uploads as they came, time in between, through the same judge as in the live gateway. */
import type { AlertVersion } from '../domain/alert.js';
import type { UploadEntry } from '../domain/entry.js';
import type { StreamKey } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { RecentChange, RecentLog } from '../ports/recent-log.js';
import { Judge, noHarvest } from './judge.js';
import { LateData } from './late-data.js';
import type { Policies } from './policies.js';

export interface ReplayOptions {
  readonly stream: StreamKey;
  readonly policies: Policies;
  /** In order of their arrival. */
  readonly uploads: Iterable<UploadEntry>;
  /** The time of the picture: uploads that came, and timers due, up to and at it count. */
  readonly untilMs: number;
  /** Empty; of this stream alone. */
  readonly log: RecentLog & { commitNow(changes: readonly RecentChange[]): void };
}

/** What was told, in that order. */
export function replayStream({ stream, policies, uploads, untilMs, log }: ReplayOptions): readonly AlertVersion[] {
  let state: SubjectState | null = null;
  let position = 0;
  const late = new LateData(log);
  const harvest = noHarvest();
  const states = {
    get: () => state,
    set: (_: StreamKey, next: SubjectState) => {
      state = next;
    },
    remove: () => {
      state = null;
    },
  };
  const judge = new Judge({ policies, states, late });
  const dueMs = (): number => (state as SubjectState | null)?.dueMs ?? Infinity;
  const done = (): void => log.commitNow(late.takeChanges());
  const tickWhile = (isDue: (ms: number) => boolean): void => {
    for (let ms = dueMs(); isDue(ms); ms = dueMs()) {
      position += 1;
      judge.takeIn(position, { kind: 'tick', stream, receivedMs: ms, atMs: ms, cause: 'timer' }, harvest);
      done();
    }
  };

  position += 1;
  judge.takeIn(position, { kind: 'revised', stream, receivedMs: -Infinity }, harvest);
  for (const upload of uploads) {
    // At equal times records come before timers (§1).
    tickWhile((ms) => ms < upload.receivedMs);
    position += 1;
    judge.takeIn(position, upload, harvest);
    done();
  }
  tickWhile((ms) => ms <= untilMs);
  judge.flush(position + 1, { stream, receivedMs: untilMs }, harvest);
  return harvest.versions;
}
