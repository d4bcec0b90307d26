/** The demo's fleet: `simulate --from` in a process of its own, which says how far it is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { FleetEnd } from '../sim/fleet.js';
import type { FleetMessage } from './simulate.js';

export interface DemoFleetOptions {
  /** Folder with the files of the run. */
  readonly folder: string;
  readonly mqttUrl: string;
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly ackedLog: string;
  readonly onStep: (step: { atMs: number; sent: number; acked: number }) => void;
}

const MAIN = join(import.meta.dirname, '..', 'main.js');

export class DemoFleet {
  private child: ChildProcess | null = null;

  constructor(private readonly options: DemoFleetOptions) {}

  /** Resolves when the fleet has sent all, or was stopped; rejects when it failed. */
  run(): Promise<FleetEnd> {
    const { folder, mqttUrl, apiUrl, tokenFile, ackedLog } = this.options;
    const words = ['--from', folder, '--imported', '--mqtt', mqttUrl, '--api', apiUrl, '--token-file', tokenFile];
    const child = spawn(process.execPath, [MAIN, 'simulate', ...words, '--acked-log', ackedLog], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    this.child = child;
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2_000);
    });
    return new Promise((resolve, reject) => {
      let end: FleetEnd | null = null;
      child.on('message', (message: FleetMessage) => {
        if (message.kind === 'step') this.options.onStep(message);
        else if (message.kind === 'end') end = message;
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        this.child = null;
        if (end !== null) resolve(end);
        else reject(new Error(`the fleet stopped early (${signal ?? `exit code ${code}`}): ${complaint}`));
      });
    });
  }

  /** Asks it to stop after the moment that it is at. */
  stop(): void {
    this.child?.send('stop');
  }

  kill(): void {
    this.child?.kill('SIGKILL');
  }
}
