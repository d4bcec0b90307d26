/** What went over each connection, byte by byte, with the line of the call that brought or took it. */
import { asDescriptorsGo, bytesOf, firstNumber, type Syscall } from './syscalls.js';

/** Bytes of one call: in, where it had returned; out, where it began. */
export interface Piece {
  readonly bytes: Buffer;
  readonly at: number;
  readonly time: string;
}

export interface Connection {
  /** Of ours, where the peer has come; of the peer's, where we went. */
  readonly port: number;
  readonly in: Piece[];
  readonly out: Piece[];
}

const PORT = /sin6?_port=htons\((\d+)\)/;

/** Every TCP connection that was accepted on a bound port, or made to one. */
export function connectionsOf(calls: readonly Syscall[]): Connection[] {
  const bound = new Map<number, number>();
  const open = new Map<number, Connection>();
  const all: Connection[] = [];
  const begin = (fd: number, port: number): void => {
    const connection: Connection = { port, in: [], out: [] };
    open.set(fd, connection);
    all.push(connection);
  };
  for (const call of asDescriptorsGo(calls)) {
    const { name, args, result, began, ended, time } = call;
    const fd = firstNumber(args);
    const port = Number(PORT.exec(args)?.[1]);
    const isOpen = open.get(fd);
    if (name === 'close' || name === 'openat') open.delete(name === 'close' ? fd : (result ?? -1));
    else if (name === 'bind' && Number.isInteger(port)) bound.set(fd, port);
    // a connection that is made without waiting answers with an error that is none
    else if (name === 'connect' && Number.isInteger(port)) begin(fd, port);
    else if (name.startsWith('accept') && result !== null) begin(result, bound.get(fd) ?? -1);
    else if (isOpen === undefined || result === null) continue;
    else if (name === 'read') isOpen.in.push({ bytes: contentOf(args, result), at: ended, time });
    else if (name === 'write' || name === 'writev')
      isOpen.out.push({ bytes: contentOf(args, result), at: began, time });
    else if (/^(readv|send|recv)/.test(name)) throw new Error(`${name} on a connection: this reader does not know it`);
  }
  return all;
}

function contentOf(args: string, result: number): Buffer {
  const parts = [...args.matchAll(/("[^"]*"(?:\.\.\.)?)/g)].map(([, quoted = '']) => bytesOf(quoted));
  return Buffer.concat(parts).subarray(0, result);
}

/** The bytes of one direction as one stream; for any place in it, the line of the call that carried it. */
export class Stream {
  readonly bytes: Buffer;
  readonly #ends: { readonly end: number; readonly at: number }[] = [];

  constructor(pieces: readonly Piece[]) {
    this.bytes = Buffer.concat(pieces.map(({ bytes }) => bytes));
    let end = 0;
    for (const { bytes, at } of pieces) {
      end += bytes.length;
      this.#ends.push({ end, at });
    }
  }

  at(offset: number): number {
    const found = this.#ends.find(({ end }) => offset < end);
    if (found === undefined) throw new RangeError(`byte ${offset} of ${this.bytes.length}`);
    return found.at;
  }
}
