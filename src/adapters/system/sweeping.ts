/** Looks at intervals for what is overdue, and accuses nobody of a time in which this process itself stood still. */

const STOOD_STILL_INTERVALS = 4;

/**
 * `look` gets the monotonic ms. After a stop (SIGSTOP, a long turn, a machine that slept) what had come meanwhile is
 * still unread when the timers fire: that one look is left out, and by the next everything has been read.
 */
export function sweeping(everyMs: number, look: (nowMs: number) => void): NodeJS.Timeout {
  let lastMs = performance.now();
  let leftOut = false;
  return setInterval(() => {
    const nowMs = performance.now();
    const stoodStill = nowMs - lastMs > STOOD_STILL_INTERVALS * everyMs;
    lastMs = nowMs;
    leftOut = stoodStill && !leftOut;
    if (!leftOut) look(nowMs);
  }, everyMs).unref();
}
