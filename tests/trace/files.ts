/** Which bytes of which file were durable when: from writes, syncs and the flags with which a file was opened. */
import { asDescriptorsGo, bytesOf, firstNumber, type Syscall } from './syscalls.js';

export interface FileWrite {
  readonly path: string;
  readonly offset: number;
  readonly bytes: Buffer;
  readonly began: number;
  readonly ended: number;
  /** The line on which the call returned that made it durable: a sync that began after it had returned, or itself. */
  durable: number;
}

/** One use of a file descriptor for a file, or for a socket. */
interface Opened {
  readonly path: string;
  readonly syncs: boolean;
  offset: number;
}

export interface Created {
  readonly path: string;
  readonly ended: number;
  /** The line on which a sync of its folder returned that had begun after. */
  named: number;
}

const PATH_CALL = /^AT_FDCWD, ("[^"]*"), ([A-Z_|]+)/;

export class Files {
  readonly writes: FileWrite[] = [];
  readonly created: Created[] = [];
  /** What this reader cannot see through: each would make a finding of nothing. */
  readonly unseen: string[] = [];
  readonly #open = new Map<number, Opened>();

  constructor(calls: readonly Syscall[]) {
    for (const call of asDescriptorsGo(calls)) this.#take(call);
  }

  of(suffix: string): FileWrite[] {
    return this.writes.filter(({ path }) => path.endsWith(suffix));
  }

  /** The content of a file of which only what was durable before line `at` is left. */
  durableAt(path: string, at: number): Buffer {
    const parts = this.writes.filter((write) => write.path === path && write.durable < at);
    const content = Buffer.alloc(parts.reduce((end, { offset, bytes }) => Math.max(end, offset + bytes.length), 0));
    for (const { offset, bytes } of parts) bytes.copy(content, offset);
    return content;
  }

  #take(call: Syscall): void {
    const { name, args, result } = call;
    if (name === 'io_uring_setup' && result !== null) this.unseen.push('io_uring');
    if (result === null) return;
    if (name === 'openat') this.#opened(call);
    else if (name === 'close') this.#open.delete(firstNumber(args));
    else if (['socket', 'accept', 'accept4'].includes(name)) this.#open.delete(result);
    const file = this.#open.get(firstNumber(args));
    if (name === 'mmap') this.#mapped(args);
    else if (file === undefined) return;
    else if (name === 'lseek') file.offset = result;
    else if (name === 'pwrite64') this.#wrote(call, file, Number(/, (\d+)$/.exec(args)?.[1]));
    else if (name === 'write' || name === 'writev') {
      this.#wrote(call, file, file.offset);
      file.offset += result;
    } else if (name.startsWith('pwritev') || ['ftruncate', 'sendfile', 'splice', 'copy_file_range'].includes(name)) {
      if (isStore(file.path)) this.unseen.push(`${name} of ${file.path}`);
    } else if (name === 'fdatasync' || name === 'fsync') this.#synced(call, file);
  }

  #opened({ args, result, ended }: Syscall): void {
    const [, quoted = '', flags = ''] = PATH_CALL.exec(args) ?? [];
    const path = bytesOf(quoted).toString();
    this.#open.set(result ?? -1, { path, syncs: /O_D?SYNC/.test(flags), offset: 0 });
    if (flags.includes('O_CREAT') && flags.includes('O_EXCL')) {
      this.created.push({ path, ended, named: Number.POSITIVE_INFINITY });
    }
  }

  #wrote({ name, args, result, began, ended }: Syscall, file: Opened, offset: number): void {
    const parts =
      name === 'writev' ? args.matchAll(/iov_base=("[^"]*"(?:\.\.\.)?)/g) : args.matchAll(/("[^"]*"(?:\.\.\.)?)/g);
    const bytes = Buffer.concat([...parts].map(([, quoted = '']) => bytesOf(quoted))).subarray(0, result ?? 0);
    const durable = file.syncs ? ended : Number.POSITIVE_INFINITY;
    this.writes.push({ path: file.path, offset, bytes, began, ended, durable });
  }

  #synced({ began, ended }: Syscall, file: Opened): void {
    for (const write of this.writes) {
      if (write.path === file.path && write.ended < began) write.durable = Math.min(write.durable, ended);
    }
    for (const one of this.created) {
      if (folderOf(one.path) === file.path && one.ended < began) one.named = Math.min(one.named, ended);
    }
  }

  /** A store that is written through memory leaves no trace here. */
  #mapped(args: string): void {
    const [, protection = '', flags = '', fd = ''] = /^[^,]+, [^,]+, ([^,]+), ([^,]+), (-?\d+)/.exec(args) ?? [];
    const file = this.#open.get(Number(fd));
    if (file === undefined || !isStore(file.path)) return;
    if (protection.includes('PROT_WRITE') && flags.includes('MAP_SHARED'))
      this.unseen.push(`a writable map of ${file.path}`);
  }
}

const isStore = (path: string): boolean => path.endsWith('/data.mdb') || path.endsWith('.seg');
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
