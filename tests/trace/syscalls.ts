/** What strace wrote down, as calls in the order in which the kernel saw them begin and end. */

/** Of what strace is asked: everything by which bytes come in, go out or become durable, and what says which file is which. */
export const TRACED = [
  'openat,close,rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,mkdirat,chmod,fchmod,utimensat',
  'ftruncate,fallocate,lseek,mmap',
  'read,readv,pread64,write,writev,pwrite64,pwritev,pwritev2',
  'fsync,fdatasync,msync,sync_file_range',
  'socket,bind,connect,accept,accept4,sendto,sendmsg,sendmmsg,recvfrom,recvmsg',
  'io_uring_setup,sendfile,splice,copy_file_range',
].join(',');

/** For `strace … -- COMMAND`: every thread, all bytes of every call in hexadecimal, one file. */
export const straceArguments = (file: string): string[] => [
  '-f',
  '--seccomp-bpf',
  '-tt',
  '-xx',
  '-s',
  '4194304',
  '-o',
  file,
  '-e',
  `trace=${TRACED}`,
  '-e',
  'signal=cont',
];

export interface Syscall {
  readonly name: string;
  readonly thread: number;
  /** Wall clock of the machine, as strace prints it. */
  readonly time: string;
  /** Numbers of the lines on which it began and on which it returned: smaller is earlier, over all threads. */
  readonly began: number;
  /** Infinity: it never returned. */
  readonly ended: number;
  /** Everything between the brackets. */
  readonly args: string;
  /** What it returned; null: it failed, or never returned. */
  readonly result: number | null;
}

const LINE = /^(\d+) +(\d\d:\d\d:\d\d\.\d+) (.*)$/;
const WHOLE = /^(\w+)\((.*)\) += (\S+)/s;
const CUT = /^(\w+)\((.*) <unfinished \.\.\.>$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)\) += (\S+)/s;

/**
 * A thread goes on only when strace lets it, after its line is written. So a call that began because another had returned
 * (a write that says what a sync made true) stands on a later line, whatever the processors did.
 */
export function parseTrace(text: string): Syscall[] {
  const calls: Syscall[] = [];
  /** Of each thread the call that has begun: a thread is in one at a time. */
  const open = new Map<number, Omit<Syscall, 'ended' | 'result'>>();
  for (const [at, line] of text.split('\n').entries()) {
    const [, thread = '', time = '', said = ''] = LINE.exec(line) ?? [];
    const whole = WHOLE.exec(said);
    const cut = CUT.exec(said);
    const resumed = RESUMED.exec(said);
    if (whole !== null) {
      const [, name = '', args = '', result = ''] = whole;
      calls.push({ name, thread: Number(thread), time, began: at, ended: at, args, result: numberOf(result) });
    } else if (cut !== null) {
      const [, name = '', args = ''] = cut;
      open.set(Number(thread), { name, thread: Number(thread), time, began: at, args });
    } else if (resumed !== null) {
      const [, name = '', rest = '', result = ''] = resumed;
      const begun = open.get(Number(thread));
      open.delete(Number(thread));
      if (begun === undefined || begun.name !== name) throw new Error(`line ${at}: ${name} returns and had not begun`);
      calls.push({ ...begun, ended: at, args: begun.args + rest, result: numberOf(result) });
    }
  }
  for (const begun of open.values()) calls.push({ ...begun, ended: Number.POSITIVE_INFINITY, result: null });
  return calls.sort((a, b) => a.began - b.began || a.ended - b.ended);
}

/** In the order in which descriptors change hands: a close frees its number when it begins, whatever gives one has returned. */
export function asDescriptorsGo(calls: readonly Syscall[]): Syscall[] {
  const at = ({ name, began, ended }: Syscall): number => (name === 'close' ? began : ended);
  return [...calls].sort((a, b) => at(a) - at(b));
}

function numberOf(text: string): number | null {
  const value = Number(text);
  return Number.isNaN(value) || value < 0 ? null : value;
}

/** Bytes that strace printed as `"\x41\x42"`. One that is cut short ends in `...`, and is refused. */
export function bytesOf(quoted: string): Buffer {
  if (quoted.endsWith('...')) throw new Error('strace has cut a call short');
  return Buffer.from(quoted.replaceAll('"', '').replaceAll('\\x', ''), 'hex');
}

export const firstNumber = (args: string): number => Number(/^(-?\d+)/.exec(args)?.[1] ?? Number.NaN);
