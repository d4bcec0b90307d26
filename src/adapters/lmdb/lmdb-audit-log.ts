/** The audit log in LMDB: entries, tree and signed head of many calls in one durable transaction. */
import type { KeyObject } from 'node:crypto';
import { decodeAuditEntry, decodePersonFields, encodeAuditEntry, encodePersonFields } from '../../codec/audit-entry.js';
import { consistencyPath, inclusionPath, leafHash, MerkleFrontier, nodePlace } from '../../crypto/merkle.js';
import { HeadSigner, headOf } from '../../crypto/signed-head.js';
import type { AuditEvent } from '../../domain/audit.js';
import type { OrderId } from '../../domain/ids.js';
import { LIMITS } from '../../domain/limits.js';
import {
  AuditBroken,
  type AuditLog,
  AuditUnavailable,
  type PlacedEvent,
  type SignedHead,
} from '../../ports/audit-log.js';
import type { Clock } from '../../ports/clock.js';
import type { ReviewKeys } from '../../ports/order-keys.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { Environment } from './environment.js';
import { EpochFence } from './epoch.js';
import { type AuditDbs, newestHead, openAuditDbs } from './lmdb-audit-log-dbs.js';

/** What of the review service's keys the log needs. */
export type AuditKeys = Pick<ReviewKeys, 'nameOf' | 'auditSealsNamed' | 'office'>;

export interface AuditLogOptions {
  /** A folder of its own: the API's process alone writes here. */
  readonly folder: string;
  readonly keys: AuditKeys;
  /** P-256, private: the vault's `audit-signing`. */
  readonly signingKey: KeyObject;
  /** When heads are signed. */
  readonly clock: Clock;
  /** Told how large the log is. */
  readonly telemetry?: Pick<Telemetry, 'gauge'>;
}

interface Waiting {
  readonly event: AuditEvent;
  readonly resolve: (index: number) => void;
  readonly reject: (error: Error) => void;
}

interface Row {
  readonly index: number;
  /** The order's pseudonym. */
  readonly order: string | null;
  readonly bytes: Buffer;
}

const STORE = 'audit';

export class LmdbAuditLog implements AuditLog {
  readonly #dbs: AuditDbs;
  readonly #signer: HeadSigner;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | null = null;
  #size: number;
  /** Null after a failed commit: what the store holds then is read again before anything is added. */
  #frontier: MerkleFrontier | null = null;

  private constructor(
    private readonly env: Environment,
    private readonly keys: AuditKeys,
    signingKey: KeyObject,
    private readonly clock: Clock,
    private readonly telemetry: Pick<Telemetry, 'gauge'> | null,
  ) {
    env.enter();
    this.#signer = new HeadSigner(signingKey);
    this.#dbs = openAuditDbs(env);
    this.#frontier = this.#loadFrontier();
    this.#size = this.#frontier.size;
    this.#tellSize();
  }

  /** Throws `AuditBroken` when the newest head does not sign what is stored: `fairwatch audit verify` says more. */
  static open({ folder, keys, signingKey, clock, telemetry }: AuditLogOptions): LmdbAuditLog {
    return new LmdbAuditLog(Environment.open(folder), keys, signingKey, clock, telemetry ?? null);
  }

  get size(): number {
    return this.#size;
  }

  get verificationKey(): Readonly<Record<string, unknown>> {
    return this.#signer.verificationKey.jwk as Readonly<Record<string, unknown>>;
  }

  append(event: AuditEvent): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= LIMITS.auditWaitingMax) {
        reject(new AuditUnavailable('the audit log takes no more at once'));
        return;
      }
      this.#waiting.push({ event, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  read(from: number, max: number): PlacedEvent[] {
    return [...this.#dbs.entries.getRange({ start: from, limit: max })].map(({ key, value }) =>
      this.#opened(key, value),
    );
  }

  ofOrder(orderId: OrderId, from: number, max: number): PlacedEvent[] {
    const name = this.keys.nameOf(orderId);
    const end: [string, number] = [name, Number.POSITIVE_INFINITY];
    const indexes = [...this.#dbs.byOrder.getKeys({ start: [name, from], end, limit: max })];
    return indexes.map(([, index]) => this.#opened(index, this.#entryAt(index)));
  }

  stored(index: number): Uint8Array | null {
    return this.#dbs.entries.get(index) ?? null;
  }

  head(size?: number): SignedHead | null {
    if (size === undefined) return this.heads(1)[0] ?? null;
    const jws = this.#dbs.heads.get(size)?.toString('latin1');
    return jws === undefined ? null : { ...headOf(jws), jws };
  }

  heads(max: number): SignedHead[] {
    return [...this.#dbs.heads.getRange({ reverse: true, limit: max })].map(({ value }) => {
      const jws = value.toString('latin1');
      return { ...headOf(jws), jws };
    });
  }

  inclusion(index: number, size: number): { readonly leaf: string; readonly path: readonly string[] } | null {
    if (!isCount(index) || !isCount(size) || index >= size || size > this.#size) return null;
    return { leaf: this.#node(0, index).toString('hex'), path: inclusionPath(index, size, this.#node).map(hex) };
  }

  consistency(first: number, second: number): readonly string[] | null {
    if (!isCount(first) || !isCount(second) || first < 1 || first > second || second > this.#size) return null;
    return consistencyPath(first, second, this.#node).map(hex);
  }

  /**
   * What this process logs is refused (`AuditUnavailable`), and with it what it was for, from when a later review service has
   * claimed.
   */
  claim(epoch: number): Promise<void> {
    return new EpochFence(this.env, 'audit-meta', 'epoch', `the audit log in ${this.env.folder}`).claim(epoch);
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.env.leave();
  }

  /** What comes while one commit is under way shares the next. */
  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // what else is asked for in this turn of the event loop belongs to the same commit
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting.splice(0, LIMITS.auditBatchMax);
      try {
        const settled = await this.env.transaction(() => this.#write(batch));
        this.env.refresh();
        this.#size = this.#frontier?.size ?? this.#size;
        this.#tellSize();
        for (const settle of settled) settle();
      } catch (cause) {
        this.#frontier = null;
        for (const { reject } of batch) reject(new AuditUnavailable('the audit log cannot be written', { cause }));
      }
    }
    this.#committing = null;
  }

  /** Within a transaction; gives what is to be told to the callers once it is durable. */
  #write(batch: readonly Waiting[]): (() => void)[] {
    const settled: (() => void)[] = [];
    let frontier = this.#frontier;
    // also when another process has added something, which would otherwise be forked over
    if (frontier === null || frontier.size !== (newestHead(this.#dbs)?.size ?? 0)) frontier = this.#loadFrontier();
    const before = frontier.size;
    this.#frontier = null;
    for (const { event, resolve, reject } of batch) {
      const index = frontier.size;
      let row: Row;
      try {
        row = this.#rowOf(index, event);
      } catch (cause) {
        // an event that cannot be written down fails alone
        settled.push(() => reject(new AuditUnavailable('the event cannot be logged', { cause })));
        continue;
      }
      this.#put(row, frontier);
      settled.push(() => resolve(index));
    }
    if (frontier.size > before) {
      const head = { size: frontier.size, root: hex(frontier.root()), atMs: this.clock.nowMs() };
      this.#dbs.heads.put(head.size, Buffer.from(this.#signer.sign(head), 'latin1'));
    }
    this.#frontier = frontier;
    return settled;
  }

  #tellSize(): void {
    this.telemetry?.gauge('fairwatch_audit_entries', this.#size);
  }

  #rowOf(index: number, event: AuditEvent): Row {
    const order = event.orderId === null ? null : this.keys.nameOf(event.orderId);
    const own = order === null ? null : this.keys.auditSealsNamed(order);
    const kept = order === null || own !== null ? event : unnamed(event, order, this.keys);
    const sealed = (own ?? this.keys.office).seal(STORE, String(index), encodePersonFields(kept));
    const bytes = encodeAuditEntry({ index, event, order, under: own === null ? 'office' : 'order', sealed });
    if (bytes.length > LIMITS.auditEntryBytesMax) throw new RangeError(`an entry of ${bytes.length} bytes`);
    return { index, order, bytes };
  }

  #put({ index, order, bytes }: Row, frontier: MerkleFrontier): void {
    this.#dbs.entries.put(index, bytes);
    if (order !== null) this.#dbs.byOrder.put([order, index], Buffer.alloc(0));
    frontier.push(leafHash(bytes)).forEach((node, level) => {
      this.#dbs.nodes.put(nodePlace(level, Math.floor(index / 2 ** level)), node);
    });
  }

  #loadFrontier(): MerkleFrontier {
    const head = newestHead(this.#dbs);
    const frontier = MerkleFrontier.of(head?.size ?? 0, this.#node);
    const extra = this.#dbs.entries.get(frontier.size) !== undefined;
    if (extra || (head !== null && headOf(head.jws).root !== hex(frontier.root()))) {
      throw new AuditBroken(
        `the newest head of the audit log in ${this.env.folder} does not sign what is stored: run fairwatch audit verify`,
      );
    }
    return frontier;
  }

  readonly #node = (level: number, n: number): Buffer => {
    const node = this.#dbs.nodes.get(nodePlace(level, n));
    if (node === undefined) {
      throw new AuditBroken(
        `the audit log in ${this.env.folder} misses a node of its tree: run fairwatch audit verify`,
      );
    }
    return node;
  };

  #entryAt(index: number): Buffer {
    const bytes = this.#dbs.entries.get(index);
    if (bytes === undefined) throw new AuditBroken(`the audit log in ${this.env.folder} misses entry ${index}`);
    return bytes;
  }

  #opened(index: number, bytes: Buffer): PlacedEvent {
    const entry = decodeAuditEntry(bytes);
    if (!entry.ok) throw new AuditBroken(`entry ${index} of the audit log cannot be read: ${entry.fault}`);
    const { event, order, under, sealed } = entry.value;
    const seals = under === 'office' ? this.keys.office : this.keys.auditSealsNamed(order ?? '');
    if (seals === null) return { index, event: { ...event, orderId: null, subjectId: null, detail: {} }, erased: true };
    return {
      index,
      event: { ...event, ...decodePersonFields(seals.open(STORE, String(index), sealed)) },
      erased: false,
    };
  }
}

/**
 * Of an order without keys (its first import, or one that was erased): under the office's key its ids, and its person's,
 * would outlast every erasure. Pseudonyms stand in their place, by which the entry is still found.
 */
function unnamed(event: AuditEvent, order: string, { office }: AuditKeys): AuditEvent {
  const { orderId, subjectId } = event;
  const told = (value: AuditEvent['detail'][string]) => {
    if (value === orderId) return order;
    return value !== null && value === subjectId ? office.pseudonym(value) : value;
  };
  const detail = Object.fromEntries(Object.entries(event.detail).map(([name, value]) => [name, told(value)]));
  return { ...event, orderId: null, subjectId: null, detail };
}

const hex = (bytes: Buffer): string => bytes.toString('hex');
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
