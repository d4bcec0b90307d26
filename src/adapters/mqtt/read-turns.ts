/** Resolves when each socket that is read has had two turns: one for what had come, one for the end behind it. */
export const readTurns = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
