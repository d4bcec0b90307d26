/** The contract allows distances to be off by 0.5 %: what hangs on less than that cannot be held against anybody. */

export class Undecidable extends Error {}

const SHARE = 0.005;
const METRES = 1;

/** Throws unless `measured` (of a distance of about `size` metres) is surely on one side of `bound`. */
export function mustDiffer(measured: number, bound: number, size: number): void {
  if (Math.abs(measured - bound) <= METRES + SHARE * Math.abs(size))
    throw new Undecidable(`${measured} m against ${bound} m`);
}
