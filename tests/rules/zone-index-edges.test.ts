/** Shared zones at their edges: zones that nobody has, and a position exactly at the margin. */
import t from 'tap';
import type { ZoneId } from '../../src/domain/ids.js';
import { compileShape, signedDistanceM } from '../../src/rules/geometry.js';
import { SharedZones } from '../../src/rules/zone-index.js';

t.test('a zone that is not stored is null, and can be taken away without harm', (t) => {
  const zones = new SharedZones();
  const nobody = 'Z-NONE' as ZoneId;
  t.equal(zones.get(nobody), null);
  zones.remove(nobody);
  t.equal(zones.get(nobody), null);
  t.end();
});

t.test('a zone exactly at the margin is near, and one a millimetre further is not', (t) => {
  const zones = new SharedZones();
  const zoneId = 'Z-1' as ZoneId;
  const shape = { kind: 'circle', center: [-1.5, 53.8], radiusM: 100 } as const;
  zones.put({ zoneId, revision: 1, shape });
  const apartM = signedDistanceM(compileShape(shape), -1.49, 53.81);
  t.strictSame(zones.near(-1.49, 53.81, apartM), [zoneId]);
  t.strictSame(zones.near(-1.49, 53.81, apartM - 0.001), []);
  t.strictSame(zones.get(zoneId), { zoneId, revision: 1, shape });
  t.end();
});
