/**
 * Sends a schedule of uploads as it stands, whether or not the server keeps up: a slow answer does not slow the
 * schedule, and every latency counts from the moment at which the upload was meant to leave.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadPerson } from './load-people.js';
import { type MqttAddress, MqttDevice } from './mqtt-device.js';

/** Un-acknowledged uploads of one connection; at the bound they wait in their device, the clock running. */
export const IN_FLIGHT_MAX = 64;
const IDS_MASK = 127;
const RECONNECT_MS = 250;

export interface OpenLoopUploads {
  readonly senders: Int32Array;
  /** Intended, ms from the start. */
  readonly timesMs: Float64Array;
  readonly payloads: readonly Buffer[];
}

/** One connection: what it has sent and what waits, both in order. */
class Lane {
  private readonly connection: MqttDevice;
  /** Uploads sent and not acknowledged, oldest first, and those that wait. */
  private inFlight: number[] = [];
  private waiting: number[] = [];
  private readonly slotOfId = new Int32Array(IDS_MASK + 1).fill(-1);
  private closing = false;

  constructor(
    address: MqttAddress,
    person: LoadPerson,
    private readonly run: OpenLoop,
  ) {
    this.connection = new MqttDevice({
      address,
      deviceId: person.device.device_id,
      password: person.device.password,
      onAck: (packetId) => this.acked(packetId),
      onClose: (reason) => void this.lost(reason),
    });
  }

  connect(): Promise<void> {
    return this.connection.connect();
  }

  send(index: number): void {
    this.waiting.push(index);
    this.flush();
  }

  close(): void {
    this.closing = true;
    this.connection.close();
  }

  private flush(again = false): void {
    while (this.connection.connected && this.waiting.length > 0 && this.inFlight.length < IN_FLIGHT_MAX) {
      const index = this.waiting.shift() as number;
      const packetId = this.connection.publish(this.run.uploads.payloads[index] as Buffer, again);
      this.slotOfId[packetId & IDS_MASK] = index;
      this.inFlight.push(index);
    }
  }

  private acked(packetId: number): void {
    const index = this.slotOfId[packetId & IDS_MASK] as number;
    // acknowledgements come in order (§4.6)
    if (this.inFlight[0] !== index) throw new Error(`an acknowledgement out of order: packet ${packetId}`);
    this.inFlight.shift();
    this.run.onAck(index);
    this.flush();
  }

  /** What was not acknowledged is sent again, byte for byte, before anything newer. */
  private async lost(reason: string): Promise<void> {
    if (this.closing) return;
    this.run.onLost(reason);
    this.waiting = [...this.inFlight, ...this.waiting];
    this.inFlight = [];
    while (!this.closing) {
      try {
        await sleep(RECONNECT_MS);
        await this.connection.connect();
        this.flush(true);
        return;
      } catch {
        // not there yet
      }
    }
  }
}

export class OpenLoop {
  private readonly lanes: Lane[];
  /** Wall-clock time of each acknowledgement, epoch ms; 0: none yet. */
  readonly ackedAtMs: Float64Array;
  acked = 0;
  sent = 0;
  connectionsLost = 0;
  lastReason = '';

  constructor(
    address: MqttAddress,
    people: readonly LoadPerson[],
    readonly uploads: OpenLoopUploads,
    private readonly onAcked: (index: number) => void,
  ) {
    this.ackedAtMs = new Float64Array(uploads.timesMs.length);
    this.lanes = people.map((person) => new Lane(address, person, this));
  }

  async connectAll(many: number): Promise<void> {
    let next = 0;
    const workers = Array.from({ length: Math.min(many, this.lanes.length) }, async () => {
      while (next < this.lanes.length) await this.lanes[next++]?.connect();
    });
    await Promise.all(workers);
  }

  /** Resolves when the last upload of the schedule has been handed over. `startMs`: epoch ms of the schedule's zero. */
  async send(startMs: number): Promise<void> {
    const { senders, timesMs } = this.uploads;
    let next = 0;
    while (next < timesMs.length) {
      const elapsedMs = nowMs() - startMs;
      while (next < timesMs.length && (timesMs[next] as number) <= elapsedMs) {
        this.sent++;
        this.lanes[senders[next] as number]?.send(next);
        next++;
      }
      if (next < timesMs.length) await sleep(1);
    }
  }

  /** True when everything was acknowledged within the time. */
  async awaitAcks(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (this.acked < this.sent && performance.now() < deadline) await sleep(20);
    return this.acked === this.sent;
  }

  close(): void {
    for (const lane of this.lanes) lane.close();
  }

  onAck(index: number): void {
    if (this.ackedAtMs[index] === 0) {
      this.ackedAtMs[index] = nowMs();
      this.acked++;
      this.onAcked(index);
    }
  }

  onLost(reason: string): void {
    this.connectionsLost++;
    this.lastReason = reason;
  }
}

/** Epoch ms with fractions, from the monotonic clock: a step of the wall clock does not bend the schedule. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
