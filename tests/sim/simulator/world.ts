/** What outlives every life of the gateway: the disk and the stores, the gateway's clock, and what was seen. */

import { MemoryRecentLog } from '../../../src/adapters/memory/memory-recent-log.js';
import type { PlacedEntry } from '../../../src/domain/entry.js';
import type { DeviceId } from '../../../src/domain/ids.js';
import { DEFAULT_POLICY } from '../../../src/domain/policy.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { DeviceRegistry } from '../../../src/ports/device-registry.js';
import type { Quarantined } from '../../../src/ports/quarantine.js';
import { Random } from '../../../src/sim/random.js';
import { CommandLogContent } from '../../support/memory-command-log.js';
import { MemoryDeviceRegistry, RegistryContent } from '../../support/memory-device-registry.js';
import { MemoryDisk } from '../../support/memory-disk.js';
import { LedgerContent } from '../../support/memory-ledger.js';
import { StatesContent } from '../../support/memory-states.js';
import { Injected } from './gate.js';
import type { ClockOffset, Counts, ToldTick } from './history.js';
import type { Plan } from './plan.js';
import type { Scheduler } from './scheduler.js';

export const POLICY = DEFAULT_POLICY;
export const RECONNECT_GRACE_MS = 120_000;

export class World {
  readonly disk = new MemoryDisk();
  readonly ledger = new LedgerContent();
  readonly recentLog = new MemoryRecentLog();
  readonly quarantine = new Map<number, Quarantined>();
  readonly commands = new CommandLogContent();
  /** On disk; the hot states themselves, or their checkpoints. */
  readonly lastingStates = new StatesContent();
  readonly redis = new StatesContent();
  readonly registry: DeviceRegistry = new MemoryDeviceRegistry(new RegistryContent());
  readonly random: Random;
  readonly clockOffsets: ClockOffset[] = [];
  readonly toldMs: number[] = [];
  readonly ticks: ToldTick[] = [];
  /** What a journal held and let go, by position: the judge's own copy. */
  readonly trimmed = new Map<number, PlacedEntry>();
  readonly surprises: string[] = [];
  readonly lost: string[] = [];
  readonly counts: Counts = {
    crashes: 0,
    powerCuts: 0,
    takeOvers: 0,
    restarts: 0,
    lost: 0,
    acksLost: 0,
    delayed: 0,
    twice: 0,
    repeated: 0,
    poison: 0,
    clockSteps: 0,
    redisLosses: 0,
    diskFull: 0,
    readerCuts: 0,
    revised: 0,
    acts: 0,
    actsRefused: 0,
    records: 0,
    uploads: 0,
    versions: 0,
    lateVersions: 0,
    calls: 0,
  };
  redisAwayUntilMs = Number.NEGATIVE_INFINITY;
  /** The latest time that the gateway's clock has ever said. */
  latestSaidMs = Number.NEGATIVE_INFINITY;
  #offsetMs = 0;

  constructor(
    readonly plan: Plan,
    readonly scheduler: Scheduler,
    readonly trace: ((line: string) => void) | null,
  ) {
    this.random = Random.of(plan.seed, 'run');
  }

  /** The gateway's own. */
  readonly clock: Clock = {
    nowMs: () => {
      const nowMs = this.scheduler.nowMs + this.#offsetMs;
      this.latestSaidMs = Math.max(this.latestSaidMs, nowMs);
      return nowMs;
    },
  };

  get offsetMs(): number {
    return this.#offsetMs;
  }

  stepClock(byMs: number): void {
    if (byMs === this.#offsetMs) return;
    this.#offsetMs = byMs;
    this.clockOffsets.push({ fromMs: this.scheduler.nowMs, byMs });
    this.tell(`the gateway's clock is ${byMs} ms ahead`);
  }

  /** For stores on the one disk. */
  readonly refuseWhenFull = (): void => {
    if (this.disk.full) throw new Injected('the disk is full', 'ENOSPC');
  };

  readonly refuseWhenAway = (): void => {
    if (this.scheduler.nowMs < this.redisAwayUntilMs) throw new Injected('Redis does not answer', 'EAWAY');
  };

  tell(line: string): void {
    this.trace?.(`${new Date(this.scheduler.nowMs).toISOString()}  ${line}`);
  }

  surprise(what: string): void {
    this.surprises.push(what);
    this.tell(`SURPRISE ${what}`);
  }
}

export const sessionKeyOf = (deviceId: string): Buffer => Buffer.alloc(32, `key of ${deviceId} `);
export const passwordOf = (deviceId: string): Buffer => Buffer.from(`password of ${deviceId}`);
/** The wrapped form of a session key names its device: unwrapping is not what is simulated. */
export const unwrapSessionKey = async (jwe: string): Promise<Buffer> => sessionKeyOf(jwe as DeviceId);
