/** One message on its way: what waits for its turn, is placed when that has come, and hears what became of it. */
import type { DeviceId } from '../domain/ids.js';
import type { Verdict } from '../ports/mqtt-endpoint.js';
import type { Arrival } from './admission.js';
import type { Commit } from './commit-queue.js';
import type { Opened } from './read-upload.js';

/** What an upload that waits needs of its acceptance. */
export interface Steps {
  readonly place: (deviceId: DeviceId, opened: Opened) => Commit;
  /** The same bytes came again while they waited. */
  readonly repeated: (verdict: Verdict) => void;
}

/** An object for each, for at this rate closures are what the collector is busy with. */
export class Arriving implements Arrival {
  fenced = false;

  constructor(
    private readonly steps: Steps,
    readonly lane: DeviceId,
    private readonly opened: Opened,
    readonly live: boolean,
    readonly weight: number,
    public settle: (verdict: Verdict) => void,
    public gone: (() => boolean) | undefined,
  ) {}

  get payload(): Buffer {
    return this.opened.payload;
  }

  prepare(): Commit {
    return this.steps.place(this.lane, this.opened);
  }

  again(verdict: Verdict): void {
    this.steps.repeated(verdict);
    this.settle(verdict);
  }
}
