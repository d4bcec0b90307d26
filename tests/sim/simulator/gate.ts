/** Between one gateway and its stores: every call that changes something is a place where the gateway can die. */
import type { Disk, OpenFile } from '../../../src/adapters/files/disk.js';
import type { Random } from '../../../src/sim/random.js';
import type { Scheduler } from './scheduler.js';

/** A fault that the simulator put in; what comes of it is no fault of the gateway. */
export class Injected extends Error {
  override readonly name = 'Injected';
  constructor(
    what: string,
    readonly code: string,
  ) {
    super(`${code}: ${what} (injected)`);
  }
}

/** Strikes at the `calls`-th call from now: before it takes effect, or after it and before it is answered. */
export interface Strike {
  calls: number;
  readonly when: 'before' | 'after';
  readonly strike: (call: string) => void;
}

export class Gate {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #over = false;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #strikes: Strike[] = [];
  calls = 0;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  /** The process is dead: nothing that it does from now on has any effect, nor is it ever answered. */
  end(): void {
    this.#over = true;
  }

  get over(): boolean {
    return this.#over;
  }

  /** The process stands still until then; what it was about to do it does afterwards. */
  pause(untilMs: number): void {
    this.#pausedUntilMs = untilMs;
  }

  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  get paused(): boolean {
    return this.#scheduler.nowMs < this.#pausedUntilMs;
  }

  strikeAt(strike: Strike): void {
    this.#strikes.push(strike);
  }

  /** `refuse` throws where the store takes nothing just now; `partly` is what a death before the effect may leave of it. */
  call<T>(name: string, effect: () => T | Promise<T>, refuse?: () => void, partly?: () => void): Promise<T> {
    this.calls += 1;
    const struck = this.#struck();
    return new Promise<T>((resolve, reject) => {
      const take = (): void => {
        if (this.#over) return;
        if (this.paused) {
          this.#scheduler.at(this.#pausedUntilMs + this.#random.whole(0, 50), take);
          return;
        }
        if (struck?.when === 'before') {
          if (partly !== undefined && this.#random.chance(0.5)) partly();
          struck.strike(`before ${name}`);
        }
        if (this.#over || this.paused) {
          if (!this.#over) this.#scheduler.at(this.#pausedUntilMs, take);
          return;
        }
        let taken: Promise<T>;
        try {
          refuse?.();
          taken = Promise.resolve(effect());
        } catch (error) {
          taken = Promise.reject(error);
        }
        if (struck?.when === 'after') struck.strike(`after ${name}`);
        taken.then(
          (value) => this.#answer(() => resolve(value)),
          (error: unknown) => this.#answer(() => reject(error)),
        );
      };
      const delayMs = this.#delayMs();
      if (delayMs === 0) void Promise.resolve().then(take);
      else this.#scheduler.after(delayMs, take);
    });
  }

  #answer(give: () => void): void {
    if (this.#over) return;
    if (this.paused) this.#scheduler.at(this.#pausedUntilMs, () => this.#answer(give));
    else give();
  }

  #struck(): Strike | null {
    for (const strike of this.#strikes) strike.calls -= 1;
    const due = this.#strikes.find(({ calls }) => calls <= 0) ?? null;
    if (due !== null) this.#strikes = this.#strikes.filter((strike) => strike !== due);
    return due;
  }

  /** Mostly at once; now and then as slow as a busy disk. */
  #delayMs(): number {
    const luck = this.#random.next();
    if (luck < 0.6) return 0;
    if (luck < 0.95) return this.#random.whole(1, 30);
    return this.#random.whole(30, 800);
  }
}

/** A store whose changing calls go through the gate; the others answer as they are. */
export function gated<T extends object>(
  store: T,
  gate: Gate,
  name: string,
  changing: readonly (keyof T & string)[],
  refuse?: () => void,
  partly: Readonly<Record<string, (...args: never[]) => void>> = {},
): T {
  const through = new Map<PropertyKey, unknown>();
  for (const method of changing) {
    const own = store[method] as (...args: unknown[]) => Promise<unknown>;
    const part = partly[method] as ((...args: unknown[]) => void) | undefined;
    through.set(method, (...args: unknown[]) =>
      gate.call(
        `${name}.${method}`,
        () => own.apply(store, args),
        refuse,
        part === undefined ? undefined : () => part(...args),
      ),
    );
  }
  return new Proxy(store, {
    get(target, key) {
      const known = through.get(key);
      if (known !== undefined) return known;
      const own: unknown = Reflect.get(target, key, target);
      if (typeof own !== 'function') return own;
      const bound: unknown = own.bind(target);
      through.set(key, bound);
      return bound;
    },
  });
}

/** The disk and the files on it. Reading changes nothing, so nothing can happen between two reads. */
export function gatedDisk(disk: Disk, gate: Gate): Disk {
  const file = (open: OpenFile): OpenFile => gated(open, gate, 'file', ['write', 'datasync', 'sync', 'truncate']);
  const outer = gated(disk, gate, 'disk', ['rename', 'unlink', 'syncFolder']);
  return {
    makeFolder: (path) => disk.makeFolder(path),
    create: async (path) => file(await gate.call('disk.create', () => disk.create(path))),
    openToRead: async (path) => file(await disk.openToRead(path)),
    openToWrite: async (path) => file(await disk.openToWrite(path)),
    rename: outer.rename,
    unlink: outer.unlink,
    list: (folder) => disk.list(folder),
    syncFolder: outer.syncFolder,
    inodeAt: (path) => disk.inodeAt(path),
  };
}
