/**
 * The destruction of everything that is held on an order (¶44, ¶50): keys first, then rows, then a signed certificate.
 * Each step is written down before the next, so that one that breaks off is finished at the next start.
 */
import type { OrderId } from '../domain/ids.js';
import { parseOrderId } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { Clock } from '../ports/clock.js';
import type {
  CertificateBody,
  DestroyedCounts,
  DestructionCertificate,
  ErasureBody,
  ErasureDocument,
} from '../ports/duties/erasures.js';
import type { ReviewKeys } from '../ports/order-keys.js';
import { DOCUMENT_KINDS, type Register, type RegisterDocument, VersionTaken } from '../ports/register.js';
import type { CertificateSigner } from './certificate.js';
import { newId } from './documents.js';

/** Every copy of an hour's key is destroyed this long after the hour began; what is written now lies under this hour's. */
export const HOT_KEYS_MS = LIMITS.hotKeyLifeHours * 3_600_000;
/** The longest that a backup of the vault is kept. */
export const VAULT_BACKUP_MS = LIMITS.vaultBackupDays * 86_400_000;

export interface DestructionParts {
  readonly clock: Clock;
  readonly register: Register;
  readonly keys: Pick<ReviewKeys, 'nameOf' | 'destroy' | 'destroyNamed'>;
  /** How much of each there is of an order: versions of its alerts, revisions, segments, … */
  readonly count: (orderId: OrderId) => DestroyedCounts;
  /** The stores that others write: the engine stops stepping the order and removes its rows. False: not yet; ask again. */
  readonly removeRows: (orderId: OrderId) => Promise<boolean>;
  readonly signer: Pick<CertificateSigner, 'sign'>;
}

export interface DestructionOrder {
  readonly orderId: OrderId;
  readonly cause: 'erasure' | 'retention';
  readonly ground: string;
  readonly reason: string;
  readonly by: string;
}

type UnderWay = Extract<ErasureBody, { state: 'under_way' }>;

export class Destruction {
  /** Decided and not done, by order. */
  readonly #underWay = new Map<OrderId, ErasureDocument>();
  /** Orders whose keys went since this was asked last. */
  readonly #gone: OrderId[] = [];

  /** Pseudonyms of all orders that were ever destroyed, or are being. */
  readonly #names: Set<string>;

  constructor(private readonly p: DestructionParts) {
    this.#names = destroyedNames(p.register);
    for (const document of p.register.list('erasure') as Iterable<ErasureDocument>) this.#note(document);
  }

  /** Was the order destroyed, or is it being? Its id names nothing any more, and must never name another order. */
  isDestroyed(orderId: OrderId): boolean {
    return this.#names.has(this.p.keys.nameOf(orderId));
  }

  /** Is it decided that everything of this order goes? */
  begun(orderId: OrderId): boolean {
    return this.#underWay.has(orderId);
  }

  /** Those whose keys were destroyed since this was asked last: whoever keeps a list strikes them off. */
  takeGone(): OrderId[] {
    return this.#gone.splice(0);
  }

  /** The destruction of this order that is under way; null: none. */
  of(orderId: OrderId): ErasureDocument | null {
    return this.#underWay.get(orderId) ?? null;
  }

  /** Decided: from here on it is finished, whatever happens. Durable when it resolves. */
  async begin({ orderId, by, ...why }: DestructionOrder): Promise<ErasureDocument> {
    const { clock, keys, register } = this.p;
    const begunMs = clock.nowMs();
    const documents = countDocuments(register, orderId);
    const body: UnderWay = {
      state: 'under_way',
      ...why,
      orderId,
      orderName: keys.nameOf(orderId),
      counts: { ...this.p.count(orderId), register_documents: documents },
      begunMs,
      keysDestroyedMs: null,
      rowsRemovedMs: null,
    };
    const office = { orderId: null, subjectId: null, agency: null };
    const document = { kind: 'erasure', id: newId('E'), version: 1, ...office, atMs: begunMs, by, body } as const;
    await register.put(document);
    this.#note(document);
    return document;
  }

  /** Takes up where it stands. The keys are gone when it resolves; `under_way` still where rows wait for the engine. */
  async proceed(document: ErasureDocument): Promise<ErasureDocument> {
    let at = document;
    if (at.body.state !== 'under_way') return at;
    const orderId = orderOf(at.body);
    if (at.body.keysDestroyedMs === null) {
      await this.p.keys.destroy(orderId);
      this.#gone.push(orderId);
      at = await this.#next(at, { ...at.body, keysDestroyedMs: this.p.clock.nowMs() });
    }
    if (at.body.state === 'under_way' && at.body.rowsRemovedMs === null) {
      await this.p.register.removeOrder(orderId);
      if (!(await this.p.removeRows(orderId))) return at;
      at = await this.#next(at, { ...at.body, rowsRemovedMs: this.p.clock.nowMs() });
    }
    return at.body.state === 'under_way' ? this.#certify(at, at.body) : at;
  }

  /** An older copy of the vault, put in place beside newer data, brings back what was destroyed since: it goes again. */
  async again(): Promise<number> {
    let revived = 0;
    for (const name of this.#names) if (await this.p.keys.destroyNamed(name)) revived++;
    return revived;
  }

  /** Orders whose destruction is decided and not done. */
  underWay(): OrderId[] {
    return [...this.#underWay.keys()];
  }

  async #certify(at: ErasureDocument, body: UnderWay): Promise<ErasureDocument> {
    const { keysDestroyedMs, rowsRemovedMs } = body;
    if (keysDestroyedMs === null || rowsRemovedMs === null)
      throw new Error('a destruction is certified before its end');
    const { clock, register, signer } = this.p;
    const certificate: DestructionCertificate = {
      // the same each time: a second certificate of one destruction is refused by the register
      certificateId: at.id.replace(/^E/, 'C'),
      orderName: body.orderName,
      cause: body.cause,
      basis: BASES[body.cause],
      ground: body.ground,
      by: at.by,
      destroyed: body.counts,
      keys: KEYS.map((key) => `${key} of order ${body.orderName}`),
      begunMs: body.begunMs,
      keysDestroyedMs,
      rowsRemovedMs,
      completeMs: rowsRemovedMs + HOT_KEYS_MS + VAULT_BACKUP_MS,
    };
    const doneMs = clock.nowMs();
    const { certificateId: id, completeMs, orderName } = certificate;
    const signed: RegisterDocument<CertificateBody> = {
      ...{ kind: 'certificate', id, version: 1, orderId: null, subjectId: null, agency: null },
      ...{ atMs: doneMs, by: at.by, body: await signer.sign(certificate) },
    };
    await register.put(signed).catch((error: unknown) => {
      if (!(error instanceof VersionTaken)) throw error;
    });
    const { cause, ground } = body;
    const done = { state: 'done', cause, ground, orderName, certificateId: id, doneMs, completeMs } as const;
    const last = await this.#next(at, done);
    // the notes named the order by its id; what stays names it by its pseudonym
    await register.forgetOlder('erasure', at.id);
    this.#underWay.delete(orderOf(body));
    return last;
  }

  async #next(at: ErasureDocument, body: ErasureBody): Promise<ErasureDocument> {
    const next = { ...at, version: at.version + 1, atMs: this.p.clock.nowMs(), body };
    await this.p.register.put(next);
    this.#note(next);
    return next;
  }

  #note(document: ErasureDocument): void {
    if (document.body.state !== 'under_way') return;
    this.#underWay.set(orderOf(document.body), document);
    this.#names.add(document.body.orderName);
  }
}

/** Pseudonyms of the orders whose destruction the register tells of. */
export function destroyedNames(register: Pick<Register, 'list'>): Set<string> {
  const names = new Set<string>();
  for (const { body } of register.list('erasure') as Iterable<ErasureDocument>) {
    if (body.state !== 'refused') names.add(body.orderName);
  }
  return names;
}

const BASES = {
  erasure: 'Code of Practice (October 2020) ¶44–45; Data Protection Act 2018 s.47',
  retention: 'Code of Practice (October 2020) ¶49–50: up to six years after the end of the order',
} as const;

const KEYS = [
  'data key (review vault)',
  'data key (ingest vault)',
  'archive private key (review vault)',
  'archive public key (both vaults)',
  'audit key (review vault)',
] as const;

function orderOf({ orderId }: UnderWay): OrderId {
  const parsed = parseOrderId(orderId);
  if (!parsed.ok) throw new Error('a destruction names no order');
  return parsed.value;
}

function countDocuments(register: Register, orderId: OrderId): number {
  let count = 0;
  for (const kind of DOCUMENT_KINDS) {
    for (const { version } of register.list(kind, { orderId })) count += version;
  }
  return count;
}
