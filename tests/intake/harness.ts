/** A whole intake on real adapters: MQTT endpoint, LMDB registry, file journal; only the engine is a list. */
import type { Test } from 'tap';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { LmdbDeviceRegistry } from '../../src/adapters/lmdb/lmdb-device-registry.js';
import { LmdbDownlinks } from '../../src/adapters/lmdb/lmdb-downlinks.js';
import type { EndpointOptions } from '../../src/adapters/mqtt/endpoint-options.js';
import { SocketEndpoint } from '../../src/adapters/mqtt/socket-endpoint.js';
import { unwrapKey, wrapKey } from '../../src/crypto/device-keys.js';
import type { JournalEntry, PlacedEntry } from '../../src/domain/entry.js';
import { parseAgencyId } from '../../src/domain/ids.js';
import { Intake, type IntakeLimits, type IntakeOptions } from '../../src/intake/intake.js';
import type { RotationLimits } from '../../src/intake/key-rotation.js';
import type { EnrolledDevice } from '../../src/ports/device-registry.js';
import type { Downlinks } from '../../src/ports/downlinks.js';
import type { Journal } from '../../src/ports/journal.js';
import type { MqttEndpoint, MqttHandlers } from '../../src/ports/mqtt-endpoint.js';
import type { Telemetry } from '../../src/ports/telemetry.js';
import { AssignmentIndex } from '../../src/rules/assignments.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { TestDevice } from '../support/mqtt-device.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';

export const NOW_MS = Date.UTC(2026, 2, 2, 19);
export const KEK = Buffer.alloc(32, 3);

export interface TestIntake {
  readonly intake: Intake;
  readonly port: number;
  readonly device: TestDevice;
  readonly clock: { ms: number; nowMs(): number };
  readonly delivered: PlacedEntry[];
  readonly assignments: AssignmentIndex;
  readonly registry: LmdbDeviceRegistry;
  readonly journal: Journal;
  readonly downlinks: Downlinks;
  readonly telemetry: RecordingTelemetry;
  enrol(device: TestDevice, change?: Partial<EnrolledDevice>): Promise<void>;
  /** Everything durable, read back. */
  journalled(): Promise<JournalEntry[]>;
}

export interface TestIntakeOptions {
  readonly limits?: Partial<IntakeLimits>;
  readonly endpoint?: Partial<EndpointOptions>;
  readonly wrap?: (journal: Journal) => Pick<Journal, 'append'>;
  readonly unwrap?: (jwe: string) => Promise<Buffer>;
  readonly cipher?: 'A256GCM' | 'C20P';
  readonly acknowledge?: boolean;
  /** How far the engine has come; absent: as far as the journal. */
  readonly whenReached?: (position: number) => Promise<void>;
  /** In the place of the gateway's own endpoint. */
  readonly door?: (handlers: MqttHandlers, telemetry: Telemetry) => MqttEndpoint;
  /** When the tokens that agencies come with end. */
  readonly tokensEndMs?: () => number;
  readonly noteSignIn?: IntakeOptions['noteSignIn'];
  readonly rotation?: Partial<RotationLimits>;
  readonly wrapDownlinks?: (downlinks: Downlinks) => Downlinks;
  /** Before anything is opened. */
  readonly prepare?: (downlinks: Downlinks) => Promise<void>;
}

export async function testIntake(t: Test, options: TestIntakeOptions = {}): Promise<TestIntake> {
  const folder = await temporaryFolder();
  const telemetry = new RecordingTelemetry();
  const registry = LmdbDeviceRegistry.open(`${folder.path}/registry`, testSeals());
  const journal = await FileJournal.open({
    folder: `${folder.path}/journal`,
    seals: testSeals(),
    epoch: 1,
    telemetry,
  });
  const downlinks = LmdbDownlinks.open(`${folder.path}/downlinks`, testSeals());
  await options.prepare?.(downlinks);
  const clock = {
    ms: NOW_MS,
    nowMs() {
      return this.ms;
    },
  };
  const assignments = new AssignmentIndex();
  const delivered: PlacedEntry[] = [];
  const device = new TestDevice('TAG-1', options.cipher);
  const enrol = async (whom: TestDevice, change: Partial<EnrolledDevice> = {}): Promise<void> =>
    registry.put(await whom.enrolled(KEK, change));
  await enrol(device);
  const intake = new Intake({
    clock,
    registry,
    journal: options.wrap?.(journal) ?? journal,
    route: (deviceId, records) => assignments.route(deviceId, records),
    streamOf: (deviceId, atMs) => assignments.streamOf(deviceId, atMs),
    deliver: (entries) => delivered.push(...entries),
    ...(options.whenReached === undefined ? {} : { whenReached: options.whenReached }),
    endpoint: (handlers) =>
      options.door?.(handlers, telemetry) ??
      new SocketEndpoint(handlers, { probeMs: 20, answerMs: 500, ...options.endpoint }),
    telemetry,
    verifyAgencyToken: async (token) => {
      const parsed = parseAgencyId(token.replace(/^token of /, ''));
      return token.startsWith('token of ') && parsed.ok
        ? {
            user: 'ann',
            role: 'monitoring_officer',
            agency: parsed.value,
            expiresMs: options.tokensEndMs?.() ?? Infinity,
            readsAlerts: true,
          }
        : null;
    },
    noteSignIn: options.noteSignIn ?? (async () => {}),
    unwrap: options.unwrap ?? ((jwe) => unwrapKey(KEK, jwe)),
    down: {
      store: options.wrapDownlinks?.(downlinks) ?? downlinks,
      wrap: (key, kid) => wrapKey(KEK, key, kid),
      acknowledge: options.acknowledge ?? false,
      rotation: { sweepEveryMs: 0, ...options.rotation },
    },
    limits: {
      offenders: { free: 1_000, firstDelayMs: 1, delayMsMax: 1, halfLifeMs: 1, offendersMax: 10 },
      ...options.limits,
    },
  });
  const port = await intake.start('127.0.0.1', 0);
  t.teardown(async () => {
    await intake.stop();
    await journal.close();
    await registry.close();
    await downlinks.close();
    await folder.remove();
  });
  return {
    intake,
    port,
    device,
    clock,
    delivered,
    assignments,
    registry,
    journal,
    downlinks,
    telemetry,
    enrol,
    async journalled() {
      const entries: JournalEntry[] = [];
      for await (const { entry } of journal.read(1)) entries.push(entry);
      return entries;
    },
  };
}

/** A journal whose appends wait to be let through, or to be refused. */
export class HeldJournal {
  readonly #journal: Journal;
  readonly held: { readonly entries: readonly JournalEntry[]; release(): void; refuse(): void }[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  append(entries: readonly JournalEntry[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.held.push({
        entries,
        release: () => void this.#journal.append(entries).then(resolve, reject),
        refuse: () => reject(new Error('the disk is full')),
      });
    });
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
