/** What a run of the torture test is told: how long, which seed, how many people, which house, and what it must keep to. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';

export const MODES = ['lmdb', 'redis', 'broker'] as const;
/** `lmdb`: one process, states in LMDB. `redis`: two roles in two processes, states in Redis. `broker`: behind Mosquitto. */
export type Mode = (typeof MODES)[number];

export interface TortureOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly mode: Mode;
  /** Why it is not the mode that the seed would have had; null: it is. */
  readonly insteadOf: string | null;
  /** People who speak all the time. */
  readonly devices: number;
  /** People who were out of coverage for six hours and come back all at once. */
  readonly stormDevices: number;
  /** A live device speaks this often, on average. */
  readonly everyS: number;
  /** RECONNECT_GRACE_S of the gateway. */
  readonly graceS: number;
  /** A recovery that takes longer is a fault. */
  readonly recoveryS: number;
  /** A SIGTERM that takes longer is a fault. */
  readonly stopS: number;
  /** How long alerts that are due are waited for at the end; longer, and they are missed. */
  readonly patienceS: number;
  /** Between two faults there are about so many seconds of peace. */
  readonly peaceS: number;
  /** The small disk, MiB; 0: none is mounted. */
  readonly diskMib: number;
  /** Only faults whose name contains one of these; empty: all. */
  readonly only: readonly string[];
  /** These faults by their names, in this order, and then no more; empty: the seed decides. */
  readonly faults: readonly string[];
  readonly report: string | null;
  /** The run's folder is kept: logs, the list of what was acknowledged, the data. */
  readonly keep: boolean;
  /** A bug that is planted in the copy of the build that is tortured. */
  readonly bug: string | null;
}

export const USAGE = `Usage: scripts/torture --minutes M --seed S [OPTIONS]
       scripts/torture --head OPTIONS      (what is committed, whatever else lies about in the working tree)
       scripts/torture --planted [SEED [BUG…]]

Simulated devices over real MQTT, real processes, and a schedule of faults that the seed decides: kill -9 of gateway, Redis
and broker, FLUSHALL, a full disk, SIGSTOP, a second owner, subscribers that do not read, and thousands of devices that
reconnect at once with six hours of backlog. At the end everything that was acknowledged must be stored, the alerts must be
the truth that was written before it was sent, each once, on every stream. Prints a table; exit 1 on any fault.

A gateway has recovered when each of three devices that live like the others has made one more upload, has been told that it
is durable (by PUBACK; behind a broker by Downlink.ack), and its alert is on the stream: whatever backlog pours in meanwhile.
The time counts from the start of the process that was killed, the resuming of one that was paused, the first free byte of
a disk that was full; uploads and alerts of everybody else are judged at the end.

  --minutes M       how long faults are made (the start and the end come on top)
  --seed S          decides people, stories and faults
  --mode MODE       ${MODES.join(', ')}, or all: rotates by seed (S mod 3); default lmdb
  --redis, --broker short for --mode redis, --mode broker
  --devices N       people who speak all the time (2000)
  --storm N         people who come back with six hours of backlog, twice in a run (five times N, at most 10000; 0: none)
  --every S         seconds between two uploads of one device (12)
  --grace-s S       RECONNECT_GRACE_S of the gateway (10; its own default of 120 would keep timers from ever firing between faults)
  --recovery-s S    a recovery that takes longer is a fault (30)
  --stop-s S        a SIGTERM that takes longer is a fault (10)
  --peace-s S       seconds of peace between two faults, on average (8)
  --patience-s S    seconds that alerts which are due are waited for at the end (120)
  --disk-mib N      size of the tmpfs that the data lies on (2048; 0: no tmpfs, and no full disk)
  --only NAME,…     only faults whose name contains one of these
  --faults NAME,…   these faults, in this order, and then the end
  --report FILE     writes the report there too, as Markdown
  --keep            keeps the run's folder (it is kept anyway when a fault was found)
  --bug NAME        plants a bug of scripts/planted-bugs in the copy of the build that is tortured
  --planted         plants some, one after the other, and shows that a short run sees each

Example:
  scripts/torture --minutes 20 --seed 7
  scripts/torture --minutes 5 --seed 8 --mode redis --report torture.md
`;

export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}

/** Null: help was asked for. Throws `UsageFault`. */
export function parseOptions(args: readonly string[]): TortureOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const number = (name: keyof typeof values, fallback: number | null, least: number): number => {
    const text = values[name];
    if (text === undefined && fallback !== null) return fallback;
    const value = Number(text);
    if (text === undefined || text === '' || !Number.isFinite(value) || value < least) {
      throw new UsageFault(`--${name}: expected a number of at least ${least}`);
    }
    return value;
  };
  const seed = number('seed', null, 0);
  const devices = number('devices', 2_000, 1);
  return {
    minutes: number('minutes', null, 0.05),
    seed,
    ...modeOf(values, seed),
    devices,
    stormDevices: number('storm', Math.min(10_000, devices * 5), 0),
    everyS: number('every', 12, 0.2),
    graceS: number('grace-s', 10, 0),
    recoveryS: number('recovery-s', 30, 1),
    stopS: number('stop-s', 10, 1),
    patienceS: number('patience-s', 120, 1),
    peaceS: number('peace-s', 8, 0),
    diskMib: number('disk-mib', 2_048, 0),
    only: values.only?.split(',') ?? [],
    faults: values.faults?.split(',') ?? [],
    report: values.report ?? null,
    keep: values.keep === true,
    bug: values.bug ?? null,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: text,
        seed: text,
        mode: text,
        redis: flag,
        broker: flag,
        devices: text,
        storm: text,
        every: text,
        'grace-s': text,
        'recovery-s': text,
        'stop-s': text,
        'patience-s': text,
        'peace-s': text,
        'disk-mib': text,
        only: text,
        faults: text,
        report: text,
        keep: flag,
        bug: text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageFault(error instanceof Error ? error.message : String(error));
  }
}

/** What each mode needs beside Node. */
const SERVER: Readonly<Record<Mode, string | null>> = { lmdb: null, redis: 'redis-server', broker: 'mosquitto' };

function modeOf(
  values: { mode?: string; redis?: boolean; broker?: boolean },
  seed: number,
): Pick<TortureOptions, 'mode' | 'insteadOf'> {
  const asked = values.redis ? 'redis' : values.broker ? 'broker' : (values.mode ?? 'lmdb');
  const mode = asked === 'all' ? MODES[seed % MODES.length] : MODES.find((known) => known === asked);
  if (mode === undefined) throw new UsageFault(`--mode: expected ${MODES.join(', ')} or all`);
  const server = SERVER[mode];
  if (server === null || isInstalled(server)) return { mode, insteadOf: null };
  if (asked !== 'all') throw new UsageFault(`--mode ${mode} needs ${server}: apt-get install ${server}`);
  return { mode: 'lmdb', insteadOf: `${mode}: ${server} is not installed` };
}

const isInstalled = (name: string): boolean =>
  `${process.env.PATH}:/usr/sbin:/usr/local/sbin`
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, name)));
