/**
 * What waits to be let in: a lane for each device, in which nothing overtakes, and lanes taken in turn. Lanes whose oldest
 * upload is live go before those whose oldest is backlog; of the live ones a lane of which nothing was let in lately has its
 * first upload let in before the others, so that who says little waits for nobody who says too much (as the new flows of RFC
 * 8290, §4.2; "lately", for else who always sends one at a time would be new for ever, and starve who has two).
 */

import { LIMITS } from '../domain/limits.js';

export interface Waiting {
  readonly lane: string;
  readonly live: boolean;
  /** Records, or what counts as many. */
  readonly weight: number;
}

export type LaneClass = 'live' | 'backlog';

type Ring = 'fresh' | LaneClass;

/** Then the others have a turn: who says little may be many. */
const FRESH_RUN_MAX = 8;
/** Weight that is let in, once or twice, before a lane that had a part in it is fresh again: what may be ahead of the engine. */
const LATELY = LIMITS.engineLagRecordsMax;

interface Lane<T> {
  readonly name: string;
  readonly items: Fifo<T>;
  /** What it may still be let in with in this turn. */
  credit: number;
}

export class FairLanes<T extends Waiting> {
  readonly #turn: number;
  readonly #lanes = new Map<string, Lane<T>>();
  /** Each lane stands in one: that of its oldest upload. */
  readonly #rings: Readonly<Record<Ring, Fifo<Lane<T>>>> = { fresh: new Fifo(), live: new Fifo(), backlog: new Fifo() };
  /** First uploads that were let in one after the other while others of the live waited. */
  #freshRun = 0;
  readonly #waiting: Record<LaneClass, number> = { live: 0, backlog: 0 };
  /** Lanes of which something was let in since so much weight, and before that. */
  #lately = new Set<string>();
  #before = new Set<string>();
  #latelyWeight = 0;

  /** `turn`: weight that one lane is let in with before the next has its turn; an item that weighs more has one alone. */
  constructor(turn: number) {
    this.#turn = turn;
  }

  /** How many wait. */
  waiting(of: LaneClass): number {
    return this.#waiting[of];
  }

  has(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  /** It was let in. */
  note({ lane, weight }: T): void {
    this.#lately.add(lane);
    this.#latelyWeight += weight;
    if (this.#latelyWeight < LATELY) return;
    this.#before = this.#lately;
    this.#lately = new Set();
    this.#latelyWeight = 0;
  }

  /** The first of a lane's that is meant; null: none is. */
  find(lane: string, isMeant: (item: T) => boolean): T | null {
    return this.#lanes.get(lane)?.items.find(isMeant) ?? null;
  }

  /**
   * Behind all that its lane holds. What `gives` says of the oldest there is taken out and given back first: a device that
   * sends again keeps its turn.
   */
  put(item: T, gives: (item: T) => boolean = () => false): T[] {
    const lane = this.#lanes.get(item.lane);
    const before = lane?.items.head;
    this.#waiting[classOf(item)] += 1;
    if (lane === undefined || before === undefined) {
      this.#open([item], item.live && this.#isFresh(item.lane) ? 'fresh' : classOf(item));
      return [];
    }
    const given: T[] = [];
    for (let head: T | undefined = before; head !== undefined && gives(head); head = lane.items.head) {
      given.push(head);
      lane.items.shift();
      this.#waiting[classOf(head)] -= 1;
    }
    lane.items.push(item);
    const head = lane.items.head ?? item;
    if (classOf(head) !== classOf(before)) this.#open(lane.items.takeAll(), classOf(head));
    return given;
  }

  /** The next of a class; null: none of its lanes has one. */
  peek(of: LaneClass): T | null {
    return this.#ahead(this.#ringOf(of))?.items.head ?? null;
  }

  /** Takes what `peek` shows. */
  take(of: LaneClass): T | null {
    const ring = this.#ringOf(of);
    const lane = this.#ahead(ring);
    const item = lane?.items.shift();
    if (lane === null || item === undefined) return null;
    this.#waiting[of] -= 1;
    lane.credit -= item.weight;
    this.#freshRun = ring === 'fresh' ? this.#freshRun + 1 : 0;
    this.#placeAnew(ring, lane);
    return item;
  }

  /** What is live and waits for nothing but its turn: in its lane only what is live lies before it. */
  liveInFront(): T[] {
    return [...this.#rings.fresh.all(), ...this.#rings.live.all()].flatMap(({ items }) => {
      const all = items.all();
      const end = all.findIndex(({ live }) => !live);
      return end < 0 ? all : all.slice(0, end);
    });
  }

  /** Everything, lane by lane. */
  takeAll(): T[] {
    const all = [...this.#lanes.values()].flatMap(({ items }) => items.takeAll());
    this.#lanes.clear();
    for (const ring of Object.values(this.#rings)) ring.takeAll();
    this.#waiting.live = 0;
    this.#waiting.backlog = 0;
    return all;
  }

  #isFresh(lane: string): boolean {
    return !this.#lately.has(lane) && !this.#before.has(lane);
  }

  #ringOf(of: LaneClass): Ring {
    if (of === 'backlog' || this.#ahead('fresh') === null) return of;
    return this.#freshRun < FRESH_RUN_MAX || this.#ahead('live') === null ? 'fresh' : 'live';
  }

  /** The lane whose turn it is: the first that still has credit for its oldest; the others' turns are over. */
  #ahead(of: Ring): Lane<T> | null {
    const ring = this.#rings[of];
    for (let lane = ring.head; lane !== undefined; lane = ring.head) {
      const { head } = lane.items;
      if (head !== undefined && lane.credit >= Math.min(head.weight, this.#turn)) return lane;
      ring.shift();
      // an empty one was opened anew elsewhere
      if (head === undefined) continue;
      lane.credit = this.#turn;
      ring.push(lane);
    }
    return null;
  }

  /** Its oldest is another now: of another ring, perhaps, or none. */
  #placeAnew(ring: Ring, lane: Lane<T>): void {
    const { head } = lane.items;
    if (head !== undefined && classOf(head) === ring) return;
    this.#rings[ring].shift();
    if (head === undefined) this.#lanes.delete(lane.name);
    else this.#open(lane.items.takeAll(), classOf(head));
  }

  /** At the end of a ring. */
  #open(items: readonly T[], ring: Ring): void {
    const [oldest] = items;
    if (oldest === undefined) throw new Error('a lane of nothing');
    const lane: Lane<T> = { name: oldest.lane, items: new Fifo(items), credit: this.#turn };
    this.#lanes.set(lane.name, lane);
    this.#rings[ring].push(lane);
  }
}

const classOf = ({ live }: Waiting): LaneClass => (live ? 'live' : 'backlog');

/** First in, first out; an array's own `shift` moves all that is behind. */
class Fifo<T> {
  /** Undefined: it was taken, and is held here no more. */
  #items: (T | undefined)[];
  #first = 0;

  constructor(items: readonly T[] = []) {
    this.#items = [...items];
  }

  get head(): T | undefined {
    return this.#items[this.#first];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#items[this.#first] = undefined;
    this.#first += 1;
    if (this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  find(isMeant: (item: T) => boolean): T | null {
    for (let at = this.#first; at < this.#items.length; at += 1) {
      const item = this.#items[at];
      if (item !== undefined && isMeant(item)) return item;
    }
    return null;
  }

  all(): T[] {
    return this.#items.filter((item) => item !== undefined);
  }

  takeAll(): T[] {
    const all = this.all();
    this.#items = [];
    this.#first = 0;
    return all;
  }
}
