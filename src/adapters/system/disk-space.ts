/** How much room is left where the gateway writes: an early word, before a store has to refuse. */
import { statfs } from 'node:fs/promises';
import type { Telemetry } from '../../ports/telemetry.js';

export interface DiskSpaceOptions {
  /** By what they are called in the metric: `data`, `vault`. */
  readonly folders: Readonly<Record<string, string>>;
  /** Less than this is too little, or than a fiftieth of a volume that is small. */
  readonly floorBytes: number;
  readonly telemetry: Pick<Telemetry, 'gauge' | 'log'>;
}

const LOOK_EVERY_MS = 5_000;
const SMALL_VOLUME_SHARE = 1 / 50;
/** So many times the floor is soon too little. */
const EARLY = 8;

export class DiskSpace {
  readonly #o: DiskSpaceOptions;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #low = false;
  #gettingLow = false;

  constructor(options: DiskSpaceOptions) {
    this.#o = options;
  }

  get reasons(): string[] {
    return this.#low ? ['disk_low'] : [];
  }
  get degraded(): string[] {
    return this.#gettingLow && !this.#low ? ['disk_getting_low'] : [];
  }

  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Never rejects: a volume that cannot be asked is told of by the stores on it. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    let low = false;
    let gettingLow = false;
    for (const [volume, folder] of Object.entries(this.#o.folders)) {
      const stats = await statfs(folder).catch(() => null);
      if (stats === null) continue;
      const free = stats.bavail * stats.bsize;
      const floor = Math.min(this.#o.floorBytes, stats.blocks * stats.bsize * SMALL_VOLUME_SHARE);
      this.#o.telemetry.gauge('fairwatch_disk_free_bytes', free, { volume });
      low ||= free < floor;
      gettingLow ||= free < floor * EARLY;
    }
    if (low !== this.#low) this.#o.telemetry.log(low ? 'error' : 'info', low ? 'disk_low' : 'disk_has_room');
    else if (gettingLow && !this.#gettingLow && !low) this.#o.telemetry.log('warn', 'disk_getting_low');
    this.#low = low;
    this.#gettingLow = gettingLow;
  }
}
