/** A page of the ledger, read and serialised once for every stream that stands at its beginning. */
import { encodeAlertCursor } from '../codec/alert-cursor.js';
import { cloudEvent } from '../codec/alert-json.js';
import type { AgencyId } from '../domain/ids.js';
import type { StallWatch } from '../ports/health.js';
import type { LedgerPlace, LedgerReader, PlacedVersion } from '../ports/ledger.js';
import type { AlertSight } from './access/restricted.js';
import { type AlertView, matches } from './alert-view.js';

/** About a quarter of a megabyte of events: well under the backlog that a stream may have. */
const pageVersions = 256;

export interface PageSource {
  readonly ledger: LedgerReader;
  readonly source: string;
  readonly monitoringAgency: AgencyId;
  readonly restrictions: AlertSight;
  /** Whether anything can come at all. */
  readonly stalls?: StallWatch | undefined;
}

export class AlertPage {
  /** A stream that has taken this page stands here. */
  readonly end: LedgerPlace;
  readonly #versions: readonly PlacedVersion[];
  /** Then two views that ask for the same differ by who looks. */
  readonly #personal: boolean;
  readonly #from: PageSource;
  /** One text an event, and one buffer a view: a thousand officers with the same view share it. */
  readonly #texts: (string | undefined)[] = [];
  readonly #byView = new Map<string, Buffer>();

  constructor(from: PageSource, after: LedgerPlace) {
    this.#from = from;
    this.#versions = from.ledger.versionsAfter(after, pageVersions);
    this.#personal = this.#versions.some(({ version }) => from.restrictions.restricted(version.orderId) !== null);
    this.end = this.#versions.at(-1)?.place ?? after;
  }

  /** Server-sent events of a view, ready to be written; empty when the page holds none. */
  bytes(view: AlertView): Buffer {
    const { user, role, agency } = view.access;
    const who = this.#personal ? ` ${role} ${agency} ${user}` : '';
    const key = `${view.agency ?? ''} ${view.state ?? ''} ${view.type ?? ''}${who}`;
    const known = this.#byView.get(key);
    if (known !== undefined) return known;
    let text = '';
    this.#versions.forEach((placed, i) => {
      if (matches(view, placed.version, this.#from.monitoringAgency, this.#from.restrictions))
        text += this.#text(placed, i);
    });
    const bytes = Buffer.from(text);
    this.#byView.set(key, bytes);
    return bytes;
  }

  #text({ place, version }: PlacedVersion, i: number): string {
    const known = this.#texts[i];
    if (known !== undefined) return known;
    const cursor = encodeAlertCursor(this.#from.ledger.ledgerId, place);
    const event = cloudEvent({ version, cursor, source: this.#from.source });
    // JSON has no raw line break, so one data line holds it
    const text = `id: ${cursor}\ndata: ${JSON.stringify(event)}\n\n`;
    this.#texts[i] = text;
    return text;
  }
}
