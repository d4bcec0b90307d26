/**
 * Sends a simulated run to a gateway with a stepped clock: time moves on, the devices speak, and only when all of it
 * is acknowledged does time move on again. Survives a gateway that dies and comes back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetDevice } from './fleet-device.js';
import { type GatewayApi, inParallel } from './gateway-api.js';
import type { MqttAddress } from './mqtt-device.js';
import type { FleetFiles, FleetStep, PlannedUpload } from './world-files.js';

export interface FleetProgress {
  readonly atMs: number;
  readonly sent: number;
  readonly acked: number;
}

export interface FleetOptions {
  readonly files: FleetFiles;
  readonly mqtt: MqttAddress;
  readonly api: GatewayApi;
  /** Called with each upload that was acknowledged, in order. */
  readonly onAcked: (deviceId: string, sequence: bigint) => void;
  readonly onStep: (progress: FleetProgress) => void;
  readonly onTrouble: (reason: string) => void;
  /** Asked before each step; true: stop here. */
  readonly shouldStop: () => boolean;
}

/** Time that passes after the last report: longer than a gateway holds its timers after a restart (120 s). */
export const SETTLE_MS = 150_000;
const CONNECT_AT_ONCE = 64;
const RETRY_MS = 200;
const PING_EVERY_MS = 60_000;
/** A gateway that does not come back for this long ends the run. */
const GIVE_UP_AFTER_MS = 60_000;

export interface FleetEnd {
  /** Reports up to and at this moment were sent and acknowledged. */
  readonly reportsToMs: number;
  /** Records and timers up to and at this moment count. */
  readonly atMs: number;
  readonly acked: number;
}

export async function runFleet(options: FleetOptions): Promise<FleetEnd> {
  const devices = new Map(
    options.files.devices.map((device) => [device.device_id, new FleetDevice(options.mqtt, device)]),
  );
  const run = new FleetRun(options, devices);
  const pinging = setInterval(() => {
    for (const device of devices.values()) device.ping();
  }, PING_EVERY_MS);
  try {
    return await run.all();
  } finally {
    clearInterval(pinging);
    for (const device of devices.values()) device.close();
  }
}

class FleetRun {
  private sent = 0;
  private acked = 0;

  constructor(
    private readonly options: FleetOptions,
    private readonly devices: ReadonlyMap<string, FleetDevice>,
  ) {}

  async all(): Promise<FleetEnd> {
    await this.throughTrouble(() => this.connectAll());
    let reportsToMs = (this.options.files.steps[0]?.atMs ?? 1) - 1;
    for (const step of this.options.files.steps) {
      if (this.options.shouldStop()) break;
      await this.step(step);
      reportsToMs = step.atMs;
      this.options.onStep({ atMs: step.atMs, sent: this.sent, acked: this.acked });
    }
    const atMs = reportsToMs + SETTLE_MS;
    // timers due at a moment fire when time moves past it
    await this.throughTrouble(() => this.options.api.moveClock(atMs + 1));
    return { reportsToMs, atMs, acked: this.acked };
  }

  private async connectAll(): Promise<void> {
    await inParallel([...this.devices.values()], CONNECT_AT_ONCE, (device) => device.connect());
  }

  private async step(step: FleetStep): Promise<void> {
    const left = step.queues.map((queue) => [...queue]);
    await this.throughTrouble(async () => {
      // a gateway that was restarted goes by the time of its journal until it is told
      await this.options.api.moveClock(step.atMs);
      const outcomes = await Promise.allSettled(left.map((queue) => this.drain(queue)));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    });
  }

  /** One person's uploads, each after the one before is acknowledged. */
  private async drain(queue: PlannedUpload[]): Promise<void> {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const device = this.devices.get(next.deviceId);
      if (device === undefined) throw new Error(`no keys for ${next.deviceId}`);
      this.sent++;
      await device.send(next.upload);
      this.acked++;
      this.options.onAcked(next.deviceId, next.upload.sequence);
      queue.shift();
    }
  }

  /** Does it until it works: the gateway may be killed at any moment, and comes back on the same ports. */
  private async throughTrouble(work: () => Promise<void>): Promise<void> {
    let since: number | null = null;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const now = performance.now();
        since ??= now;
        if (now - since > GIVE_UP_AFTER_MS) throw error;
        this.options.onTrouble(error instanceof Error ? error.message : String(error));
        await sleep(RETRY_MS);
        await this.untilAnswering(now + GIVE_UP_AFTER_MS);
      }
    }
  }

  private async untilAnswering(deadline: number): Promise<void> {
    for (;;) {
      try {
        await this.options.api.clockMs();
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(RETRY_MS);
      }
    }
  }
}
