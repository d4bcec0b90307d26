/** A device of the fleet: sends one upload at a time and keeps it, byte for byte, until it is acknowledged. */
import type { Upload } from '../domain/record.js';
import { type MqttAddress, MqttDevice } from './mqtt-device.js';
import { formOf, Sealer } from './sealer.js';
import type { SimulatedDevice } from './world.js';

/** The connection ended before the upload was acknowledged; it is kept. */
export class NotAcknowledged extends Error {
  override readonly name = 'NotAcknowledged';
}

const ACK_WITHIN_MS = 60_000;

interface Held {
  readonly upload: Upload;
  readonly payload: Buffer;
}

export class FleetDevice {
  private readonly sealer: Sealer;
  private readonly connection: MqttDevice;
  private held: Held | null = null;
  private waiting: { packetId: number; settle: (error: Error | null) => void } | null = null;

  constructor(address: MqttAddress, device: SimulatedDevice) {
    this.sealer = new Sealer(device, formOf(device.device_id));
    this.connection = new MqttDevice({
      address,
      deviceId: device.device_id,
      password: device.password,
      onAck: (packetId) => {
        if (this.waiting?.packetId === packetId) this.waiting.settle(null);
      },
      onClose: (reason) => this.waiting?.settle(new NotAcknowledged(reason)),
    });
  }

  async connect(): Promise<void> {
    if (!this.connection.connected) await this.connection.connect();
  }

  /** Resolves when the upload is acknowledged. Called again with the same upload after a failure, it sends the same bytes. */
  async send(upload: Upload): Promise<void> {
    const again = this.held?.upload === upload;
    const held = this.held !== null && again ? this.held : { upload, payload: this.sealer.seal(upload) };
    this.held = held;
    await this.connect();
    await new Promise<void>((resolve, reject) => {
      const patience = setTimeout(() => {
        this.waiting?.settle(new NotAcknowledged(`no PUBACK within ${ACK_WITHIN_MS / 1_000} s`));
        this.connection.close();
      }, ACK_WITHIN_MS);
      const settle = (error: Error | null): void => {
        clearTimeout(patience);
        this.waiting = null;
        if (error === null) resolve();
        else reject(error);
      };
      this.waiting = { packetId: this.connection.publish(held.payload, again), settle };
    });
    this.held = null;
  }

  ping(): void {
    if (this.connection.connected) this.connection.ping();
  }

  close(): void {
    this.connection.close();
  }
}
