/**
 * Tells who reads the machine's clock or its chance while a run is played: the rules and the engine may not (§9.4). Of
 * temporal-polyfill, which bounds a search by today's date, `rules/civil-time` believes nothing that depends on it.
 */

const FORBIDDEN = /\/src\/(rules|engine|intake|domain|codec)\//;

/** Runs `work`; `read` is told of every place in those rooms that asks for the time or for chance. */
export async function guardingClock<T>(read: (place: string) => void, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  const { random } = Math;
  const watch =
    (name: string, real: () => number): (() => number) =>
    () => {
      const stack = new Error(name).stack ?? '';
      // the message, this function, and then who called it
      const place = stack.split('\n')[2] ?? '';
      if (FORBIDDEN.test(place)) read(`${name} ${place.trim()}`);
      return real();
    };
  Date.now = watch('Date.now', now);
  Math.random = watch('Math.random', random);
  try {
    return await work();
  } finally {
    Date.now = now;
    Math.random = random;
  }
}
