/** The quarantine's databases and labels, for whoever keeps and whoever reads. */
import { parseDeviceId } from '../../domain/ids.js';
import type { QuarantineLabel, QuarantineList } from '../../ports/quarantine.js';
import type { Seals } from '../../ports/seals.js';
import { type Db, type Environment, rows } from './environment.js';

export const PAYLOADS = 'quarantine-payloads';
const LABELS = 'quarantine';
export const KEY_ID_BYTES = 16;

export class QuarantineLabels implements QuarantineList {
  /** Position → sealed reason, device, arrival, size; a list opens these alone. */
  protected readonly labels: Db<number>;
  /** Position → id of the key (16 bytes) and sealed payload. */
  protected readonly payloads: Db<number>;
  /** Id of a key → when it was made (8 bytes) and the key, wrapped for the reader. */
  protected readonly keys: Db<string>;

  /** In an environment that is shared with the engine's other stores. */
  constructor(
    protected readonly env: Environment,
    protected readonly shared: Seals,
  ) {
    env.enter();
    this.labels = env.db(LABELS);
    this.payloads = env.db(PAYLOADS);
    this.keys = env.db('quarantine-keys');
  }

  *list(): Generator<QuarantineLabel> {
    for (const { key, value } of rows(this.labels)) yield this.openLabel(key, value);
  }

  size(): number {
    return this.labels.getKeysCount({});
  }

  close(): Promise<void> {
    return this.env.leave();
  }

  protected sealLabel(label: QuarantineLabel): Buffer {
    return this.shared.seal(LABELS, String(label.position), Buffer.from(JSON.stringify(label)));
  }

  protected openLabel(position: number, sealed: Uint8Array): QuarantineLabel {
    const label = JSON.parse(this.shared.open(LABELS, String(position), sealed).toString()) as QuarantineLabel;
    const deviceId = parseDeviceId(label.deviceId);
    if (!deviceId.ok) throw new Error(`the quarantine's row ${position} names no device: ${deviceId.fault}`);
    return { ...label, deviceId: deviceId.value };
  }
}
