/** People with one open alert each, put in through the front door: orders over HTTP, a cut strap over MQTT. */
import { readFile } from 'node:fs/promises';
import { GatewayApi, inParallel } from '../../src/sim/gateway-api.js';
import { type LoadPerson, loadOrder, loadPerson } from '../../src/sim/load-people.js';
import { type MqttAddress, MqttDevice, parseMqttUrl } from '../../src/sim/mqtt-device.js';
import { tagBody } from '../../src/sim/report.js';
import { Sealer } from '../../src/sim/sealer.js';
import type { RunningGateway } from './gateway.js';

export type Doors = Pick<RunningGateway, 'mqttUrl' | 'apiUrl' | 'tokenFile'>;

const AT_ONCE = 64;
const ORDER_BEFORE_MS = 10_000;

/** Their orders and devices are known when it resolves. People are numbered from `from`. */
export async function putPeople(doors: Doors, prefix: string, from: number, count: number): Promise<LoadPerson[]> {
  const token = async () => (await readFile(doors.tokenFile, 'utf8')).trim();
  const api = new GatewayApi({ url: doors.apiUrl, token });
  const people = Array.from({ length: count }, (_, i) => loadPerson(prefix, from + i, 'strap'));
  const startMs = Date.now() - ORDER_BEFORE_MS;
  await inParallel(people, AT_ONCE, (person) => api.putOrder(person.orderId, loadOrder(person, startMs, null)));
  await inParallel(people, AT_ONCE, ({ device }) => api.enrol(device));
  api.close();
  return people;
}

/** Every tag says that its strap was cut; each upload is acknowledged when it resolves. */
export async function cutStraps({ mqttUrl }: Doors, people: readonly LoadPerson[]): Promise<void> {
  const address = parseMqttUrl(mqttUrl);
  await inParallel(people, AT_ONCE, async (person) => {
    const device = await StrapDevice.connected(address, person);
    await device.cut();
    device.close();
  });
}

/** A tag that has one thing to say. */
export class StrapDevice {
  readonly person: LoadPerson;
  readonly #device: MqttDevice;
  #acked: () => void = () => {};

  private constructor(address: MqttAddress, person: LoadPerson) {
    this.person = person;
    this.#device = new MqttDevice({
      address,
      deviceId: person.device.device_id,
      password: person.device.password,
      onAck: () => this.#acked(),
      onClose: () => {},
    });
  }

  static async connected(address: MqttAddress, person: LoadPerson): Promise<StrapDevice> {
    const device = new StrapDevice(address, person);
    await device.#device.connect();
    return device;
  }

  /** Resolves when it is acknowledged. */
  async cut(): Promise<void> {
    const records = [{ timeMs: Date.now(), hash: '', body: tagBody(['STRAP_TAMPER_START']) }];
    const payload = new Sealer(this.person.device).seal({ sequence: 1n, oldestHeld: 1n, records });
    const acked = new Promise<void>((resolve) => {
      this.#acked = resolve;
    });
    this.#device.publish(payload);
    await acked;
  }

  close(): void {
    this.#device.close();
  }
}
