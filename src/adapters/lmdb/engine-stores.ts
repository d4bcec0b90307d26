/** The engine's stores in one LMDB environment: one process writes them all, so one lock and one file serve them. */
import type { Seals } from '../../ports/seals.js';
import { Environment } from './environment.js';
import { LmdbLedger } from './lmdb-ledger.js';
import { LmdbQuarantine, type QuarantineKeys } from './lmdb-quarantine.js';
import { LmdbRecentLog } from './lmdb-recent-log.js';
import { LmdbStates } from './lmdb-states.js';
import type { RowKeys } from './owned-rows.js';

export interface EngineStores {
  readonly ledger: LmdbLedger;
  readonly states: LmdbStates;
  readonly quarantine: LmdbQuarantine;
  readonly recentLog: LmdbRecentLog;
}

export interface EngineKeys extends RowKeys, QuarantineKeys {
  /** States and the recent log. */
  readonly hot: Seals;
}

/** Each store is closed by itself; the environment closes with the last of them. */
export async function openEngineStores(folder: string, keys: EngineKeys): Promise<EngineStores> {
  const env = Environment.open(folder);
  const states = new LmdbStates(env, keys.hot);
  const quarantine = new LmdbQuarantine(env, keys);
  const recentLog = new LmdbRecentLog(env, keys.hot);
  return { ledger: await LmdbLedger.inside(env, keys), states, quarantine, recentLog };
}
