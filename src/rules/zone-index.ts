/** The shared zones: each compiled once for all orders that name it, and found by where they are. */
import RBush, { type BBox } from 'rbush';
import type { ZoneId } from '../domain/ids.js';
import type { SharedZone, ZoneShape } from '../domain/zone.js';
import { type CompiledShape, compileShape, marginDeg, signedDistanceM, wrapLon } from './geometry.js';

/** With its box as the tree reads it: one made anew at each look would cost more than the look. */
interface Entry extends BBox {
  readonly zone: SharedZone;
  readonly shape: CompiledShape;
}

/**
 * An order's conditions name their zones, so a fix is judged against those alone and asks `shape`. `near` is for the
 * question the other way round: what is here, whoever it concerns.
 */
export class SharedZones {
  readonly #zones = new Map<ZoneId, Entry>();
  readonly #tree = new RBush<Entry>();

  /** Stores or replaces. */
  put(zone: SharedZone): void {
    this.remove(zone.zoneId);
    const entry = entryOf(zone);
    this.#zones.set(zone.zoneId, entry);
    this.#tree.insert(entry);
  }

  /** Many at once: a million in seconds, and the tree is better for it. */
  putAll(zones: readonly SharedZone[]): void {
    for (const { zoneId } of zones) this.remove(zoneId);
    const entries = new Map<ZoneId, Entry>();
    for (const zone of zones) entries.set(zone.zoneId, entryOf(zone));
    for (const [zoneId, entry] of entries) this.#zones.set(zoneId, entry);
    this.#tree.load([...entries.values()]);
  }

  remove(zoneId: ZoneId): void {
    const entry = this.#zones.get(zoneId);
    if (entry === undefined) return;
    this.#zones.delete(zoneId);
    this.#tree.remove(entry);
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
    const margin = marginDeg(lat, marginM);
    const x = wrapLon(lon);
    const found: ZoneId[] = [];
    let turns = 0;
    // boxes of zones on the antimeridian run past 180 on one side or the other
    for (let turn = -360; turn <= 360; turn += 360) {
      const entries = this.#tree.search({
        minX: x + turn - margin.lon,
        maxX: x + turn + margin.lon,
        minY: lat - margin.lat,
        maxY: lat + margin.lat,
      });
      if (entries.length > 0) turns++;
      for (const { zone, shape } of entries) {
        if (signedDistanceM(shape, lon, lat, marginM, 0) <= marginM) found.push(zone.zoneId);
      }
    }
    // a zone that reaches around the earth is found on more than one turn
    if (turns > 1) return [...new Set(found)].sort();
    return found.length > 1 ? found.sort() : found;
  }
}

function entryOf(zone: SharedZone): Entry {
  const shape = compileShape(zone.shape);
  return { zone, shape, minX: shape.west, minY: shape.south, maxX: shape.east, maxY: shape.north };
}
