/** Every store on disk behind two questions: is the nth thing taken, and is it there. */
import { generateKeyPairSync } from 'node:crypto';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { LmdbArchive } from '../../src/adapters/lmdb/lmdb-archive.js';
import { LmdbCommandLog } from '../../src/adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../../src/adapters/lmdb/lmdb-device-registry.js';
import { LmdbDownlinks } from '../../src/adapters/lmdb/lmdb-downlinks.js';
import { LmdbLedger } from '../../src/adapters/lmdb/lmdb-ledger.js';
import { LmdbQuarantine } from '../../src/adapters/lmdb/lmdb-quarantine.js';
import { LmdbRecentLog } from '../../src/adapters/lmdb/lmdb-recent-log.js';
import { LmdbRegister } from '../../src/adapters/lmdb/lmdb-register.js';
import { LmdbSignIns } from '../../src/adapters/lmdb/lmdb-sign-ins.js';
import { LmdbStates } from '../../src/adapters/lmdb/lmdb-states.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import type { PlacedEntry } from '../../src/domain/entry.js';
import type { ReviewKeys } from '../../src/ports/order-keys.js';
import type { RecentLog } from '../../src/ports/recent-log.js';
import type { SubjectStates } from '../../src/ports/subject-states.js';
import { oneKey, testSeals } from './folder.js';
import { RecordingTelemetry } from './recording-telemetry.js';
import { agencyId, alertId, deviceId, orderStream, stateBytes, T0, uploadEntry, version, zone } from './samples.js';
import { alone, openThreaded } from './threaded.js';

export interface TriedStore {
  /** Resolves when the nth thing (1, 2, 3, …) is durable. */
  write(n: number): Promise<unknown>;
  has(n: number): boolean | Promise<boolean>;
  close(): Promise<void>;
}

const seals = testSeals();
const keys = oneKey(seals);
/** One key for everything: the register asks for these four. */
const reviewKeys = {
  office: seals,
  nameOf: (id: string) => seals.pseudonym(id),
  sealsOf: () => seals,
  sealsNamed: () => seals,
} as unknown as ReviewKeys;

export const TRIED_STORES: Readonly<Record<string, (folder: string, epoch: number) => Promise<TriedStore>>> = {
  async ledger(folder, epoch) {
    const ledger = await LmdbLedger.open(folder, keys);
    await ledger.claim(epoch);
    return {
      write: (n) => ledger.commit({ epoch, orders: [], zones: [], versions: [version(n, 1)] }),
      has: (n) => ledger.alert(alertId(n)).length === 1,
      close: () => ledger.close(),
    };
  },
  states: async (folder, epoch) => triedStates(LmdbStates.open(folder, seals), epoch),
  'recent log': async (folder, epoch) => triedRecentLog(LmdbRecentLog.open(folder, seals), epoch),
  async 'states on a thread'(folder, epoch) {
    const stores = await openThreaded(folder);
    return triedStates(alone(stores, stores.states), epoch);
  },
  async 'recent log on a thread'(folder, epoch) {
    const stores = await openThreaded(folder);
    return triedRecentLog(alone(stores, stores.recentLog), epoch);
  },
  async quarantine(folder) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const store = LmdbQuarantine.open(folder, { shared: seals, reader: new OneReader(publicKey) });
    const item = { deviceId: deviceId(1), receivedMs: T0, reason: 'not_envelope' as never, bytes: Buffer.alloc(700) };
    return {
      write: (n) => store.keep([{ position: n, ...item }]),
      has: (n) => store.has(n),
      close: () => store.close(),
    };
  },
  async archive(folder, epoch) {
    const archive = LmdbArchive.open(folder, seals);
    await archive.claim(epoch);
    return {
      write: (n) =>
        archive.append({
          epoch,
          segments: [{ stream: orderStream(n), day: 20_000, sealed: Buffer.alloc(900, n) }],
          archivedUpTo: new Map([[orderStream(n), n]]),
          sequences: [],
        }),
      has: (n) => [...archive.segments(orderStream(n), 0, 30_000)].length === 1,
      close: () => archive.close(),
    };
  },
  async commands(folder) {
    const log = LmdbCommandLog.open(folder, keys);
    return {
      write: (n) => log.append({ kind: 'put_zone', by: 'a', zone: zone(n, 1) }, T0),
      has: (n) =>
        log.after(0).some(({ command }) => command.kind === 'put_zone' && command.zone.zoneId === `ZONE-${n}`),
      close: () => log.close(),
    };
  },
  async register(folder) {
    const register = LmdbRegister.open(folder, reviewKeys);
    const body = { text: 'x'.repeat(500) };
    return {
      write: (n) =>
        register.put({
          ...{ kind: 'incident', id: `I-${n}`, version: 1, orderId: null, subjectId: null, agency: null },
          ...{ atMs: T0, by: 'a', body },
        }),
      has: (n) => register.get('incident', `I-${n}`) !== null,
      close: () => register.close(),
    };
  },
  async devices(folder) {
    const registry = LmdbDeviceRegistry.open(folder, seals);
    const kept = { kind: 'home_unit', passwordHash: 'x'.repeat(43), identityJwk: null, wrappingJwe: 'a'.repeat(400) };
    return {
      write: (n) =>
        registry.put({ ...kept, kind: 'home_unit', deviceId: deviceId(n), keys: [], enrolledMs: T0, disabledMs: null }),
      has: (n) => registry.get(deviceId(n)) !== null,
      close: () => registry.close(),
    };
  },
  async downlinks(folder) {
    const downlinks = LmdbDownlinks.open(folder, seals);
    return {
      write: (n) => downlinks.update(deviceId(n), (before) => ({ ...before, noticeTold: n }) as typeof before),
      has: (n) => (downlinks.state(deviceId(n)) as unknown as { noticeTold?: number }).noticeTold === n,
      close: () => downlinks.close(),
    };
  },
  async 'sign-ins'(folder) {
    const log = LmdbSignIns.open(folder, seals);
    const signIn = {
      atMs: T0,
      role: 'administrator',
      agency: agencyId(1),
      topicOf: agencyId(1),
      allowed: true,
    } as const;
    return {
      write: (n) => log.note({ ...signIn, user: `user-${n}`, untilMs: T0 + 1 }),
      has: (n) => log.after(0, 100_000).some((one) => one.signIn.user === `user-${n}`),
      close: () => log.close(),
    };
  },
  async journal(folder, epoch) {
    const journal = await FileJournal.open({ folder, seals, epoch, telemetry: new RecordingTelemetry() });
    return {
      write: (n) => journal.append([uploadEntry(n)]),
      async has(n) {
        for await (const { position } of journal.read(n)) return position === n;
        return false;
      },
      close: () => journal.close(),
    };
  },
};

async function triedStates(states: SubjectStates, epoch: number): Promise<TriedStore> {
  await states.claim(epoch);
  let at = (await states.position()) ?? 0;
  if (at === 0) await states.replaceAll(epoch, 0, []);
  return {
    async write(n) {
      await states.save({
        epoch,
        position: n,
        previousPosition: at,
        states: new Map([[orderStream(n), stateBytes(n, n)]]),
      });
      at = n;
    },
    has: async (n) => (await states.load([orderStream(n)]))[0] !== null,
    close: () => states.close(),
  };
}

async function triedRecentLog(log: RecentLog, epoch: number): Promise<TriedStore> {
  await log.claim(epoch);
  const stream = orderStream(1);
  return {
    write(n) {
      const upload = { position: n, entry: uploadEntry(n) } as PlacedEntry & { entry: { kind: 'upload' } };
      const uploads = [upload as never];
      return log.commit(epoch, [{ stream, uploads, kept: [], snapshots: [], dropped: [], arrivedMs: T0 + n }]);
    },
    has: (n) => log.since(stream, n - 1, 1)[0]?.position === n,
    close: () => log.close(),
  };
}
