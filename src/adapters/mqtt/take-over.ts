/**
 * Ends a session whose client id a newer connection has taken, and says whether there are two devices of that name.
 *
 * To say so accuses a person, and one device alone has two connections here again and again: it comes out of a tunnel
 * while its old connection still looks open; it gives up waiting for a busy gateway and comes anew; and the CONNECT that
 * it gave up can arrive *after* its successor's (TCP sends again, later each time, what a full accept queue or the air
 * has dropped), so that of the two it is the newer one that is dead. So both must be alive.
 *
 * The older one is if all of this is so:
 *   1. it was being read, and sent something during the last `activeMs`, and something since its CONNECT: of what waited
 *      here unread nobody knows when it was sent;
 *   2. no end of it comes during `probeMs`, in which it is read and dropped (nothing is acknowledged). A loop that comes
 *      late to its own timer says nothing: it comes late to everything;
 *   3. its peer answers our FIN with its own within `answerMs`: somebody is there (behind a TLS terminator the proxy
 *      answers for the dead device, so TCP alone proves nothing);
 *   4. not a byte comes meanwhile: an end that was sent long ago can wait behind bytes, and would look like an answer.
 * The newer one is once it has sent something after its CONNECT, at the latest when its keep-alive asks for it, and no end
 * of it comes during `probeMs` after that: what was given up has its end right behind it.
 *
 * Two devices under one name take each other's session again and again, so what is missed here is seen at the next.
 */
import type { Connection } from './connection.js';
import { readTurns } from './read-turns.js';

export interface TakeOverTimes {
  readonly activeMs: number;
  readonly probeMs: number;
  readonly answerMs: number;
}

/** Resolves when it is known: true if there are two devices. The older one's packets are dropped from this call on. */
export async function takeOver(older: Connection, newer: Connection, times: TakeOverTimes): Promise<boolean> {
  return (await endLive(older, times)) && (await speaks(newer, times));
}

/** Ends it: true if it was live. */
async function endLive(older: Connection, times: TakeOverTimes): Promise<boolean> {
  const { socket, heardMs, isRead, spoke } = older;
  older.discard();
  try {
    if (!isRead || !spoke || performance.now() - heardMs > times.activeMs) return false;
    if ((await endOf(older, times.probeMs)) !== 'silent') return false;
    socket.end();
    return (await endOf(older, times.answerMs)) === 'ended' && older.heardMs === heardMs;
  } finally {
    socket.destroy();
  }
}

/** It says something, and stays. */
function speaks(newer: Connection, { probeMs }: TakeOverTimes): Promise<boolean> {
  if (newer.socket.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    newer.socket.once('close', () => resolve(false));
    newer.whenSpoken(() => void endOf(newer, probeMs).then((outcome) => resolve(outcome === 'silent')));
  });
}

type Outcome = 'ended' | 'broken' | 'silent' | 'late';

/** What the peer does within `withinMs`: ends in order, breaks off, or neither; late: this process did not look in time. */
function endOf(connection: Connection, withinMs: number): Promise<Outcome> {
  const { socket } = connection;
  if (socket.destroyed || socket.readableEnded) return Promise.resolve('broken');
  return new Promise((resolve) => {
    const sinceMs = performance.now();
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      socket.off('end', onEnd).off('close', onClose);
      resolve(outcome);
    };
    const onEnd = (): void => settle('ended');
    const onClose = (): void => settle('broken');
    const timer = setTimeout(() => {
      const late = performance.now() - sinceMs > 2 * withinMs;
      // what the peer did meanwhile is read after the timers
      void readTurns().then(() => settle(late ? 'late' : 'silent'));
    }, withinMs);
    timer.unref();
    // before the endpoint's own listener, which destroys the socket at its end
    socket.prependOnceListener('end', onEnd);
    socket.once('close', onClose);
  });
}
