/** A monitoring centre that follows the alert stream: page after page of the ledger, from its cursor, whatever happens. */
import type { Access } from '../../../src/api/access/gate.js';
import { AlertPage } from '../../../src/api/alert-pages.js';
import { decodeAlertCursor, encodeAlertCursor } from '../../../src/codec/alert-cursor.js';
import type { CloudEvent } from '../../../src/codec/alert-json.js';
import type { AgencyId } from '../../../src/domain/ids.js';
import type { LedgerReader } from '../../../src/ports/ledger.js';
import type { Random } from '../../../src/sim/random.js';
import type { HeardEvent } from './history.js';
import type { Scheduler } from './scheduler.js';

const MONITORING = 'monitoring' as AgencyId;
const UNRESTRICTED = { restricted: () => null, mayLookAt: () => true, agencyOf: <A>(_: unknown, agency: A) => agency };
const OFFICER: Access = {
  user: 'simulator',
  role: 'monitoring_officer',
  agency: MONITORING,
  scope: 'all',
  purpose: 'compliance_monitoring',
  development: true,
  expiresMs: Number.MAX_SAFE_INTEGER,
};

export class Subscriber {
  readonly heard: HeardEvent[] = [];
  #cursor: string | null = null;
  #ledger: LedgerReader | null = null;
  #woken = false;
  #cutOff = false;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly random: Random,
  ) {}

  /** Connects to a gateway that has just opened, with the cursor of the last event it read. */
  connect(ledger: LedgerReader): void {
    this.#ledger = ledger;
    ledger.onCommit(() => this.#wake());
    this.#wake();
  }

  disconnect(): void {
    this.#ledger = null;
  }

  /** The next page breaks off in its midst. */
  cutOff(): void {
    this.#cutOff = true;
  }

  /** Everything that the ledger holds has been read. */
  get upToDate(): boolean {
    return this.#ledger !== null && this.#place(this.#ledger) === this.#ledger.head();
  }

  #wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    this.scheduler.after(this.random.whole(0, 100), () => {
      this.#woken = false;
      this.#read();
    });
  }

  #read(): void {
    const ledger = this.#ledger;
    if (ledger === null) return;
    const from = { ledger, source: '/simulator', monitoringAgency: MONITORING, restrictions: UNRESTRICTED };
    const page = new AlertPage(from, this.#place(ledger));
    const events = parse(page.bytes({ access: OFFICER }).toString());
    const taken = this.#cutOff ? events.slice(0, this.random.whole(0, events.length)) : events;
    this.#cutOff = false;
    this.heard.push(...taken);
    this.#cursor = taken.at(-1)?.cursor ?? this.#cursor;
    if (!this.upToDate) this.#wake();
  }

  #place(ledger: LedgerReader): number {
    const place = decodeAlertCursor(ledger.ledgerId, this.#cursor ?? encodeAlertCursor(ledger.ledgerId, 0));
    if (place === null || place > ledger.head()) throw new Error(`the cursor ${this.#cursor} is unknown`);
    return place;
  }
}

/** Server-sent events: `id:` and `data:` of each. */
function parse(text: string): HeardEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [id = '', data = ''] = block.split('\n');
      const event = JSON.parse(data.slice('data: '.length)) as CloudEvent;
      return { id: event.id, cursor: id.slice('id: '.length), subject: event.subject, data: event.data };
    });
}
