/** A simulated run as files: what `orders import`, `zones import`, `replay` and the fleet read, and the truth beside it. */
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseUploadLine, uploadLine } from '../codec/upload-json.js';
import type { DeviceId } from '../domain/ids.js';
import type { Upload } from '../domain/record.js';
import type { OrderPlan, ZoneFeature } from './order-plan.js';
import { uploadOf } from './report.js';
import { type TruthItem, truthLine } from './truth.js';
import type { SimulatedDevice, World } from './world.js';

export const FILES = {
  orders: 'orders.ndjson',
  zones: 'zones.json',
  devices: 'devices.json',
  records: 'records.ndjson',
  truth: 'truth.ndjson',
} as const;

/** Resolves when everything, the truth too, is on disk: no message may leave before. */
export async function writeWorld(folder: string, world: World, truth: readonly TruthItem[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeLines(
    folder,
    FILES.orders,
    world.orders.map((order) => JSON.stringify(order)),
  );
  await writeLines(folder, FILES.zones, [
    JSON.stringify({ type: 'FeatureCollection', features: world.zones }, null, 1),
  ]);
  await writeLines(folder, FILES.devices, [JSON.stringify(world.devices, null, 1)]);
  await writeLines(folder, FILES.records, recordLines(world));
  await writeLines(folder, FILES.truth, truth.map(truthLine));
}

function* recordLines(world: World): Iterable<string> {
  for (const report of world.reports) {
    yield uploadLine({
      deviceId: report.deviceId as DeviceId,
      receivedMs: report.timeMs,
      // each device sends its uploads one after the other: the one it sends is the lowest it still holds
      upload: uploadOf(report, report.sequence),
    });
  }
}

async function writeLines(folder: string, name: string, lines: Iterable<string>): Promise<void> {
  const file = await open(join(folder, name), 'w', name === FILES.devices ? 0o600 : 0o644);
  try {
    await writeAll(file, lines);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, lines: Iterable<string>): Promise<void> {
  let held: string[] = [];
  for (const line of lines) {
    held.push(`${line}\n`);
    if (held.length < 4_096) continue;
    await file.write(held.join(''));
    held = [];
  }
  await file.write(held.join(''));
}

export interface PlannedUpload {
  readonly deviceId: string;
  readonly orderId: string;
  readonly upload: Upload;
}

/** What is sent at one moment: a queue a person, each in event order. */
export interface FleetStep {
  readonly atMs: number;
  readonly queues: readonly (readonly PlannedUpload[])[];
}

export interface FleetFiles {
  readonly orders: readonly OrderPlan[];
  readonly zones: readonly ZoneFeature[];
  readonly devices: readonly SimulatedDevice[];
  readonly steps: readonly FleetStep[];
}

/** Reads back what `writeWorld` wrote (the truth excepted: a fleet does not know it). */
export async function readFleet(folder: string): Promise<FleetFiles> {
  const lines = async (name: string): Promise<string[]> =>
    (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line !== '');
  const orders = (await lines(FILES.orders)).map((line) => JSON.parse(line) as OrderPlan);
  const zones = JSON.parse(await readFile(join(folder, FILES.zones), 'utf8')) as { features: ZoneFeature[] };
  const devices = JSON.parse(await readFile(join(folder, FILES.devices), 'utf8')) as SimulatedDevice[];
  const orderOf = new Map(orders.flatMap((order) => order.devices.map((each) => [each.device_id, order.order_id])));
  const moments = new Map<number, Map<string, PlannedUpload[]>>();
  for await (const line of createInterface({ input: createReadStream(join(folder, FILES.records)) })) {
    const parsed = parseUploadLine(JSON.parse(line));
    if (!parsed.ok) throw new Error(`${FILES.records}: ${parsed.fault}`);
    const { deviceId, receivedMs, upload } = parsed.value;
    const orderId = orderOf.get(deviceId) ?? deviceId;
    const queues = moments.get(receivedMs) ?? new Map<string, PlannedUpload[]>();
    moments.set(receivedMs, queues);
    queues.set(orderId, [...(queues.get(orderId) ?? []), { deviceId, orderId, upload }]);
  }
  const steps = [...moments]
    .sort((a, b) => a[0] - b[0])
    .map(([atMs, queues]) => ({ atMs, queues: [...queues.values()] }));
  return { orders, zones: zones.features, devices, steps };
}
