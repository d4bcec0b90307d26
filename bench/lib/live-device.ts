/** One device beside what is measured: says something many times a second, and how late it is acknowledged. */
import type { DeviceRecord } from '../../src/domain/record.js';
import type { GatewayApi } from '../../src/sim/gateway-api.js';
import { loadOrder, loadPerson } from '../../src/sim/load-people.js';
import { MqttDevice, parseMqttUrl } from '../../src/sim/mqtt-device.js';
import { heartbeatBody } from '../../src/sim/report.js';
import { Sealer } from '../../src/sim/sealer.js';

const EVERY_MS = 20;
/** More reports than it makes, a millisecond each. */
const AHEAD_MS = 60_000;
/** As many as a connection may have. */
const IN_FLIGHT_MAX = 60;

export class LiveDevice {
  readonly #device: MqttDevice;
  readonly #sealer: Sealer;
  /** By packet id: when it was meant to leave. */
  readonly #sentMs = new Map<number, number>();
  /** What could not leave yet, the clock running. */
  readonly #waitingMs: number[] = [];
  #waits: number[] = [];
  #sequence = 0;
  #timer: NodeJS.Timeout | null = null;

  private constructor(
    mqttUrl: string,
    person: ReturnType<typeof loadPerson>,
    /** What the gateway's clock says, about. */
    private readonly nowMs: () => number,
  ) {
    const { device } = person;
    this.#sealer = new Sealer(device);
    this.#device = new MqttDevice({
      address: parseMqttUrl(mqttUrl),
      deviceId: device.device_id,
      password: device.password,
      onAck: (id) => this.#acked(id),
      onClose: (reason) => {
        if (this.#timer !== null) throw new Error(`the live device lost its connection: ${reason}`);
      },
    });
  }

  static async begin(api: GatewayApi, mqttUrl: string, nowMs: () => number): Promise<LiveDevice> {
    const person = loadPerson('LIVE', 0, 'tag');
    await api.putOrder(person.orderId, loadOrder(person, nowMs() - 3_600_000, null));
    await api.enrol(person.device);
    const live = new LiveDevice(mqttUrl, person, nowMs);
    await live.#device.connect();
    live.#timer = setInterval(() => {
      live.#waitingMs.push(performance.now());
      live.#flush();
    }, EVERY_MS);
    return live;
  }

  /** How late each was acknowledged since this was asked last, ms; one that waits still counts with what it has waited. */
  takeWaits(): number[] {
    const now = performance.now();
    const open = [...this.#sentMs.values(), ...this.#waitingMs].map((sentMs) => now - sentMs);
    const waits = [...this.#waits, ...open];
    this.#waits = [];
    return waits;
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#device.close();
  }

  #flush(): void {
    while (this.#sentMs.size < IN_FLIGHT_MAX && this.#device.connected) {
      const meantMs = this.#waitingMs.shift();
      if (meantMs === undefined) return;
      this.#sequence += 1;
      // a clock that stands still: its reports must follow each other all the same
      const record: DeviceRecord = {
        timeMs: this.nowMs() - AHEAD_MS + this.#sequence,
        hash: '',
        body: heartbeatBody(this.#sequence),
      };
      const upload = { sequence: BigInt(this.#sequence), oldestHeld: 0n, records: [record] };
      this.#sentMs.set(this.#device.publish(this.#sealer.seal(upload)), meantMs);
    }
  }

  #acked(id: number): void {
    const meantMs = this.#sentMs.get(id);
    this.#sentMs.delete(id);
    if (meantMs !== undefined) this.#waits.push(performance.now() - meantMs);
    this.#flush();
  }
}
