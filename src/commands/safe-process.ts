/** What would write the memory of a process, keys and people in it, to a disk: refused outside development. */
import { readFileSync } from 'node:fs';

export interface ProcessSight {
  /** Flags of Node and NODE_OPTIONS, in words. */
  readonly flags: readonly string[];
  /** `/proc/self/limits`, `/proc/swaps`; null: there is none. */
  readonly limits: string | null;
  readonly swaps: string | null;
}

/** Each of them writes heap, stack or environment to a file when something happens. */
const DUMPING = /^--(report-|heapsnapshot-|heap-prof|abort-on-uncaught-exception|diagnostic-dir|experimental-report)/;

export function sightOfProcess(): ProcessSight {
  const words = (process.env.NODE_OPTIONS ?? '').split(/\s+/).filter((word) => word !== '');
  return { flags: [...process.execArgv, ...words], limits: textOf('/proc/self/limits'), swaps: textOf('/proc/swaps') };
}

/** What must be changed before a gateway with real people in it starts; each line says how. */
export function unsafeForPeople({ flags, limits }: ProcessSight): string[] {
  const faults = flags
    .filter((flag) => DUMPING.test(flag))
    .map((flag) => `Node's ${flag.split('=')[0]} writes memory to a file: take it out of the command or NODE_OPTIONS`);
  const core = /^Max core file size\s+(\S+)\s+(\S+)/m.exec(limits ?? '');
  // the soft limit is what the kernel goes by
  if (core !== null && core[1] !== '0') {
    faults.push(
      `core dumps are on (limit ${core[1]}): start with \`ulimit -c 0\` (systemd: LimitCORE=0, Docker: --ulimit core=0)`,
    );
  }
  return faults;
}

/** Swap areas that are not known to be encrypted or in memory: dm-crypt and zram are. */
export function openSwaps({ swaps }: ProcessSight): string[] {
  const areas = (swaps ?? '')
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(/\s+/)[0] || []);
  return areas.filter((area) => !/^\/dev\/(dm-|mapper\/|zram)/.test(area));
}

/** A diagnostic report holds the environment, and with it secrets. */
export function forbidReports(): void {
  const { report } = process;
  if (report === undefined) return;
  report.reportOnFatalError = false;
  report.reportOnUncaughtException = false;
  report.reportOnSignal = false;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
