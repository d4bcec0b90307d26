/** Live alert streams: each follows the ledger from its own place, at the pace of its client, and may be cut off. */

import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeAlertCursor } from '../codec/alert-cursor.js';
import { gatewayEvent } from '../codec/gateway-event.js';
import type { Stall } from '../domain/health.js';
import type { LedgerPlace } from '../ports/ledger.js';
import type { Telemetry } from '../ports/telemetry.js';
import { AlertPage, type PageSource } from './alert-pages.js';
import type { AlertView } from './alert-view.js';
import type { ApiLimits } from './deps.js';

/** Why a stream ended; the client comes back with its last id and misses nothing. */
type End = 'client' | 'stalled' | 'backlog' | 'expired' | 'revoked' | 'superseded' | 'failed' | 'unlogged' | 'shutdown';

/** Different pages that one round reads: a thousand streams that come back at once do not hold up the rest. */
const pagesPerRound = 8;
const timeoutMsMax = 2 ** 31 - 1;

interface Stream {
  readonly out: ServerResponse;
  readonly view: AlertView;
  place: LedgerPlace;
  /**
   * The place of the last `id:` sent by itself; null when an event's came after it. A view that matches little must
   * not start over from its last match.
   */
  toldPlace: LedgerPlace | null;
  /** Since when the client has left something untaken; null: it takes all. Monotonic ms. */
  blockedSinceMs: number | null;
  readonly openedMs: number;
  /** How long it had been open when that was logged last. */
  loggedMs: number;
  /** When its token was looked at last. */
  checkedMs: number;
  readonly asked: AskedStream;
  readonly expiry: NodeJS.Timeout;
}

/** What a client has asked for, and what is to be known of it while it is served. */
export interface AskedStream {
  readonly view: AlertView;
  /** It is sent what follows. */
  readonly place: LedgerPlace;
  /** Its token ends then, from now. */
  readonly validMs: number;
  /** Told each hour that it is still open; where that cannot be logged, nothing more is shown. */
  readonly log: (openMs: number) => Promise<void>;
  /** Whether the token that it was opened with would still open it: a key that was withdrawn takes its streams along. */
  readonly stillMay: () => Promise<boolean>;
}

export class AlertStreams {
  readonly #streams = new Set<Stream>();
  readonly #from: PageSource;
  readonly #limits: ApiLimits;
  readonly #telemetry: Telemetry;
  readonly #stopListening: () => void;
  /** The standstill that streams were told of last; null: none, or it is over. */
  #told: Stall | null;
  readonly #heartbeat: NodeJS.Timeout;
  #running = false;
  #again = false;

  constructor(from: PageSource, limits: ApiLimits, telemetry: Telemetry) {
    this.#from = from;
    this.#limits = limits;
    this.#telemetry = telemetry;
    const stops = [from.ledger.onCommit(() => void this.#pump()), from.stalls?.onChange((stall) => this.#tell(stall))];
    this.#stopListening = () => stops.forEach((stop) => void stop?.());
    this.#told = from.stalls?.stall ?? null;
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Why one more of this agency is refused; null: it is not. No agency takes all, for the others would see nothing. */
  fullFor(agency: string): 'all' | 'agency' | null {
    if (this.#streams.size >= this.#limits.streamsMax) return 'all';
    return this.#of((one) => one.agency === agency).length >= this.#limits.streamsPerAgencyMax ? 'agency' : null;
  }

  /**
   * Takes over a response and sends what follows the place asked for; ends it when its token expires. Of one user's
   * streams the newest stay: those of a client that is gone without a word must not lock out the one that came back.
   */
  open(out: ServerResponse, asked: AskedStream): void {
    const { view, place, validMs } = asked;
    const { user, agency } = view.access;
    const own = this.#of((one) => one.user === user && one.agency === agency);
    const many = own.length + 1 - this.#limits.streamsPerUserMax;
    own.sort((a, b) => a.openedMs - b.openedMs);
    for (const oldest of own.slice(0, Math.max(0, many))) this.#end(oldest, 'superseded');
    out.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // a proxy that buffers would hold alerts back
      'x-accel-buffering': 'no',
    });
    const expiry = setTimeout(() => this.#end(stream, 'expired'), Math.min(Math.max(validMs, 0), timeoutMsMax));
    expiry.unref();
    const openedMs = performance.now();
    const stream: Stream = {
      out,
      view,
      place,
      toldPlace: place,
      blockedSinceMs: null,
      openedMs,
      loggedMs: 0,
      checkedMs: openedMs,
      asked,
      expiry,
    };
    this.#streams.add(stream);
    this.#telemetry.gauge('fairwatch_alert_streams', this.#streams.size);
    out.on('close', () => this.#end(stream, 'client'));
    out.on('error', () => this.#end(stream, 'client'));
    out.on('drain', () => {
      stream.blockedSinceMs = null;
      void this.#pump();
    });
    // the id goes first: a client that is cut off before its first alert knows where it stood
    this.#write(stream, `: open\nretry: 2000\nid: ${this.#cursor(place)}\n\n`);
    if (this.#told !== null) this.#write(stream, stallText(this.#told, this.#told, this.#from.source));
    void this.#pump();
  }

  close(): void {
    this.#stopListening();
    clearInterval(this.#heartbeat);
    for (const stream of [...this.#streams]) this.#end(stream, 'shutdown');
  }

  /** Between alerts, and without an id: whoever comes back resumes where it stood. */
  #tell(stall: Stall | null): void {
    const before = stall ?? this.#told;
    this.#told = stall;
    if (before === null) return;
    const text = stallText(stall, before, this.#from.source);
    for (const stream of [...this.#streams]) this.#write(stream, text);
  }

  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#again) {
        this.#again = false;
        while (this.#round()) await nextTurn();
      }
    } catch (error) {
      // a ledger that cannot be read: better a client that knows it is cut off than one that waits in vain
      this.#telemetry.log('error', 'api.stream_failed', { error: error instanceof Error ? error.name : 'unknown' });
      for (const stream of [...this.#streams]) this.#end(stream, 'failed');
    } finally {
      this.#running = false;
    }
  }

  /** One page to every stream that is behind and takes data; true when one of them has more to come. */
  #round(): boolean {
    const head = this.#from.ledger.head();
    const pages = new Map<LedgerPlace, AlertPage>();
    let behind = false;
    for (const stream of [...this.#streams]) {
      if (stream.blockedSinceMs !== null || stream.place >= head) continue;
      let page = pages.get(stream.place);
      if (page === undefined) {
        if (pages.size === pagesPerRound) {
          behind = true;
          continue;
        }
        page = new AlertPage(this.#from, stream.place);
        pages.set(stream.place, page);
      }
      // whoever was served goes to the back, so that nobody waits for those with a long way to go
      this.#streams.delete(stream);
      this.#streams.add(stream);
      this.#send(stream, page);
      if (stream.place < head && stream.blockedSinceMs === null) behind = true;
    }
    return behind;
  }

  #send(stream: Stream, page: AlertPage): void {
    const bytes = page.bytes(stream.view);
    // nothing was there to read although the head says so: wait for the next wake-up instead of spinning
    if (page.end === stream.place) throw new Error('the ledger gives no version below its head');
    stream.place = page.end;
    if (bytes.length === 0) return;
    stream.toldPlace = null;
    this.#write(stream, bytes);
  }

  #write(stream: Stream, bytes: Buffer | string): void {
    if (stream.out.write(bytes)) return;
    stream.blockedSinceMs ??= performance.now();
    if (stream.out.writableLength > this.#limits.streamBacklogBytesMax) this.#end(stream, 'backlog');
  }

  /** Keeps proxies from closing quiet streams, moves the resume point on, and cuts off who takes nothing. */
  #beat(): void {
    const now = performance.now();
    const telling = new Map<LedgerPlace, string>();
    for (const stream of [...this.#streams]) {
      this.#logOpen(stream, now - stream.openedMs);
      this.#check(stream, now);
      if (stream.blockedSinceMs !== null) {
        if (now - stream.blockedSinceMs >= this.#limits.streamStallMs) this.#end(stream, 'stalled');
      } else if (stream.toldPlace === stream.place) {
        this.#write(stream, ':\n\n');
      } else {
        const text = telling.get(stream.place) ?? `:\nid: ${this.#cursor(stream.place)}\n\n`;
        telling.set(stream.place, text);
        stream.toldPlace = stream.place;
        this.#write(stream, text);
      }
    }
  }

  #logOpen(stream: Stream, openMs: number): void {
    if (openMs - stream.loggedMs < this.#limits.streamLogMs) return;
    stream.loggedMs = openMs;
    stream.asked.log(openMs).catch(() => this.#end(stream, 'unlogged'));
  }

  #check(stream: Stream, now: number): void {
    if (now - stream.checkedMs < this.#limits.streamCheckMs) return;
    stream.checkedMs = now;
    stream.asked.stillMay().then(
      (may) => may || this.#end(stream, 'revoked'),
      () => this.#end(stream, 'revoked'),
    );
  }

  #of(whose: (access: AlertView['access']) => boolean): Stream[] {
    return [...this.#streams].filter(({ view }) => whose(view.access));
  }

  #end(stream: Stream, why: End): void {
    if (!this.#streams.delete(stream)) return;
    clearTimeout(stream.expiry);
    this.#telemetry.gauge('fairwatch_alert_streams', this.#streams.size);
    this.#telemetry.count('fairwatch_alert_streams_ended_total', { why });
    if (why === 'expired' || why === 'shutdown') stream.out.end();
    else stream.out.destroy();
  }

  #cursor(place: LedgerPlace): string {
    return encodeAlertCursor(this.#from.ledger.ledgerId, place);
  }
}

/** An event of a name of its own: who listens for alerts alone is not disturbed. */
const stallText = (stall: Stall | null, before: Stall, source: string): string =>
  `event: gateway\ndata: ${JSON.stringify(gatewayEvent(stall, before, Date.now(), source))}\n\n`;
