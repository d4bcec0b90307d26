/** A smaller input that still shows the same fault: parts cut out, halves first, for as long as that helps. */
const TRIES_MAX = 1_500;

export async function shrink(input: Buffer, shows: (input: Buffer) => Promise<boolean>): Promise<Buffer> {
  let best = Buffer.from(input);
  let tries = 0;
  for (let size = Math.ceil(best.length / 2); size >= 1 && tries < TRIES_MAX; ) {
    let smaller = false;
    for (let at = 0; at < best.length && tries < TRIES_MAX; ) {
      const candidate = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      tries += 1;
      if (await shows(candidate)) {
        best = candidate;
        smaller = true;
      } else at += size;
    }
    if (!smaller || size > best.length) size = size === 1 ? 0 : Math.ceil(Math.min(size, best.length) / 2);
  }
  return best;
}
