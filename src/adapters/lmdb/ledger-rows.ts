/** The ledger's databases: which row lies under which key, and how it is sealed. */
import { decodeAlertVersion, encodeAlertVersion } from '../../codec/alert-record.js';
import { decodeOrder, decodeZone, encodeOrder, encodeZone } from '../../codec/order-record.js';
import type { AlertVersion } from '../../domain/alert.js';
import { parseAgencyId } from '../../domain/ids.js';
import type { Order } from '../../domain/order.js';
import type { SharedZone } from '../../domain/zone.js';
import type { AlertFilter, OrderRevision, OrderStanding, PlacedVersion, ZoneChange } from '../../ports/ledger.js';
import type { Seals } from '../../ports/seals.js';
import type { Db, Environment } from './environment.js';
import { openRow, type RowKeys, sealRow } from './owned-rows.js';

export const LEDGER_META = 'ledger';

/** In `meta`: the journal position of the newest revision of any order, noted with each of them. */
export const LAST_ORDER = 'last-order';

export interface LedgerDbs {
  /** `head`, `epoch`, `id`, `last-order`. */
  readonly meta: Db<string>;
  /** Place → sealed version. */
  readonly versions: Db<number>;
  /** (alert's pseudonym, version) → place. */
  readonly byAlert: Db<[string, number]>;
  /** ('*' or order's pseudonym, place) → facets: the newest version of each alert, and no other. */
  readonly newest: Db<[string, number]>;
  /** (order's pseudonym, revision) → position and sealed revision. */
  readonly orders: Db<[string, number]>;
  /** Order's pseudonym → sealed standing of its newest revision; none for what an older build put down. */
  readonly standings: Db<string>;
  /** (zone's pseudonym, position) → sealed zone, or its deletion. */
  readonly zones: Db<[string, number]>;
}

export const EVERY_ORDER = '*';

export function openLedgerDbs(env: Environment): LedgerDbs {
  return {
    meta: env.db(LEDGER_META),
    versions: env.db('versions'),
    byAlert: env.db('versions-by-alert'),
    newest: env.db('alerts'),
    orders: env.db('orders'),
    standings: env.db('order-standings'),
    zones: env.db('zones'),
  };
}

/** Null: its order's keys are destroyed. An alert of a device that speaks for no order is nobody's. */
export const sealVersion = (keys: RowKeys, place: number, version: AlertVersion): Buffer | null =>
  sealRow(keys, version.orderId, 'versions', String(place), encodeAlertVersion(version));

/** Null: its order's keys are destroyed. */
export function openVersion(keys: RowKeys, place: number, row: Buffer): PlacedVersion | null {
  const plain = openRow(keys, 'versions', String(place), row);
  return plain === null ? null : { place, version: decodeAlertVersion(plain) };
}

const NUMBER_BYTES = 8;

/**
 * In clear before the row, and bound to it: the position, so that a reader passes over later rows without opening them.
 * Null: the order's keys are destroyed.
 */
export function sealOrder(keys: RowKeys, name: string, revision: OrderRevision, plain: Uint8Array): Buffer | null {
  const head = Buffer.alloc(NUMBER_BYTES);
  head.writeDoubleBE(revision.position);
  const bound = `${name}.${revision.order.revision}@${revision.position}`;
  const row = sealRow(keys, revision.order.orderId, 'orders', bound, plain);
  return row === null ? null : Buffer.concat([head, row]);
}

/** When it was taken in, from when it holds, and the order's record. */
export function plainOrder({ order, receivedMs, effectiveMs }: OrderRevision): Buffer {
  const record = encodeOrder(order);
  const plain = Buffer.alloc(2 * NUMBER_BYTES + record.length);
  plain.writeDoubleBE(receivedMs, 0);
  plain.writeDoubleBE(effectiveMs, NUMBER_BYTES);
  plain.set(record, 2 * NUMBER_BYTES);
  return plain;
}

export const positionOfOrder = (row: Buffer): number => row.readDoubleBE(0);

/** As `plainOrder` gave it. Null: the order's keys are destroyed. */
export function openPlainOrder(keys: RowKeys, [name, number]: [string, number], row: Buffer): Buffer | null {
  return openRow(keys, 'orders', `${name}.${number}@${positionOfOrder(row)}`, row.subarray(NUMBER_BYTES));
}

/** `row`: the ledger's; `plain`: what was sealed in it, or null. */
export function readOrder(row: Buffer, plain: Buffer | null): OrderRevision | null {
  if (plain === null) return null;
  return {
    position: positionOfOrder(row),
    order: decodeOrder(plain.subarray(2 * NUMBER_BYTES)),
    receivedMs: plain.readDoubleBE(0),
    effectiveMs: plain.readDoubleBE(NUMBER_BYTES),
  };
}

const RESTRICTED = 1;

export const standingOf = ({ revision, restricted, supervisor }: Order): OrderStanding => ({
  revision,
  restricted,
  supervisor,
});

/** Plain: revision, flags (1 byte), the supervising agency. Null: the order's keys are destroyed. */
export function sealStanding(keys: RowKeys, name: string, order: Order): Buffer | null {
  const agency = Buffer.from(order.supervisor, 'utf8');
  const plain = Buffer.alloc(NUMBER_BYTES + 1 + agency.length);
  plain.writeDoubleBE(order.revision);
  plain[NUMBER_BYTES] = order.restricted ? RESTRICTED : 0;
  plain.set(agency, NUMBER_BYTES + 1);
  return sealRow(keys, order.orderId, 'order-standings', name, plain);
}

/** Null: the order's keys are destroyed. */
export function openStanding(keys: RowKeys, name: string, row: Buffer): OrderStanding | null {
  const plain = openRow(keys, 'order-standings', name, row);
  if (plain === null) return null;
  const supervisor = parseAgencyId(plain.toString('utf8', NUMBER_BYTES + 1));
  if (!supervisor.ok) throw new Error(`a standing names no agency: ${supervisor.fault}`);
  return {
    revision: plain.readDoubleBE(0),
    restricted: plain[NUMBER_BYTES] === RESTRICTED,
    supervisor: supervisor.value,
  };
}

/** Plain: when it was taken in, then the zone's record; nothing after the time: deleted. */
export function sealZone(seals: Seals, name: string, change: ZoneChange): Buffer {
  const time = Buffer.alloc(NUMBER_BYTES);
  time.writeDoubleBE(change.receivedMs);
  const plain = change.zone === null ? time : Buffer.concat([time, encodeZone(change.zone)]);
  return seals.seal('zones', `${name}@${change.position}`, plain);
}

export function openZone(
  seals: Seals,
  [name, position]: [string, number],
  row: Buffer,
): { readonly receivedMs: number; readonly zone: SharedZone | null } {
  const plain = seals.open('zones', `${name}@${position}`, row);
  const zone = plain.length === NUMBER_BYTES ? null : decodeZone(plain.subarray(NUMBER_BYTES));
  return { receivedMs: plain.readDoubleBE(0), zone };
}

/** What a list is filtered by, as keyed hashes: a list passes over the alerts of others without opening them. */
export class Facets {
  readonly #known = new Map<string, Buffer>();

  constructor(private readonly seals: Seals) {}

  of(version: AlertVersion): Buffer {
    return Buffer.concat([
      this.#hash('state', version.state),
      this.#hash('type', version.type),
      this.#hash('agency', version.agency ?? ''),
    ]);
  }

  /** A test for rows of `newest`. */
  matcher(filter: AlertFilter): (facets: Buffer) => boolean {
    const wanted = (['state', 'type', 'agency'] as const).map((name) => {
      const value = filter[name];
      return value === undefined ? null : this.#hash(name, value);
    });
    return (facets) =>
      wanted.every((hash, index) => hash === null || hash.equals(facets.subarray(index * 16, index * 16 + 16)));
  }

  /** Remembered: there are four states, some forty types, and the agencies. Bounded, for a filter may name anything. */
  #hash(name: string, value: string): Buffer {
    const text = `${name}=${value}`;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const hash = Buffer.from(this.seals.pseudonym(text), 'hex');
    if (this.#known.size < 4_096) this.#known.set(text, hash);
    return hash;
  }
}
