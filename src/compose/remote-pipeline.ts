/** The other process's pipeline, seen from the API's: by the beat that it writes down once a second. */
import { readPipelineStatus } from '../adapters/files/pipeline-status.js';
import type { Telemetry } from '../ports/telemetry.js';
import { Stalls } from './stalls.js';
import { LOOK_EVERY_MS, PAUSE_MS, type Vitality } from './vitals.js';

export interface RemotePipelineOptions {
  /** The file of its beats. */
  readonly path: string;
  /** Whether its lock says that it lives. */
  readonly isHeld: () => boolean;
  /** Without a beat for so long it counts as gone. */
  readonly stallMs: number;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  readonly telemetry: Pick<Telemetry, 'gauge' | 'log'>;
}

export class RemotePipeline {
  readonly stalls: Stalls;
  readonly #o: RemotePipelineOptions;
  #timer: NodeJS.Timeout | null = null;
  #beat = '';
  #beatMs = 0;
  #lookedMs: number | null = null;
  #vitality: Vitality = { reasons: [], degraded: [] };

  constructor(options: RemotePipelineOptions) {
    this.#o = options;
    this.stalls = new Stalls(options.nowMs, options.telemetry);
  }

  /** As of the last look. */
  get vitality(): Vitality {
    return this.#vitality;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  look(): void {
    const now = this.#o.steadyMs();
    // who stood still itself has missed beats, and waits for the next
    if (this.#lookedMs === null || now - this.#lookedMs > PAUSE_MS) this.#beatMs = now;
    this.#lookedMs = now;
    const status = readPipelineStatus(this.#o.path);
    if (status !== null && status.beat !== this.#beat) {
      this.#beat = status.beat;
      this.#beatMs = now;
    }
    const silentMs = now - this.#beatMs;
    this.#o.telemetry.gauge('fairwatch_pipeline_beat_seconds', silentMs / 1_000);
    const alive = this.#o.isHeld() && silentMs <= this.#o.stallMs;
    // what it said last tells nothing of one that is gone
    this.#vitality = alive
      ? { reasons: status?.reasons ?? [], degraded: status?.degraded ?? [] }
      : { reasons: ['engine_not_alive'], degraded: [] };
    this.stalls.turn(this.#vitality.reasons);
  }
}
