/** The shared zones: each compiled once for all orders that name it, and found by where they are. */
import RBush from 'rbush';
import type { ZoneId } from '../domain/ids.js';
import type { SharedZone, ZoneShape } from '../domain/zone.js';
import { type CompiledShape, compileShape, marginDeg, signedDistanceM, wrapLon } from './geometry.js';

interface Entry {
  readonly zone: SharedZone;
  readonly shape: CompiledShape;
}

/**
 * An order's conditions name their zones, so a fix is judged against those alone and asks `shape`. `near` is for the
 * question the other way round: what is here, whoever it concerns.
 */
export class SharedZones {
  readonly #zones = new Map<ZoneId, Entry>();
  readonly #tree = new (class extends RBush<Entry> {
    override toBBox({ shape }: Entry) {
      return { minX: shape.west, minY: shape.south, maxX: shape.east, maxY: shape.north };
    }
    override compareMinX(a: Entry, b: Entry) {
      return a.shape.west - b.shape.west;
    }
    override compareMinY(a: Entry, b: Entry) {
      return a.shape.south - b.shape.south;
    }
  })();

  /** Stores or replaces. */
  put(zone: SharedZone): void {
    this.remove(zone.zoneId);
    const entry = { zone, shape: compileShape(zone.shape) };
    this.#zones.set(zone.zoneId, entry);
    this.#tree.insert(entry);
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
    const found = new Set<ZoneId>();
    // boxes of zones on the antimeridian run past 180 on one side or the other
    for (const x of [wrapLon(lon) - 360, wrapLon(lon), wrapLon(lon) + 360]) {
      const box = { minX: x - margin.lon, maxX: x + margin.lon, minY: lat - margin.lat, maxY: lat + margin.lat };
      for (const { zone, shape } of this.#tree.search(box)) {
        if (signedDistanceM(shape, lon, lat) <= marginM) found.add(zone.zoneId);
      }
    }
    return [...found].sort();
  }
}
