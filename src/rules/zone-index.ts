/** The shared zones: each compiled once for all orders that name it, and found by where they are. */
import RBush from 'rbush';
import type { ZoneId } from '../domain/ids.js';
import type { SharedZone, ZoneShape } from '../domain/zone.js';
import { type CompiledShape, compileShape, marginDeg, signedDistanceM, wrapLon } from './geometry.js';
import { type Box, HashedBoxes } from './hashed-boxes.js';

/** With its box as both indexes read it: one made anew at each look would cost more than the look. */
interface Entry extends Box {
  readonly zone: SharedZone;
  readonly shape: CompiledShape;
  /** Its number among those that are packed; −1: it was put by itself. */
  number: number;
}

/** Of so many that stand one must come for all to be packed anew; fewer are put one by one. */
const REPACKED_MAX = 8;
/** Degrees. */
type Margin = ReturnType<typeof marginDeg>;
const NO_MARGIN: Margin = { lon: 0, lat: 0 };

/**
 * An order's conditions name their zones, so a fix is judged against those alone and asks `shape`. `near` is for the
 * question the other way round: what is here, whoever it concerns.
 */
export class SharedZones {
  readonly #zones = new Map<ZoneId, Entry>();
  /** What came in bulk, by number; null: it is there no more. */
  #packed: (Entry | null)[] = [];
  #boxes = new HashedBoxes([]);
  /** What was put by itself since. */
  readonly #tree = new RBush<Entry>();
  #loose = 0;
  /** Degrees beyond which no zone has ever been. */
  #west = Infinity;
  #east = -Infinity;

  /** Stores or replaces. */
  put(zone: SharedZone): void {
    this.remove(zone.zoneId);
    this.#tree.insert(this.#store(zone));
    this.#loose++;
  }

  /** Many at once: a million in seconds, and they are found sooner. */
  putAll(zones: readonly SharedZone[]): void {
    if (zones.length * REPACKED_MAX < this.#zones.size) {
      for (const zone of zones) this.put(zone);
      return;
    }
    for (const zone of zones) this.#store(zone);
    const entries = [...this.#zones.values()];
    entries.forEach((entry, i) => {
      entry.number = i;
    });
    this.#packed = entries;
    this.#boxes = new HashedBoxes(entries);
    this.#tree.clear();
    this.#loose = 0;
  }

  remove(zoneId: ZoneId): void {
    const entry = this.#zones.get(zoneId);
    if (entry === undefined) return;
    this.#zones.delete(zoneId);
    if (entry.number >= 0) this.#packed[entry.number] = null;
    else {
      this.#tree.remove(entry);
      this.#loose--;
    }
  }

  get(zoneId: ZoneId): SharedZone | null {
    return this.#zones.get(zoneId)?.zone ?? null;
  }

  /** The shape as it was given; `compileShape` of it costs nothing any more. */
  shapeOf(zoneId: ZoneId): ZoneShape | null {
    return this.#zones.get(zoneId)?.zone.shape ?? null;
  }

  get size(): number {
    return this.#zones.size;
  }

  /** Zones whose boundary or inside is at most `marginM` metres from a position in degrees, by id. */
  near(lon: number, lat: number, marginM: number): ZoneId[] {
    const margin = marginM > 0 ? marginDeg(lat, marginM) : NO_MARGIN;
    const x = wrapLon(lon);
    const found: ZoneId[] = [];
    this.#nearOn(x, lon, lat, margin, marginM, found);
    // boxes of zones on the antimeridian run past 180 on one side or the other
    let turns = found.length > 0 ? 1 : 0;
    if (x - 360 + margin.lon >= this.#west && this.#nearOn(x - 360, lon, lat, margin, marginM, found)) turns++;
    if (x + 360 - margin.lon <= this.#east && this.#nearOn(x + 360, lon, lat, margin, marginM, found)) turns++;
    // a zone that reaches around the earth is found on more than one turn
    if (turns > 1) return [...new Set(found)].sort();
    return found.length > 1 ? found.sort() : found;
  }

  /** Adds those whose box is near when the position is on this turn of longitudes; tells whether there are any. */
  #nearOn(x: number, lon: number, lat: number, margin: Margin, marginM: number, found: ZoneId[]): boolean {
    const before = found.length;
    const [minX, maxX] = [x - margin.lon, x + margin.lon];
    const [minY, maxY] = [lat - margin.lat, lat + margin.lat];
    const hits = this.#boxes.look(minX, minY, maxX, maxY);
    for (let i = 0; i < hits; i++) {
      const entry = this.#packed[this.#boxes.hits[i]!]!;
      if (entry !== null && signedDistanceM(entry.shape, lon, lat, marginM, 0) <= marginM)
        found.push(entry.zone.zoneId);
    }
    if (this.#loose > 0) {
      for (const { zone, shape } of this.#tree.search({ minX, minY, maxX, maxY })) {
        if (signedDistanceM(shape, lon, lat, marginM, 0) <= marginM) found.push(zone.zoneId);
      }
    }
    return found.length > before;
  }

  #store(zone: SharedZone): Entry {
    const shape = compileShape(zone.shape);
    const { west, south, east, north } = shape;
    const entry = { zone, shape, number: -1, minX: west, minY: south, maxX: east, maxY: north };
    this.#zones.set(zone.zoneId, entry);
    this.#west = Math.min(this.#west, west);
    this.#east = Math.max(this.#east, east);
    return entry;
  }
}
