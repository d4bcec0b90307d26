/** The engine's stores in one LMDB environment: one process writes them all, so one lock and one file serve them. */
import type { Seals } from '../../ports/seals.js';
import { Environment } from './environment.js';
import { LmdbLedger } from './lmdb-ledger.js';
import { LmdbQuarantine } from './lmdb-quarantine.js';
import { LmdbRecentLog } from './lmdb-recent-log.js';
import { LmdbStates } from './lmdb-states.js';

export interface EngineStores {
  readonly ledger: LmdbLedger;
  readonly states: LmdbStates;
  readonly quarantine: LmdbQuarantine;
  readonly recentLog: LmdbRecentLog;
}

/** Each store is closed by itself; the environment closes with the last of them. */
export async function openEngineStores(folder: string, seals: Seals): Promise<EngineStores> {
  const env = Environment.open(folder);
  const states = new LmdbStates(env, seals);
  const quarantine = new LmdbQuarantine(env, seals);
  const recentLog = new LmdbRecentLog(env, seals);
  return { ledger: await LmdbLedger.inside(env, seals), states, quarantine, recentLog };
}
