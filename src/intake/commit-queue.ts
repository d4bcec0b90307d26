/** Collects what arrives in one turn of the event loop into one journal append; settles everything in that order. */
import type { JournalEntry, PlacedEntry } from '../domain/entry.js';
import type { Journal } from '../ports/journal.js';
import type { Verdict } from '../ports/mqtt-endpoint.js';

/** Made at the moment of the append, so that routing and the journal's order agree. */
export interface Commit {
  /** Empty for a repeat: it waits for what is before it, and adds nothing. */
  readonly entries: readonly JournalEntry[];
  /** Called once it is known whether they, and what they rest on, are durable. */
  readonly settled: (verdict: Verdict) => void;
}

/** What could not even be prepared: it fails alone, and takes nobody's uploads with it. */
const broken: Commit = { entries: [], settled: () => {} };

export interface Item {
  /** Runs later in the turn in which it was given, in the same tick as the append. */
  prepare(): Commit;
  settle(verdict: Verdict): void;
  readonly weight: number;
}

interface Batch {
  readonly items: readonly Item[];
  readonly commits: readonly Commit[];
  readonly entries: readonly JournalEntry[];
  readonly weight: number;
  /** Monotonic ms at which its first item came. */
  readonly sinceMs: number;
  /** Position of the first entry once durable. */
  outcome: { readonly first: number } | 'failed' | null;
  /** An earlier append failed while this one was under way: what is only a repeat may rest on what was lost. */
  repeatsFail: boolean;
}

export interface CommitQueueOptions {
  readonly journal: Pick<Journal, 'append'>;
  /** Takes durable entries, in position order. */
  readonly deliver: (entries: readonly PlacedEntry[]) => void;
  readonly failed: (error: unknown) => void;
  /** An item could not be prepared: a broken invariant, and nobody else's matter. */
  readonly broken: (error: unknown) => void;
  /** How long the first of a batch waited, seconds. */
  readonly acknowledged: (seconds: number) => void;
  /** Items that weigh so much together lie in the journal up to a position; null: nothing of them does. */
  readonly entered?: (weight: number, position: number | null) => void;
}

export class CommitQueue {
  readonly #o: CommitQueueOptions;
  #collecting: Item[] = [];
  #sinceMs = 0;
  #batches: Batch[] = [];
  #whenIdle: (() => void)[] = [];

  constructor(options: CommitQueueOptions) {
    this.#o = options;
  }

  /**
   * `prepare` runs later in this turn, in the same tick as the append. `ack` when its entries, and those of everything
   * added before, are durable and delivered; `fail` when that is not certain.
   */
  add(prepare: () => Commit, weight = 0): Promise<Verdict> {
    return new Promise((settle) => this.enter({ prepare, settle, weight }));
  }

  /** The same with a callback in the place of a promise, which would be one more for each message. */
  enter(item: Item): void {
    if (this.#collecting.push(item) > 1) return;
    this.#sinceMs = performance.now();
    setImmediate(() => this.#flush());
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    if (this.#collecting.length === 0 && this.#batches.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #flush(): void {
    const items = this.#collecting;
    this.#collecting = [];
    const commits: Commit[] = [];
    const entries: JournalEntry[] = [];
    let weight = 0;
    for (const item of items) {
      const commit = this.#prepared(item);
      commits.push(commit);
      for (const entry of commit.entries) entries.push(entry);
      weight += item.weight;
    }
    const batch: Batch = { items, commits, entries, weight, sinceMs: this.#sinceMs, outcome: null, repeatsFail: false };
    this.#batches.push(batch);
    if (entries.length === 0) {
      batch.outcome = { first: 0 };
      this.#settleInOrder();
      return;
    }
    this.#o.journal.append(entries).then(
      (first) => {
        batch.outcome = { first };
        this.#settleInOrder();
      },
      (error: unknown) => {
        batch.outcome = 'failed';
        this.#o.failed(error);
        this.#settleInOrder();
      },
    );
  }

  #prepared(item: Item): Commit {
    try {
      return item.prepare();
    } catch (error) {
      this.#o.broken(error);
      return broken;
    }
  }

  #settleInOrder(): void {
    for (let batch = this.#batches[0]; batch !== undefined && batch.outcome !== null; batch = this.#batches[0]) {
      this.#batches.shift();
      if (batch.outcome === 'failed') this.#undo(batch);
      else this.#conclude(batch, batch.outcome.first);
    }
    if (this.#batches.length === 0 && this.#collecting.length === 0) {
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  #conclude(batch: Batch, first: number): void {
    if (batch.entries.length > 0) this.#o.deliver(batch.entries.map((entry, i) => ({ position: first + i, entry })));
    for (let i = 0; i < batch.items.length; i += 1) {
      const commit = batch.commits[i];
      const isRepeat = commit?.entries.length === 0;
      const verdict = commit === broken || (isRepeat && batch.repeatsFail) ? 'fail' : 'ack';
      commit?.settled(verdict);
      batch.items[i]?.settle(verdict);
    }
    this.#o.entered?.(batch.weight, batch.entries.length > 0 ? first + batch.entries.length - 1 : null);
    this.#o.acknowledged((performance.now() - batch.sinceMs) / 1_000);
  }

  #undo(batch: Batch): void {
    for (const later of this.#batches) later.repeatsFail = true;
    for (const commit of batch.commits) commit.settled('fail');
    for (const item of batch.items) item.settle('fail');
    this.#o.entered?.(batch.weight, null);
  }
}
