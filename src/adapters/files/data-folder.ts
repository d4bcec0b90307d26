/** What lies where under DATA_DIR. Keys lie in the vault, elsewhere. */
import { join } from 'node:path';

export interface DataFolder {
  readonly journal: string;
  /** Ledger, states, recent log and quarantine: written by the engine alone. */
  readonly engine: string;
  /** Cold segments: written by the engine, read by the review service. */
  readonly archive: string;
  /** The command log: written by the API and the command line. */
  readonly commands: string;
  readonly devices: string;
  readonly downlinks: string;
  /** The API's own: its lock. */
  readonly api: string;
  /** How far the agencies' topics have been told. */
  readonly topicsBookmark: string;
}

export function dataFolder(dataDir: string): DataFolder {
  return {
    journal: join(dataDir, 'journal'),
    engine: join(dataDir, 'engine'),
    archive: join(dataDir, 'archive'),
    commands: join(dataDir, 'commands'),
    devices: join(dataDir, 'devices'),
    downlinks: join(dataDir, 'downlinks'),
    api: join(dataDir, 'api'),
    topicsBookmark: join(dataDir, 'topics.place'),
  };
}
