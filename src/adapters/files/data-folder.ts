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
  /** Who signed in at the alert topics: written by intake, read by the review service. */
  readonly signIns: string;
  /** The API's own: its lock. */
  readonly api: string;
  /** How far they are in the audit log. */
  readonly signInsBookmark: string;
  /** How far the agencies' topics have been told. */
  readonly topicsBookmark: string;
  /** What the process that takes in and judges says of itself. */
  readonly pipelineStatus: string;
}

export function dataFolder(dataDir: string): DataFolder {
  return {
    journal: join(dataDir, 'journal'),
    engine: join(dataDir, 'engine'),
    archive: join(dataDir, 'archive'),
    commands: join(dataDir, 'commands'),
    devices: join(dataDir, 'devices'),
    downlinks: join(dataDir, 'downlinks'),
    signIns: join(dataDir, 'sign-ins'),
    api: join(dataDir, 'api'),
    signInsBookmark: join(dataDir, 'sign-ins.place'),
    topicsBookmark: join(dataDir, 'topics.place'),
    pipelineStatus: join(dataDir, 'pipeline.status'),
  };
}
