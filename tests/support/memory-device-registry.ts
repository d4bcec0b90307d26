/** A device registry in memory. */
import type { DeviceId } from '../../src/domain/ids.js';
import type { DeviceRegistry, EnrolledDevice } from '../../src/ports/device-registry.js';

/** What outlives every client. */
export class RegistryContent {
  readonly devices = new Map<DeviceId, EnrolledDevice>();
  readonly listeners = new Set<(deviceId: DeviceId) => void>();
}

export class MemoryDeviceRegistry implements DeviceRegistry {
  readonly #content: RegistryContent;

  constructor(content: RegistryContent) {
    this.#content = content;
  }

  get(deviceId: DeviceId): EnrolledDevice | null {
    return this.#content.devices.get(deviceId) ?? null;
  }

  list(): Iterable<EnrolledDevice> {
    return [...this.#content.devices.values()];
  }

  async put(device: EnrolledDevice): Promise<void> {
    this.#content.devices.set(device.deviceId, device);
    for (const listener of [...this.#content.listeners]) listener(device.deviceId);
  }

  async update(deviceId: DeviceId, change: (device: EnrolledDevice) => EnrolledDevice): Promise<EnrolledDevice | null> {
    const before = this.get(deviceId);
    if (before === null) return null;
    const after = change(before);
    if (after !== before) await this.put(after);
    return after;
  }

  onChange(listener: (deviceId: DeviceId) => void): () => void {
    this.#content.listeners.add(listener);
    return () => this.#content.listeners.delete(listener);
  }

  async close(): Promise<void> {}
}
