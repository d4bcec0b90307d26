/** Publishes alert versions to the agencies' MQTT topics, out of the ledger and only out of it. */
import { encodeAlertCursor } from '../codec/alert-cursor.js';
import { bareEvent, cloudEvent, sealedEvent } from '../codec/alert-json.js';
import type { AgencyId, OrderId } from '../domain/ids.js';
import type { Bookmark } from '../ports/bookmark.js';
import type { LedgerReader, PlacedVersion } from '../ports/ledger.js';
import type { MqttEndpoint } from '../ports/mqtt-endpoint.js';
import { errnoOf } from '../ports/store-failed.js';

export interface AlertTopicsOptions {
  readonly ledger: LedgerReader;
  readonly endpoint: Pick<MqttEndpoint, 'publish'>;
  readonly bookmark: Bookmark;
  /** Sees every alert, those of devices without an order too. */
  readonly monitoringAgency: AgencyId;
  /** A topic is read by whoever has the agency's token: of a restricted order it says that there is something, no more. */
  readonly restricted: (orderId: OrderId | null) => boolean;
  /** Of whom a key is registered gets what concerns it sealed to that. */
  readonly keys: ReadonlyMap<AgencyId, { seal(content: unknown): Promise<string> }>;
  /** Others carry what is published: without a key they see that there is something, no more. */
  readonly throughBroker: boolean;
  readonly source: string;
  readonly onError: (error: unknown) => void;
}

const pageVersions = 256;
/** Published and not answered for: a broker's answer may take seconds where it brings a storm of uploads. */
const pagesUnderWay = 8;

export class AlertTopics {
  readonly #o: AlertTopicsOptions;
  #place = 0;
  #stopListening: (() => void) | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(options: AlertTopicsOptions) {
    this.#o = options;
  }

  /**
   * Goes on after the bookmark. A crash between publishing and its bookmark publishes again: at least once, in the
   * ledger's order. What a subscriber missed while it was away it fetches by the cursor of its last event.
   */
  async start(): Promise<void> {
    this.#place = Math.min(await this.#o.bookmark.read(), this.#o.ledger.head());
    this.#stopListening = this.#o.ledger.onCommit(() => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    await this.#running;
  }

  #wake(): void {
    this.#again = true;
    if (this.#running !== null || this.#stopped) return;
    this.#running = this.#publishAll()
      .catch(this.#o.onError)
      .finally(() => {
        this.#running = null;
        if (this.#again) this.#wake();
      });
  }

  async #publishAll(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const underWay: { readonly upTo: number; readonly published: Promise<boolean[]> }[] = [];
      for (let place = this.#place; ; ) {
        const page = underWay.length < pagesUnderWay ? this.#o.ledger.versionsAfter(place, pageVersions) : [];
        const last = page.at(-1);
        if (last !== undefined && !this.#stopped) {
          const letters = (await Promise.all(page.map((placed) => this.#lettersOf(placed)))).flat();
          // all at once, in order: a broker answers for each, and a round trip an alert would be minutes at a curfew's edge
          const published = Promise.all(
            letters.map(({ agency, payload }) => this.#o.endpoint.publish(`em/v1/alerts/${agency}`, payload, 1)),
          );
          // told when its turn comes, and not as something that nobody foresaw
          published.catch(() => undefined);
          underWay.push({ upTo: last.place, published });
          place = last.place;
          await nextTurn();
          continue;
        }
        const oldest = underWay.shift();
        if (oldest === undefined) break;
        // closed meanwhile: what nobody has taken is published at the next start
        if (!(await oldest.published).every(Boolean)) return;
        this.#place = oldest.upTo;
        await this.#mark();
      }
    }
  }

  /** A disk that takes no bookmark holds back nobody's alert: after a crash they are published again. */
  async #mark(): Promise<void> {
    try {
      await this.#o.bookmark.write(this.#place);
    } catch (error) {
      if (errnoOf(error) === null) throw error;
    }
  }

  async #lettersOf(placed: PlacedVersion): Promise<{ readonly agency: AgencyId; readonly payload: Buffer }[]> {
    const cursor = encodeAlertCursor(this.#o.ledger.ledgerId, placed.place);
    const whole = cloudEvent({ version: placed.version, cursor, source: this.#o.source });
    const restricted = this.#o.restricted(placed.version.orderId);
    const agencies = new Set([placed.version.agency ?? this.#o.monitoringAgency, this.#o.monitoringAgency]);
    // most are told the same
    let plain: Buffer | null = null;
    const payloadFor = async (agency: AgencyId): Promise<Buffer> => {
      const key = this.#o.keys.get(agency);
      if (restricted) return payloadOf(bareEvent(whole));
      if (key !== undefined) return payloadOf(sealedEvent(whole, await key.seal(whole.data)));
      if (this.#o.throughBroker) return payloadOf(bareEvent(whole));
      plain ??= payloadOf(whole);
      return plain;
    };
    return Promise.all([...agencies].map(async (agency) => ({ agency, payload: await payloadFor(agency) })));
  }
}

/** The global one: a simulator that has it in hand decides what runs when. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const payloadOf = (event: object): Buffer => Buffer.from(JSON.stringify(event));
