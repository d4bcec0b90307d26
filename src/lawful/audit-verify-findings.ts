/** What a check of the audit log finds, and how it is collected. */
import type { AuditRow } from '../ports/audit-rows.js';

export interface AuditFinding {
  readonly kind:
    | 'store_unreadable'
    | 'entry_missing'
    | 'entry_misplaced'
    | 'entry_unreadable'
    | 'entry_unsigned'
    | 'entry_changed'
    | 'entry_dropped'
    | 'entry_inserted'
    | 'entry_moved'
    | 'row_foreign'
    | 'node_wrong'
    | 'node_missing'
    | 'node_foreign'
    | 'head_missing'
    | 'head_unsigned'
    | 'head_contradicted'
    | 'head_beyond'
    | 'order_index_wrong'
    | 'witness_unsigned'
    | 'witness_leaves_foreign'
    | 'witness_contradicted'
    | 'witness_beyond';
  /** Index of the entry, size of the head, place of the node; null: the whole. */
  readonly at: number | null;
  /** For people; holds nothing of an entry. */
  readonly words: string;
}

const perKindMax = 1_000;

/** Collects findings; of each kind the first thousand are kept, the rest counted. */
export class Findings {
  readonly list: AuditFinding[] = [];
  count = 0;
  readonly #perKind = new Map<string, number>();

  add(kind: AuditFinding['kind'], at: number | null, words: string): void {
    this.count++;
    const before = this.#perKind.get(kind) ?? 0;
    this.#perKind.set(kind, before + 1);
    if (before < perKindMax) this.list.push({ kind, at, words });
  }
}

/** A store whose pages are damaged throws in the middle of reading: that is a finding, and what came before counts. */
export function* guarded(what: string, rows: () => Iterable<AuditRow>, found: Findings): Generator<AuditRow> {
  try {
    yield* rows();
  } catch {
    found.add('store_unreadable', null, `the ${what} cannot be read to their end: the store is damaged`);
  }
}

/** A place in the log: a whole number from 0. */
export const isCount = (key: unknown): key is number =>
  typeof key === 'number' && Number.isSafeInteger(key) && key >= 0;
