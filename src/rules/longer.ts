/** Columns of numbers that grow: millions of small objects would cost the collector more than they hold. */
export function longer<A extends Float64Array | Uint32Array>(column: A, length: number): A {
  const more = new (column.constructor as new (length: number) => A)(length);
  more.set(column);
  return more;
}
