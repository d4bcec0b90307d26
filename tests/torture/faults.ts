/** The faults that there are, which a house can have, and the order in which a seed brings them. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/sim/random.js';
import { freePorts } from '../support/gateway.js';
import type { House, ProcessName } from './house.js';
import type { SmallDisk } from './small-disk.js';

export interface FaultContext {
  readonly house: House;
  readonly main: string;
  readonly disk: SmallDisk;
  readonly random: Random;
  /** A SIGTERM that takes longer is a fault. */
  readonly stopS: number;
  /** While the disk is full a gateway may end by itself. */
  readonly diskFull: (full: boolean) => void;
  readonly onFinding: (what: string) => void;
}

export interface Fault {
  readonly name: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  readonly needs: readonly ProcessName[];
  readonly needsDisk?: true;
  /** Longest time that it may take by itself, seconds: a short run leaves out what does not fit in. */
  readonly lastsS: number;
  /** Does it, and resolves (monotonic ms) with the moment from which a recovery counts. */
  run(c: FaultContext): Promise<number>;
}

const killing = (name: ProcessName, weight: number): Fault => ({
  name: `kill ${name}`,
  weight,
  needs: [name],
  lastsS: 2,
  async run({ house, random }) {
    const one = house.process(name);
    await one.kill(random.chance(0.6) ? 0 : random.between(0, 2_000));
    return one.spawnedMs;
  },
});

/** Killed once more while it recovers. */
const killingTwice = (name: ProcessName, weight: number): Fault => ({
  name: `kill ${name} twice`,
  weight,
  needs: [name],
  lastsS: 4,
  async run({ house, random }) {
    const one = house.process(name);
    await one.kill(0);
    await sleep(random.between(50, 2_500));
    await one.kill(0);
    return one.spawnedMs;
  },
});

const killingBoth = (first: ProcessName, second: ProcessName, weight: number): Fault => ({
  name: `kill ${first} and ${second}`,
  weight,
  needs: [first, second],
  lastsS: 3,
  async run({ house, random }) {
    const one = house.process(first);
    const other = house.process(second);
    await Promise.all([one.kill(random.between(0, 1_500)), other.kill(random.between(0, 1_500))]);
    return Math.max(one.spawnedMs, other.spawnedMs);
  },
});

const pausing = (name: ProcessName, weight: number, [fromS, toS]: readonly [number, number], label: string): Fault => ({
  name: `${label} ${name}`,
  weight,
  needs: [name],
  lastsS: toS,
  async run({ house, random }) {
    const one = house.process(name);
    one.pause();
    await sleep(random.between(fromS, toS) * 1_000);
    one.resume();
    return performance.now();
  },
});

const terminating = (name: ProcessName, weight: number): Fault => ({
  name: `SIGTERM ${name}`,
  weight,
  needs: [name],
  lastsS: 10,
  async run({ house, stopS, onFinding }) {
    const one = house.process(name);
    const { code, ms } = await one.terminate(Math.max(60_000, stopS * 1_000));
    if (code !== 0) onFinding(`SIGTERM: ${name} ended with ${code} and not with 0`);
    if (ms > stopS * 1_000) onFinding(`SIGTERM: ${name} took ${(ms / 1_000).toFixed(1)} s to end`);
    return one.spawnedMs;
  },
});

const flushing: Fault = {
  name: 'FLUSHALL',
  weight: 3,
  needs: ['redis'],
  lastsS: 1,
  async run({ house }) {
    await house.process('redis').whenServing();
    await house.flushRedis();
    return performance.now();
  },
};

const filling: Fault = {
  name: 'full disk',
  weight: 2,
  needs: [],
  needsDisk: true,
  lastsS: 12,
  async run({ disk, random, diskFull }) {
    diskFull(true);
    disk.fill();
    try {
      const untilMs = performance.now() + random.between(2_000, 12_000);
      // what the gateway gives back meanwhile (a journal's torn end, an LMDB map) is taken too
      while (performance.now() < untilMs) {
        await sleep(250);
        disk.fill();
      }
    } finally {
      disk.free();
    }
    const freedMs = performance.now();
    diskFull(false);
    return freedMs;
  },
};

/** A second gateway on the same folder must be refused, while the first lives and while it is only paused. */
const second = (name: ProcessName, weight: number): Fault => ({
  name: 'second owner',
  weight,
  needs: [name],
  lastsS: 15,
  async run({ house, main, random, onFinding }) {
    const one = house.process(name);
    await one.whenServing();
    const paused = random.chance(0.5);
    if (paused) one.pause();
    const [mqttPort = 0, httpPort = 0, healthPort = 0] = await freePorts(3);
    const roles = name === 'ingest' ? ['--role', 'intake,engine'] : [];
    const env = {
      ...house.commandEnv,
      MQTT_PORT: String(mqttPort),
      HTTP_PORT: String(httpPort),
      HEALTH_PORT: String(healthPort),
    };
    const child = spawn(process.execPath, [main, 'serve', '--dev', ...roles], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const patience = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(patience);
    if (code === 0 || code === null || !/in use/.test(said)) {
      onFinding(
        `a second owner was not refused${paused ? ' while the first was paused' : ''}: code ${code}, ${said.slice(-300)}`,
      );
    }
    if (paused) one.resume();
    return performance.now();
  },
});

const SHORT = [0.5, 8] as const;
const LONG = [25, 60] as const;

export const FAULTS: readonly Fault[] = [
  killing('gateway', 12),
  killingTwice('gateway', 3),
  pausing('gateway', 2, SHORT, 'pause'),
  pausing('gateway', 0.6, LONG, 'long pause of'),
  terminating('gateway', 1.5),
  second('gateway', 1),
  killing('ingest', 8),
  killingTwice('ingest', 2),
  killing('api', 4),
  killingBoth('ingest', 'api', 2),
  killing('redis', 4),
  killingBoth('redis', 'ingest', 2),
  pausing('ingest', 2, SHORT, 'pause'),
  pausing('ingest', 0.5, LONG, 'long pause of'),
  pausing('api', 1, SHORT, 'pause'),
  pausing('redis', 2, SHORT, 'pause'),
  terminating('ingest', 1),
  terminating('api', 1),
  second('ingest', 0.8),
  flushing,
  killing('broker', 8),
  killingBoth('broker', 'gateway', 3),
  pausing('broker', 2, SHORT, 'pause'),
  filling,
];

/** Those that this house can have. */
export function possible(house: Pick<House, 'has'>, disk: Pick<SmallDisk, 'reason'>, only: readonly string[]): Fault[] {
  return FAULTS.filter(
    ({ name, needs, needsDisk }) =>
      needs.every((process) => house.has(process)) &&
      (needsDisk !== true || disk.reason === null) &&
      (only.length === 0 || only.some((part) => name.includes(part))),
  );
}

/** By weight, and every second one that has not been yet; or the list that was given. */
export class Schedule {
  #fresh: Fault[];
  readonly #list: Fault[];
  readonly #urgent: Fault[] = [];

  /** `list`: names; throws when one of them is none that this house can have. */
  constructor(
    private readonly faults: readonly Fault[],
    private readonly random: Random,
    list: readonly string[] = [],
  ) {
    this.#fresh = [...faults];
    this.listed = list.length > 0;
    this.#list = list.map((name) => this.#named(name));
  }

  /** It ends with its list, and not with the time. */
  readonly listed: boolean;

  /** Names of those that have not come. */
  get untried(): string[] {
    return this.listed ? [] : this.#fresh.map(({ name }) => name);
  }

  /** Before anything else, and at once. */
  urge(name: string): void {
    this.#urgent.push(this.#named(name));
  }
  get urgent(): boolean {
    return this.#urgent.length > 0;
  }

  #named(name: string): Fault {
    const found = this.faults.find((fault) => fault.name === name);
    if (found !== undefined) return found;
    throw new Error(`no fault "${name}" here; there are: ${this.faults.map((fault) => fault.name).join(', ')}`);
  }

  /** One that fits into what is left; null: none does. */
  next(leftS: number): Fault | null {
    const urgent = this.#urgent.shift();
    if (urgent !== undefined) {
      this.#fresh = this.#fresh.filter((one) => one !== urgent);
      return urgent;
    }
    if (this.listed) return this.#list.shift() ?? null;
    const fitting = (faults: readonly Fault[]): Fault[] => faults.filter(({ lastsS }) => lastsS < leftS);
    // every second fault is one that has not been yet, so that kills stay dense
    const among =
      this.random.chance(0.5) && fitting(this.#fresh).length > 0 ? fitting(this.#fresh) : fitting(this.faults);
    let at = this.random.next() * among.reduce((sum, { weight }) => sum + weight, 0);
    for (const fault of among) {
      at -= fault.weight;
      if (at >= 0) continue;
      this.#fresh = this.#fresh.filter((one) => one !== fault);
      return fault;
    }
    return among[0] ?? null;
  }
}
