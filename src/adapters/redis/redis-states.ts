/** Hot state in Redis: one hash a partition, one round trip a batch. */
import type { StreamKey } from '../../domain/ids.js';
import type { Seals } from '../../ports/seals.js';
import {
  type StateBatch,
  type StateBytes,
  StatesLost,
  type SubjectStates,
  Superseded,
} from '../../ports/subject-states.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { OwnSealer, openState, type StateSealer } from '../sealed-state.js';
import { RedisConnection } from './redis-connection.js';
import type { StateFunction } from './state-library.js';

export interface RedisStatesOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Which partition's states these are; part of the key, and one slot of a cluster. */
  readonly partition: string;
  readonly seals: Seals;
  /** Absent: states are sealed on this thread. */
  readonly sealer?: StateSealer;
  readonly telemetry: Telemetry;
}

const STATES_PER_CALL = 1_024;

export class RedisSubjectStates implements SubjectStates {
  readonly #redis: RedisConnection;
  readonly #seals: Seals;
  readonly #sealer: StateSealer;
  readonly #key: string;
  /** Where the content stood when this client last knew for certain; undefined: it has not looked yet. */
  #known: number | null | undefined;
  /** Position of a save whose answer has not come, or got lost: the content may stand there as well. */
  #attempted: number | null = null;

  private constructor(redis: RedisConnection, { seals, sealer, partition }: RedisStatesOptions) {
    this.#redis = redis;
    this.#seals = seals;
    this.#sealer = sealer ?? new OwnSealer(seals);
    this.#key = `fairwatch:{${partition}}:states`;
  }

  /** A Redis that does not answer yet is waited for in the background; until then every call throws `RedisAway`. */
  static async open(options: RedisStatesOptions): Promise<RedisSubjectStates> {
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(options.partition)) throw new RangeError(`partition "${options.partition}"`);
    const redis = await RedisConnection.open(options.url, options.telemetry);
    return new RedisSubjectStates(redis, options);
  }

  async claim(epoch: number): Promise<void> {
    this.#known = readPosition(await this.#call('claim', [String(epoch)]));
    this.#attempted = null;
  }

  async position(): Promise<number | null> {
    const [position] = (await this.#call('load', [])) as (Buffer | null)[];
    const found = readPosition(position);
    if (this.#known === undefined) this.#known = found;
    return found;
  }

  async *scan(): AsyncGenerator<readonly [StreamKey, StateBytes]> {
    const before = await this.position();
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.scanHash(this.#key, cursor, STATES_PER_CALL);
      cursor = next;
      for (let at = 0; at + 1 < found.length; at += 2) {
        const field = (found[at] as Buffer).toString('latin1');
        // a field may come twice while Redis resizes the hash: it is the same state both times
        if (!field.startsWith('@')) yield openState(this.#seals, field, found[at + 1] as Buffer);
      }
    } while (cursor !== '0');
    const after = await this.position();
    if (after !== before) throw new StatesLost(`the hot state moved from ${before} to ${after} while it was read`);
  }

  /** Throws `StatesLost` when the content is not where this client left it: a missing state would then mean nothing. */
  async load(keys: readonly StreamKey[]): Promise<(StateBytes | null)[]> {
    const states: (StateBytes | null)[] = [];
    for (const chunk of chunks(keys)) {
      const fields = chunk.map((key) => this.#seals.pseudonym(key));
      const [position, ...values] = (await this.#call('load', fields)) as (Buffer | null)[];
      this.#checkPosition(readPosition(position));
      for (const [index, value] of values.entries()) {
        states.push(value === null ? null : openState(this.#seals, fields[index] as string, value)[1]);
      }
    }
    return states;
  }

  async save(batch: StateBatch): Promise<void> {
    this.#attempted = batch.position;
    const head = [batch.epoch, batch.previousPosition, batch.position].map(String);
    const all = [...chunks([...batch.states])];
    const last = all.pop() ?? [];
    // the position goes alone with the last chunk, once every other one is known to be there
    const send = async (chunk: (typeof all)[number], isLast: boolean): Promise<void> => {
      await this.#call('save', [...head, isLast ? '1' : '0', bufferOf(await this.#sealer.sealed(chunk))]);
    };
    await Promise.all(all.map((chunk) => send(chunk, false)));
    await send(last, true);
    this.#known = batch.position;
  }

  async replaceAll(epoch: number, position: number, states: Iterable<readonly [StreamKey, StateBytes]>): Promise<void> {
    await this.#call('clear', [String(epoch)]);
    this.#known = null;
    this.#attempted = null;
    const head = [epoch, position].map(String);
    for (const chunk of chunks(states))
      await this.#call('fill', [...head, '0', bufferOf(await this.#sealer.sealed(chunk))]);
    await this.#call('fill', [...head, '1', NOTHING]);
    this.#known = position;
  }

  close(): Promise<void> {
    return this.#redis.close();
  }

  #checkPosition(found: number | null): void {
    if (this.#known === undefined || found === this.#known || (found !== null && found === this.#attempted)) return;
    throw new StatesLost(`the hot state in Redis stands at ${found ?? 'no position'}, not at ${this.#known}`);
  }

  async #call(name: StateFunction, args: readonly (string | Buffer)[]): Promise<unknown> {
    try {
      return await this.#redis.call(name, this.#key, args);
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      const held = message.slice(message.indexOf(' ') + 1);
      if (message.startsWith('SUPERSEDED ')) {
        throw new Superseded(
          `the hot state in Redis belongs to epoch ${held}: this process must stop. If the data folder was replaced, ` +
            `delete the key ${this.#key}; the state is then rebuilt`,
          { cause: error },
        );
      }
      if (message.startsWith('LOST ')) {
        throw new StatesLost(`the hot state in Redis stands at position ${held}: it was emptied or replaced`, {
          cause: error,
        });
      }
      throw error;
    }
  }
}

const NOTHING = Buffer.alloc(0);
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readPosition(value: unknown): number | null {
  return Buffer.isBuffer(value) ? Number(value.toString('latin1')) : null;
}

function* chunks<T>(items: Iterable<T>): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < STATES_PER_CALL) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
