/** Zones through admission: GeoJSON → shape → validity → compiled, distances taken. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decodeZone, encodeZone } from '../../../src/codec/order-record.js';
import { parseZoneFeature } from '../../../src/codec/zone-json.js';
import { compileShape, signedDistanceM } from '../../../src/rules/geometry.js';
import type { Chance } from '../chance.js';
import { exactFault } from '../exact-polygons.js';
import { mutateJson } from '../mutate-json.js';
import { must } from '../target.js';

const JTS = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'jts', 'cases.json');
const words = {
  names: ['geometry', 'coordinates', 'properties', 'radius_m', 'center', 'bbox', 'id', 'type'],
  texts: ['Polygon', 'MultiPolygon', 'Circle', 'Feature', 'Point', 'FeatureCollection', 'GeometryCollection', 'Z-1'],
};

interface Case {
  readonly geometry: { readonly coordinates: unknown };
}

/** Into degrees: the cases lie in a plane of no place. */
const scaled = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(scaled)
    : typeof value === 'number'
      ? Math.max(-90, Math.min(90, value / 10))
      : value;

const feature = (geometry: object, properties: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ type: 'Feature', id: 'Z-1', properties, geometry }));

function seeds(): Buffer[] {
  const { validity } = JSON.parse(readFileSync(JTS, 'utf8')) as { validity: readonly Case[] };
  return [
    feature({ type: 'Circle', center: [-1.5, 53.8], radius_m: 300 }),
    feature({ type: 'Point', coordinates: [-1.5, 53.8] }, { radius_m: 20 }),
    feature({
      type: 'Polygon',
      coordinates: [
        [
          [179.9, 1],
          [-179.9, 1],
          [-179.9, 2],
          [179.9, 2],
          [179.9, 1],
        ],
      ],
    }),
    feature({
      type: 'Polygon',
      coordinates: [
        [
          [-1.55, 53.79],
          [-1.53, 53.79],
          [-1.53, 53.8],
          [-1.55, 53.8],
          [-1.55, 53.79],
        ],
      ],
    }),
    ...validity.map(({ geometry }) => feature({ ...geometry, coordinates: scaled(geometry.coordinates) })),
  ].filter((seed) => seed.length < 4_000);
}

/** A probe here and there, and far away, where no zone of these is. */
const PROBES = [
  [-1.54, 53.795],
  [0, 0],
  [5, 5],
  [180, 0],
  [-180, 89.99],
  [0, -90],
  [10.000_000_1, 10],
] as const;

export const target = {
  bytesMax: 8_192,
  seeds,
  mutate: (input: Buffer, other: Buffer, chance: Chance) => mutateJson(input, other, chance, words),
  run(input: Buffer): void {
    let json: unknown;
    try {
      json = JSON.parse(input.toString('utf8'));
    } catch {
      return;
    }
    const read = parseZoneFeature(json);
    if (!read.ok) {
      must(read.fault.length >= 1 && read.fault.length <= 100, 'a refusal tells 1 to 100 problems');
      return;
    }
    const { shape } = read.value;
    if (shape.kind === 'circle') {
      const [lon, lat] = shape.center;
      must(Math.abs(lon) <= 180 && Math.abs(lat) <= 90, 'a circle is on Earth');
      must(shape.radiusM > 0 && shape.radiusM <= 100_000, 'a circle has a size');
    } else {
      must(shape.polygons.length > 0, 'a zone is somewhere');
      const rings = shape.polygons.flat();
      for (const ring of rings) {
        must(ring.length >= 4 && isDeepStrictEqual(ring[0], ring.at(-1)), 'a ring is closed');
        for (const [lon, lat] of ring) must(Math.abs(lon) <= 180 && Math.abs(lat) <= 90, 'a ring is on Earth');
      }
      const fault = exactFault(shape.polygons);
      must(fault === null, `a zone that is taken has not ${fault}`);
    }
    must(
      isDeepStrictEqual(decodeZone(encodeZone(read.value)), read.value),
      'a zone comes out of a store as it went in',
    );
    const compiled = compileShape(shape);
    for (const [lon, lat] of PROBES) {
      must(Number.isFinite(signedDistanceM(compiled, lon, lat)), 'every place has a distance to a zone');
    }
  },
};
