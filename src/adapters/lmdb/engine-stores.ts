/** The engine's stores in one LMDB environment: one process writes them all, so one lock and one file serve them. */
import type { EpochSeals } from '../../crypto/epoch-seals.js';
import type { Seals } from '../../ports/seals.js';
import type { StateSealer } from '../sealed-state.js';
import { type BatchWriter, OwnWriter } from './batch-writer.js';
import { Environment } from './environment.js';
import { LmdbLedger } from './lmdb-ledger.js';
import { LmdbQuarantine, type QuarantineKeys } from './lmdb-quarantine.js';
import { LmdbRecentLog } from './lmdb-recent-log.js';
import { LmdbStates } from './lmdb-states.js';
import type { RowKeys } from './owned-rows.js';
import { ThreadWriter } from './thread-writer.js';

export interface EngineStores {
  readonly ledger: LmdbLedger;
  readonly states: LmdbStates;
  readonly quarantine: LmdbQuarantine;
  readonly recentLog: LmdbRecentLog;
  /** Of the states and the recent log, and for states elsewhere; closed beside them. */
  readonly writer: BatchWriter & StateSealer;
}

export interface EngineKeys<Hot extends Seals = Seals> extends RowKeys, QuarantineKeys {
  /** States and the recent log. */
  readonly hot: Hot;
  /** Whether an order of that pseudonym has keys; absent: they are opened to see. */
  readonly holds?: (name: string) => boolean;
}

/** Each store is closed by itself; the environment closes with the last of them. */
export function openEngineStores(folder: string, keys: EngineKeys): Promise<EngineStores> {
  const env = Environment.open(folder);
  return inside(env, keys, new OwnWriter(env, keys.hot));
}

/**
 * As `openEngineStores`, with states and recent log written on a thread of their own. `onDeath`: that thread is gone, and
 * nothing can be kept any more.
 */
export function openThreadedStores(
  folder: string,
  keys: EngineKeys<EpochSeals>,
  onDeath: (error: Error) => void,
): Promise<EngineStores> {
  const env = Environment.open(folder);
  return inside(env, keys, new ThreadWriter(env, keys.hot, onDeath));
}

async function inside(env: Environment, keys: EngineKeys, writer: EngineStores['writer']): Promise<EngineStores> {
  const states = new LmdbStates(env, keys.hot, writer);
  const quarantine = new LmdbQuarantine(env, keys);
  const recentLog = new LmdbRecentLog(env, keys.hot, writer);
  const holds = keys.holds ?? ((name: string) => keys.orders.sealsNamed(name) !== null);
  const ledger = await LmdbLedger.inside(env, { ...keys, atHand: { seals: keys.hot, holds } });
  return { ledger, states, quarantine, recentLog, writer };
}
