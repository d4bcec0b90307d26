/** What a traced process changed in a folder after it was woken up (SIGCONT) for the last time. */
import { asDescriptorsGo, bytesOf, firstNumber, parseTrace, type Syscall } from './syscalls.js';

export interface Change {
  readonly call: string;
  readonly path: string;
  /** The line of the trace on which it began, from 1. */
  readonly line: number;
}

const BY_PATH = new Set([
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'link',
  'linkat',
  'mkdir',
  'mkdirat',
  'chmod',
  'utimensat',
]);
const BY_FD = new Set([
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'pwritev2',
  'ftruncate',
  'fallocate',
  'fchmod',
  'sendfile',
  'splice',
  'copy_file_range',
]);

export function changesAfterWaking(trace: string, folder: string): Change[] {
  const woken = trace.split('\n').findLastIndex((line) => line.includes('--- SIGCONT'));
  if (woken < 0) throw new Error('it was never woken up');
  const open = new Map<number, string>();
  const changes: Change[] = [];
  for (const call of asDescriptorsGo(parseTrace(trace))) {
    const { name, args, result, began } = call;
    if (name === 'close') open.delete(firstNumber(args));
    if (result === null) continue;
    const path = BY_PATH.has(name) || name === 'openat' ? pathOf(call) : (open.get(firstNumber(args)) ?? null);
    if (name === 'openat') open.set(result, path ?? '');
    else if (['socket', 'accept', 'accept4'].includes(name)) open.delete(result);
    if (began < woken || path === null || !path.startsWith(`${folder}/`)) continue;
    const opens = name === 'openat' && /O_CREAT|O_TRUNC/.test(args);
    if (opens || BY_PATH.has(name) || BY_FD.has(name)) changes.push({ call: name, path, line: began + 1 });
  }
  return changes;
}

function pathOf({ args }: Syscall): string | null {
  const quoted = /"[^"]*"/.exec(args)?.[0];
  return quoted === undefined ? null : bytesOf(quoted).toString();
}
