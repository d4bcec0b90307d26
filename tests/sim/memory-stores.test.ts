/** The simulator's own stores, and the real journal on its disk, keep every promise of their ports, power cuts included. */
import t from 'tap';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { Random } from '../../src/sim/random.js';
import { commandLogContract } from '../contracts/command-log.js';
import { deviceRegistryContract } from '../contracts/device-registry.js';
import { journalContract, readAll } from '../contracts/journal.js';
import { keyVaultContract } from '../contracts/key-vault.js';
import { ledgerContract } from '../contracts/ledger.js';
import { quarantineContract } from '../contracts/quarantine.js';
import { subjectStatesContract } from '../contracts/subject-states.js';
import { CommandLogContent, MemoryCommandLog } from '../support/memory-command-log.js';
import { MemoryDeviceRegistry, RegistryContent } from '../support/memory-device-registry.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { MemoryKeyVault } from '../support/memory-key-vault.js';
import { LedgerContent, MemoryLedger } from '../support/memory-ledger.js';
import { MemoryQuarantine } from '../support/memory-quarantine.js';
import { memorySeals } from '../support/memory-seals.js';
import { MemoryStates, StatesContent } from '../support/memory-states.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { entry, stateBytes } from '../support/samples.js';

/** A place whose content outlives its clients. */
const placeOf = <T>(open: () => T) => ({ open: async () => open(), async crash() {}, async remove() {} });

ledgerContract('ledger in memory', async () => {
  const content = new LedgerContent();
  return placeOf(() => new MemoryLedger(content));
});

subjectStatesContract('states in memory', async () => {
  const content = new StatesContent();
  return { ...placeOf(() => new MemoryStates(content)), empty: async () => content.empty() };
});

quarantineContract('quarantine in memory', async () => {
  const kept = new Map();
  return { ...placeOf(() => new MemoryQuarantine(kept)), reader: async () => new MemoryQuarantine(kept) };
});

commandLogContract('command log in memory', async () => {
  const content = new CommandLogContent();
  return placeOf(() => new MemoryCommandLog(content));
});

deviceRegistryContract('device registry in memory', async () => {
  const content = new RegistryContent();
  return placeOf(() => new MemoryDeviceRegistry(content));
});

keyVaultContract('key vault in memory', async () => {
  const keys = new Map();
  return placeOf(() => new MemoryKeyVault(keys));
});

const openJournal = (disk: MemoryDisk, epoch: number, segmentBytesMax = 64 * 1_048_576): Promise<FileJournal> =>
  FileJournal.open({
    folder: '/journal',
    seals: memorySeals,
    epoch,
    telemetry: new RecordingTelemetry(),
    segmentBytesMax,
    disk,
  });

for (const [name, segmentBytesMax] of [
  ['one segment', 64 * 1_048_576],
  ['many small segments', 700],
] as const) {
  journalContract(`file journal on a disk in memory that loses its power, ${name}`, async () => {
    const disk = new MemoryDisk();
    const random = new Random(`power cuts, ${name}`);
    return {
      open: (epoch) => openJournal(disk, epoch, segmentBytesMax),
      crash: async () => disk.cutPower(random),
      async remove() {},
    };
  });
}

t.test('a power cut loses any part of what was not synced, and nothing of what was', async (t) => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 200; seed += 1) {
    const random = new Random(seed);
    const disk = new MemoryDisk();
    const file = await disk.create('/folder/a');
    await file.write(Buffer.alloc(1_000, 1), 0, 1_000, 0);
    await file.sync();
    await disk.syncFolder();
    await file.write(Buffer.alloc(2_000, 2), 0, 2_000, 1_000);
    disk.cutPower(random);
    const left = await disk.openToRead('/folder/a');
    const bytes = Buffer.alloc(4_000);
    const { bytesRead } = await left.read(bytes, 0, 4_000, 0);
    if (!bytes.subarray(0, 1_000).every((byte) => byte === 1)) t.fail(`seed ${seed} lost synced bytes`);
    seen.add(bytesRead);
  }
  t.ok(seen.has(1_000), 'sometimes all of it is gone');
  t.ok(seen.has(3_000), 'sometimes nothing');
  t.ok(seen.size > 20, `and often a part: ${seen.size} lengths`);
});

t.test('an append that was cut off by the power is there whole or not at all', async (t) => {
  let there = 0;
  for (let seed = 0; seed < 300; seed += 1) {
    const disk = new MemoryDisk();
    const journal = await openJournal(disk, 1);
    await journal.append([entry(1)]);
    const under = journal.append([entry(2), entry(3)]);
    // written in the next turn of the loop; synced in the one after it
    await new Promise(setImmediate);
    disk.cutPower(new Random(seed));
    await under;
    const again = await openJournal(disk, 2);
    const kept = (await readAll(again)).map((placed) => placed.entry);
    if (kept.length !== 1 && kept.length !== 3) t.fail(`seed ${seed}: ${kept.length} entries`);
    t.same(kept[0], entry(1));
    if (kept.length === 3) there += 1;
  }
  t.ok(there > 0, `${there} of 300 were there`);
});

t.test('states that were set back stand where they stood, and their owner is told', async (t) => {
  const content = new StatesContent();
  const states = new MemoryStates(content);
  await states.claim(1);
  await states.replaceAll(1, 0, []);
  for (let position = 1; position <= 6; position += 1) {
    const batch = new Map([[`ORD-${position}` as never, stateBytes(1, position)]]);
    await states.save({ epoch: 1, position, previousPosition: position - 1, states: batch });
  }
  content.setBack();
  t.equal(await states.position(), 2);
  await t.rejects(states.save({ epoch: 1, position: 7, previousPosition: 6, states: new Map() }), {
    name: 'StatesLost',
  });
});
