/** Of whom it is calm, and within which bounds: a row of numbers each, for a million people are calm most of the time. */
import type { DeviceId, StreamKey } from '../domain/ids.js';
import type { Calm, LastHeard } from '../rules/calm.js';

type Bounds = Omit<Calm, 'tagId'>;

/** Numbers of a row: the bounds, then what comes before the next record. */
const BOUNDS = 19;
const AT = {
  lastMs: BOUNDS,
  lastLonE7: BOUNDS + 1,
  lastLatE7: BOUNDS + 2,
  position: BOUNDS + 3,
  arrivesBeforeMs: BOUNDS + 4,
  arrivesFromMs: BOUNDS + 5,
  heardMs: BOUNDS + 6,
  lastRadiusM: BOUNDS + 7,
} as const;
const WIDTH = BOUNDS + 8;

/** As a row says it. Read before the next row is asked for: there is one of it. */
export interface CalmRow {
  readonly calm: Calm;
  /** What the tag said last, in calm or before it, and the position of its entry. */
  readonly last: LastHeard;
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
  readonly #calm: { -readonly [K in keyof Calm]: Calm[K] } = { tagId: '' as DeviceId, ...NO_BOUNDS };
  readonly #last = { timeMs: 0, lonE7: 0, latE7: 0, radiusM: 0, heardMs: 0 };
  readonly #row = { calm: this.#calm, last: this.#last, position: 0, arrivesFromMs: 0, arrivesBeforeMs: 0 };

  get size(): number {
    return this.#slots.size;
  }

  get(stream: StreamKey): CalmRow | null {
    const slot = this.#slots.get(stream);
    if (slot === undefined) return null;
    const [rows, at] = [this.#rows, slot * WIDTH];
    readBounds(rows, at, this.#calm);
    this.#calm.tagId = this.#tags[slot] as DeviceId;
    this.#last.timeMs = rows[at + AT.lastMs] as number;
    this.#last.lonE7 = rows[at + AT.lastLonE7] as number;
    this.#last.latE7 = rows[at + AT.lastLatE7] as number;
    this.#last.radiusM = rows[at + AT.lastRadiusM] as number;
    this.#last.heardMs = rows[at + AT.heardMs] as number;
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
    writeBounds(this.#rows, at, row.calm);
    this.#rows[at + AT.arrivesFromMs] = row.arrivesFromMs;
    this.#rows[at + AT.arrivesBeforeMs] = row.arrivesBeforeMs;
    this.#note(slot, row.last, row.position);
  }

  /** What was said last, of a row that is there. */
  note(stream: StreamKey, last: LastHeard, position: number): void {
    this.#note(this.#slots.get(stream) as number, last, position);
  }

  delete(stream: StreamKey): void {
    const slot = this.#slots.get(stream);
    if (slot === undefined) return;
    this.#slots.delete(stream);
    this.#freeSlots.push(slot);
  }

  #note(slot: number, { timeMs, lonE7, latE7, radiusM, heardMs }: LastHeard, position: number): void {
    const [rows, at] = [this.#rows, slot * WIDTH];
    rows[at + AT.lastMs] = timeMs;
    rows[at + AT.lastLonE7] = lonE7;
    rows[at + AT.lastLatE7] = latE7;
    rows[at + AT.lastRadiusM] = radiusM;
    rows[at + AT.heardMs] = heardMs;
    rows[at + AT.position] = position;
  }

  #grow(slot: number): void {
    if ((slot + 1) * WIDTH <= this.#rows.length) return;
    const more = new Float64Array(Math.ceil(this.#rows.length / WIDTH / 2) * 3 * WIDTH);
    more.set(this.#rows);
    this.#rows = more;
  }
}

const NO_BOUNDS: Bounds = {
  afterMs: 0,
  untilMs: 0,
  silenceMs: 0,
  foundMs: 0,
  lonE7: 0,
  latE7: 0,
  clearanceM: 0,
  metresLonE7: 0,
  metresLatE7: 0,
  jumpMMs: 0,
  gnssRadiusM: 0,
  wifiRadiusM: 0,
  otherRadiusM: 0,
  movingMs: 0,
  goodRadiusM: 0,
  motionMs: 0,
  clockAheadMs: 0,
  horizonMs: 0,
  abovePct: 0,
};

// One by one, and not by their names: the names would cost ten times as much (on the way of every record, bench/step).
function readBounds(rows: Float64Array, at: number, to: { -readonly [K in keyof Bounds]: Bounds[K] }): void {
  to.afterMs = rows[at] as number;
  to.untilMs = rows[at + 1] as number;
  to.silenceMs = rows[at + 2] as number;
  to.foundMs = rows[at + 3] as number;
  to.lonE7 = rows[at + 4] as number;
  to.latE7 = rows[at + 5] as number;
  to.clearanceM = rows[at + 6] as number;
  to.metresLonE7 = rows[at + 7] as number;
  to.metresLatE7 = rows[at + 8] as number;
  to.jumpMMs = rows[at + 9] as number;
  to.gnssRadiusM = rows[at + 10] as number;
  to.wifiRadiusM = rows[at + 11] as number;
  to.otherRadiusM = rows[at + 12] as number;
  to.movingMs = rows[at + 13] as number;
  to.goodRadiusM = rows[at + 14] as number;
  to.motionMs = rows[at + 15] as number;
  to.clockAheadMs = rows[at + 16] as number;
  to.horizonMs = rows[at + 17] as number;
  to.abovePct = rows[at + 18] as number;
}

function writeBounds(rows: Float64Array, at: number, from: Bounds): void {
  rows[at] = from.afterMs;
  rows[at + 1] = from.untilMs;
  rows[at + 2] = from.silenceMs;
  rows[at + 3] = from.foundMs;
  rows[at + 4] = from.lonE7;
  rows[at + 5] = from.latE7;
  rows[at + 6] = from.clearanceM;
  rows[at + 7] = from.metresLonE7;
  rows[at + 8] = from.metresLatE7;
  rows[at + 9] = from.jumpMMs;
  rows[at + 10] = from.gnssRadiusM;
  rows[at + 11] = from.wifiRadiusM;
  rows[at + 12] = from.otherRadiusM;
  rows[at + 13] = from.movingMs;
  rows[at + 14] = from.goodRadiusM;
  rows[at + 15] = from.motionMs;
  rows[at + 16] = from.clockAheadMs;
  rows[at + 17] = from.horizonMs;
  rows[at + 18] = from.abovePct;
}
