/** One connection to Redis that fails at once while Redis is away, says so plainly, and comes back by itself. */
import { Redis } from 'ioredis';
import type { Telemetry } from '../../ports/telemetry.js';
import { functionName, STATE_LIBRARY, type StateFunction } from './state-library.js';

/** Redis did not answer, or not in time: whether it did what was asked is not known. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway';
}

const COMMAND_TIMEOUT_MS = 5_000;
const RETRY_MS_MAX = 1_000;

export class RedisConnection {
  readonly #redis: Redis;
  readonly #telemetry: Telemetry;
  /** host:port, for messages; the URL itself may hold a password. */
  readonly #where: string;
  #up = false;
  #reason = 'not connected yet';

  private constructor(url: string, telemetry: Telemetry) {
    const { hostname, port } = new URL(url);
    this.#where = `${hostname}:${port || 6379}`;
    this.#telemetry = telemetry;
    this.#redis = new Redis(url, {
      lazyConnect: true,
      // a commit that waits in a queue, or is sent twice behind our back, is no commit
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: COMMAND_TIMEOUT_MS,
      retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), RETRY_MS_MAX),
    });
    this.#redis.on('error', (error: Error) => {
      this.#reason = reasonOf(error);
    });
    this.#redis.on('ready', () => this.#turned(true));
    this.#redis.on('close', () => this.#turned(false));
  }

  /**
   * Connects and loads the functions. A Redis that does not answer is waited for in the background, for it holds
   * nothing that cannot be rebuilt, and a gateway that will not start protects nobody. Throws what Redis itself refused
   * (a wrong password, a version without functions).
   */
  static async open(url: string, telemetry: Telemetry): Promise<RedisConnection> {
    const connection = new RedisConnection(url, telemetry);
    try {
      await connection.#redis.connect();
      await connection.#loadLibrary();
      await connection.#warnOfEviction();
    } catch (error) {
      const explained = connection.#explain(error);
      if (!(explained instanceof RedisAway)) {
        connection.#redis.disconnect();
        throw explained;
      }
      telemetry.gauge('fairwatch_redis_up', 0);
      telemetry.log('warn', 'redis_away_at_start', { at: connection.#where });
    }
    return connection;
  }

  /** Calls a function of the library, loading it again where a restart or `FUNCTION FLUSH` has dropped it. */
  async call(name: StateFunction, key: string, args: readonly (string | Buffer)[]): Promise<unknown> {
    const call = () => this.#redis.callBuffer('FCALL', functionName(name), '1', key, ...args);
    try {
      return await call().catch(async (error: unknown) => {
        // nothing ran, so asking again does nothing twice
        if (!(error instanceof Error && /Function not found/i.test(error.message))) throw error;
        await this.#loadLibrary();
        return call();
      });
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** One step of a scan over a hash: the next cursor (`0`: done), then field, value, field, value … */
  async scanHash(key: string, cursor: string, count: number): Promise<[cursor: string, found: Buffer[]]> {
    try {
      const [next, found] = await this.#redis.hscanBuffer(key, cursor, 'COUNT', count);
      return [next.toString(), found];
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async close(): Promise<void> {
    if (this.#redis.status === 'ready') await this.#redis.quit().catch(() => {});
    this.#redis.disconnect();
  }

  async #loadLibrary(): Promise<void> {
    await this.#redis.call('FUNCTION', 'LOAD', 'REPLACE', STATE_LIBRARY);
    this.#telemetry.log('info', 'redis_functions_loaded');
  }

  /** Evicted states are rebuilt, so nothing is lost; but a Redis that evicts them all the time is of no use. */
  async #warnOfEviction(): Promise<void> {
    const answer = await this.#redis.config('GET', 'maxmemory-policy').catch(() => null);
    const policy = Array.isArray(answer) ? String(answer[1]) : 'unknown';
    if (policy !== 'noeviction' && policy !== 'unknown') this.#telemetry.log('warn', 'redis_may_evict', { policy });
  }

  #turned(up: boolean): void {
    this.#telemetry.gauge('fairwatch_redis_up', up ? 1 : 0);
    if (up === this.#up) return;
    this.#up = up;
    this.#telemetry.log(up ? 'info' : 'warn', up ? 'redis_connected' : 'redis_lost', { at: this.#where });
  }

  /** What Redis itself answered is passed on; anything else means that it did not answer. */
  #explain(error: unknown): Error {
    if (!(error instanceof Error)) return new Error(String(error));
    const refusedByRedis =
      error.name === 'ReplyError' && !/^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN)/.test(error.message);
    if (refusedByRedis) {
      const refused = /^(SUPERSEDED|LOST) /.test(error.message);
      return refused ? error : new Error(`Redis at ${this.#where} refused: ${error.message}`, { cause: error });
    }
    const reason = /enableOfflineQueue|Connection is closed/.test(error.message) ? this.#reason : reasonOf(error);
    return new RedisAway(
      `Redis at ${this.#where} does not answer (${reason}): start it, or correct REDIS_URL; it is tried again by itself`,
      { cause: error },
    );
  }
}

function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
