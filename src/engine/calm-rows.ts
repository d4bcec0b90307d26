/** Of whom it is calm, and within which bounds: a row of numbers each, for a million people are calm most of the time. */
import type { DeviceId, StreamKey } from '../domain/ids.js';
import type { Calm, LastFix } from '../rules/calm.js';

const BOUNDS = [
  'afterMs',
  'untilMs',
  'silenceMs',
  'foundMs',
  'lonE7',
  'latE7',
  'clearanceM',
  'metresLonE7',
  'metresLatE7',
  'jumpMMs',
  'gnssRadiusM',
  'wifiRadiusM',
  'otherRadiusM',
  'movingMs',
  'goodRadiusM',
  'motionMs',
  'clockAheadMs',
  'horizonMs',
] as const satisfies readonly (keyof Calm)[];
const AT = {
  lastMs: BOUNDS.length,
  lastLonE7: BOUNDS.length + 1,
  lastLatE7: BOUNDS.length + 2,
  position: BOUNDS.length + 3,
  arrivesBeforeMs: BOUNDS.length + 4,
  arrivesFromMs: BOUNDS.length + 5,
} as const;
const WIDTH = BOUNDS.length + 6;

/** As a row says it. Read before the next row is asked for: there is one of it. */
export interface CalmRow {
  readonly calm: Calm;
  /** The last fix that was taken, in calm or before it, and the position of its entry. */
  readonly last: LastFix;
  readonly position: number;
  /** What arrives between these needs no snapshot. */
  readonly arrivesFromMs: number;
  readonly arrivesBeforeMs: number;
}

export class CalmRows {
  readonly #slots = new Map<StreamKey, number>();
  readonly #freeSlots: number[] = [];
  readonly #tags: DeviceId[] = [];
  #rows = new Float64Array(256 * WIDTH);
  readonly #calm: { -readonly [K in keyof Calm]: Calm[K] } = {
    ...Object.fromEntries(BOUNDS.map((name) => [name, 0])),
    tagId: '',
  } as never;
  readonly #last = { timeMs: 0, lonE7: 0, latE7: 0 };
  readonly #row = { calm: this.#calm, last: this.#last, position: 0, arrivesFromMs: 0, arrivesBeforeMs: 0 };

  get size(): number {
    return this.#slots.size;
  }

  get(stream: StreamKey): CalmRow | null {
    const slot = this.#slots.get(stream);
    if (slot === undefined) return null;
    const [rows, at] = [this.#rows, slot * WIDTH];
    for (let i = 0; i < BOUNDS.length; i += 1)
      this.#calm[BOUNDS[i] as (typeof BOUNDS)[number]] = rows[at + i] as number;
    this.#calm.tagId = this.#tags[slot] as DeviceId;
    this.#last.timeMs = rows[at + AT.lastMs] as number;
    this.#last.lonE7 = rows[at + AT.lastLonE7] as number;
    this.#last.latE7 = rows[at + AT.lastLatE7] as number;
    this.#row.position = rows[at + AT.position] as number;
    this.#row.arrivesFromMs = rows[at + AT.arrivesFromMs] as number;
    this.#row.arrivesBeforeMs = rows[at + AT.arrivesBeforeMs] as number;
    return this.#row;
  }

  set(stream: StreamKey, row: CalmRow): void {
    const slot = this.#slots.get(stream) ?? this.#freeSlots.pop() ?? this.#slots.size;
    this.#slots.set(stream, slot);
    this.#grow(slot);
    this.#tags[slot] = row.calm.tagId;
    const at = slot * WIDTH;
    for (let i = 0; i < BOUNDS.length; i += 1) this.#rows[at + i] = row.calm[BOUNDS[i] as (typeof BOUNDS)[number]];
    this.#rows[at + AT.arrivesFromMs] = row.arrivesFromMs;
    this.#rows[at + AT.arrivesBeforeMs] = row.arrivesBeforeMs;
    this.#note(slot, row.last, row.position);
  }

  /** The last fix of a row that is there. */
  note(stream: StreamKey, last: LastFix, position: number): void {
    this.#note(this.#slots.get(stream) as number, last, position);
  }

  delete(stream: StreamKey): void {
    const slot = this.#slots.get(stream);
    if (slot === undefined) return;
    this.#slots.delete(stream);
    this.#freeSlots.push(slot);
  }

  #note(slot: number, { timeMs, lonE7, latE7 }: LastFix, position: number): void {
    const [rows, at] = [this.#rows, slot * WIDTH];
    rows[at + AT.lastMs] = timeMs;
    rows[at + AT.lastLonE7] = lonE7;
    rows[at + AT.lastLatE7] = latE7;
    rows[at + AT.position] = position;
  }

  #grow(slot: number): void {
    if ((slot + 1) * WIDTH <= this.#rows.length) return;
    const more = new Float64Array(Math.ceil(this.#rows.length / WIDTH / 2) * 3 * WIDTH);
    more.set(this.#rows);
    this.#rows = more;
  }
}
