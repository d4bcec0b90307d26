/**
 * Ends a session whose client id a newer connection has taken, and says whether the older one was really alive.
 *
 * A device that loses coverage reconnects while its old TCP connection still looks open here; to report two live
 * sessions each time would accuse its wearer at every tunnel. So the older session counts as live only if all of this
 * is so:
 *   1. it sent something during the last `activeMs`, and something since its CONNECT: a device that gave up waiting for a
 *      busy gateway's CONNACK and came again has its two CONNECTs read one after the other (behind a TLS terminator the
 *      proxy answers for the dead device, so TCP alone proves nothing);
 *   2. it had not been ended by its peer: during `probeMs`, in which what it still sends is dropped unread (nothing of
 *      it is acknowledged), no end comes;
 *   3. its peer answers our FIN with its own within `answerMs`: somebody is there.
 * Two devices under one name take each other's session again and again, so one that was missed is seen at the next.
 */
import type { Connection } from './connection.js';

export interface TakeOverTimes {
  readonly activeMs: number;
  readonly probeMs: number;
  readonly answerMs: number;
}

/** Resolves when the older connection is closed: true if it was live. Its packets are dropped from this call on. */
export async function endOlder(older: Connection, times: TakeOverTimes): Promise<boolean> {
  const { socket } = older;
  older.discard();
  try {
    if (!older.spoke || performance.now() - older.heardMs > times.activeMs) return false;
    if ((await endOf(older, times.probeMs)) !== 'silent') return false;
    socket.end();
    return (await endOf(older, times.answerMs)) === 'ended';
  } finally {
    socket.destroy();
  }
}

/** What the peer does within `withinMs`: ends in order, breaks off, or neither. */
function endOf(connection: Connection, withinMs: number): Promise<'ended' | 'broken' | 'silent'> {
  const { socket } = connection;
  if (socket.destroyed || socket.readableEnded) return Promise.resolve('broken');
  return new Promise((resolve) => {
    const settle = (outcome: 'ended' | 'broken' | 'silent'): void => {
      clearTimeout(timer);
      socket.off('end', onEnd).off('close', onClose);
      resolve(outcome);
    };
    const onEnd = (): void => settle('ended');
    const onClose = (): void => settle('broken');
    // a turn that took longer than the wait comes to its timers first: what the peer did meanwhile is read after them
    const timer = setTimeout(() => setImmediate(() => setImmediate(() => settle('silent'))), withinMs);
    timer.unref();
    // before the endpoint's own listener, which destroys the socket at its end
    socket.prependOnceListener('end', onEnd);
    socket.once('close', onClose);
  });
}
