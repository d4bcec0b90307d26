/** What a fix says of a zone, from its distance and how sure it is (§4). */

export type ZoneSide = 'inside' | 'outside' | 'indeterminate';

/** Both in metres, the distance signed; with a radius of 0 the boundary itself is inside. */
export function sideOf(distanceM: number, radiusM: number): ZoneSide {
  if (distanceM <= -radiusM) return 'inside';
  return distanceM >= radiusM ? 'outside' : 'indeterminate';
}
