/** What the gateway says of its own life: each standstill by its word, and silence when all is well. */
import { writeFile } from 'node:fs/promises';
import t from 'tap';
import { PipelineStatusFile, readPipelineStatus } from '../../src/adapters/files/pipeline-status.js';
import { DiskSpace } from '../../src/adapters/system/disk-space.js';
import { RemotePipeline } from '../../src/compose/remote-pipeline.js';
import { type Sight, Vitals } from '../../src/compose/vitals.js';
import { WatchedJournal } from '../../src/compose/watched-journal.js';
import type { Stall } from '../../src/domain/health.js';
import type { Journal } from '../../src/ports/journal.js';
import { temporaryFolder } from '../support/folder.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { uploadEntry } from '../support/samples.js';
import { smallDisk } from '../support/small-disk.js';

const WELL: Sight = {
  ...{ journalLast: 100, engineReached: 100, journalWaitingMs: 0, timersLateMs: 0, timersWait: false },
  ...{ reasons: [], degraded: [] },
};

function patient(stallMs = 15_000) {
  const telemetry = new RecordingTelemetry();
  const dead: string[] = [];
  const told: (Stall | null)[] = [];
  const state = { sight: WELL, steadyMs: 0 };
  const vitals = new Vitals({
    look: () => state.sight,
    stallMs,
    nowMs: () => 1_000_000 + state.steadyMs,
    steadyMs: () => state.steadyMs,
    telemetry,
    onDead: (reasons) => dead.push(reasons.join()),
  });
  vitals.stalls.onChange((stall) => told.push(stall));
  /** Looks once a second for so long, with `change` of each second. */
  const pass = (seconds: number, sight: (second: number) => Partial<Sight>): void => {
    for (let second = 1; second <= seconds; second++) {
      state.steadyMs += 1_000;
      state.sight = { ...WELL, ...sight(second) };
      vitals.look();
    }
  };
  vitals.look();
  return { vitals, telemetry, dead, told, state, pass };
}

t.test('an engine that moves is well, however far it is behind; after a minute it is said to be behind', async (t) => {
  const { vitals, told, pass, telemetry } = patient();
  pass(50, (second) => ({ journalLast: 1_000_000, engineReached: 100 + second }));
  t.same(vitals.vitality, { reasons: [], degraded: [] });
  pass(20, (second) => ({ journalLast: 1_000_000, engineReached: 200 + second }));
  t.same(vitals.vitality, { reasons: [], degraded: ['engine_behind'] });
  t.equal(telemetry.gauges.get('fairwatch_engine_lag_entries'), 1_000_000 - 220);
  t.ok((telemetry.gauges.get('fairwatch_engine_lag_seconds') ?? 0) >= 60);
  pass(1, () => ({ journalLast: 1_000_000, engineReached: 1_000_000 }));
  t.same(vitals.vitality, { reasons: [], degraded: [] });
  t.equal(telemetry.gauges.get('fairwatch_engine_lag_seconds'), 0);
  t.same(told, []);
});

t.test('an engine that does not move while entries wait is stuck, is told of once, and recovers', async (t) => {
  const { vitals, told, pass, telemetry } = patient();
  pass(15, () => ({ journalLast: 101 }));
  t.same(vitals.vitality.reasons, []);
  pass(5, () => ({ journalLast: 101 }));
  t.same(vitals.vitality.reasons, ['engine_stuck']);
  pass(5, (second) => ({ journalLast: 101 + second }));
  t.same(vitals.vitality.reasons, ['engine_stuck'], 'that more comes is no life of the engine');
  pass(1, () => ({ journalLast: 106, engineReached: 106 }));
  t.same(vitals.vitality.reasons, []);
  t.same(
    told.map((stall) => stall?.reasons ?? null),
    [['engine_stuck'], null],
  );
  t.same(telemetry.codes, ['pipeline_stalled', 'pipeline_recovered']);
});

t.test('an engine that has nothing to do is not stuck', async (t) => {
  const { vitals, told, pass } = patient();
  pass(600, () => ({}));
  t.same([vitals.vitality.reasons, told], [[], []]);
});

t.test('an append that does not return, and a timer that does not fire, have words of their own', async (t) => {
  const { vitals, pass } = patient();
  pass(16, (second) => ({ journalWaitingMs: second * 1_000 }));
  t.same(vitals.vitality.reasons, ['journal_stuck']);
  pass(19, (second) => ({ timersLateMs: second * 1_000 }));
  t.same(vitals.vitality.reasons, ['timers_late']);
  pass(1, () => ({ timersLateMs: 3_600_000 }));
  pass(1, () => ({}));
  t.same(vitals.vitality.reasons, []);
  pass(10, () => ({ timersLateMs: 3_600_000 }));
  t.same(vitals.vitality.reasons, [], 'a clock that was set makes every timer late in one moment');
});

t.test('a process that stood still itself judges nobody by that', async (t) => {
  const { vitals, told, state, pass, telemetry, dead } = patient();
  pass(1, () => ({ journalLast: 101 }));
  state.steadyMs += 3_600_000;
  state.sight = { ...WELL, journalLast: 101, journalWaitingMs: 3_600_000, timersLateMs: 3_600_000 };
  vitals.look();
  t.same(vitals.vitality.reasons, []);
  t.same(telemetry.codes, ['process_stood_still']);
  pass(1, () => ({ journalLast: 102, engineReached: 102 }));
  t.same([told, dead], [[], []]);
});

t.test('what stands still for eight times as long is dead, and that is said once', async (t) => {
  const { pass, dead } = patient();
  pass(119, () => ({ journalLast: 101 }));
  t.same(dead, []);
  pass(20, () => ({ journalLast: 101 }));
  t.same(dead, ['engine_stuck']);
});

t.test('a low disk and a missing key are no standstill: nobody is told that nothing comes', async (t) => {
  const { vitals, told, pass } = patient();
  pass(3, () => ({ reasons: ['disk_low', 'hour_key_missing'] }));
  t.same(vitals.vitality.reasons, ['disk_low', 'hour_key_missing']);
  t.same(told, []);
  pass(1, () => ({ reasons: ['broker_unreachable'] }));
  t.same(
    told.map((stall) => stall?.reasons),
    [['broker_unreachable']],
  );
});

t.test('a watched journal tells how long its oldest append has been waiting', async (t) => {
  const gates: ((position: number) => void)[] = [];
  const inner = { append: () => new Promise<number>((resolve) => gates.push(resolve)), last: 0, first: 1 };
  const journal = new WatchedJournal(inner as unknown as Journal);
  t.equal(journal.waitingMs(), 0);
  const first = journal.append([uploadEntry(1)]);
  const second = journal.append([uploadEntry(2)]);
  await new Promise((resolve) => setTimeout(resolve, 15));
  t.ok(journal.waitingMs() > 5);
  gates[0]?.(1);
  t.equal(await first, 1);
  t.ok(journal.waitingMs() > 5, 'the second still waits');
  gates[1]?.(2);
  await second;
  t.equal(journal.waitingMs(), 0);
});

t.test("the API's process sees the other's beats, its words, and its silence", async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const path = `${folder.path}/pipeline.status`;
  const told: (Stall | null)[] = [];
  const state = { steadyMs: 0, held: true };
  const remote = new RemotePipeline({
    path,
    isHeld: () => state.held,
    stallMs: 15_000,
    nowMs: () => 0,
    steadyMs: () => state.steadyMs,
    telemetry: new RecordingTelemetry(),
  });
  remote.stalls.onChange((stall) => told.push(stall));
  const look = (afterMs = 1_000): readonly string[] => {
    state.steadyMs += afterMs;
    remote.look();
    return remote.vitality.reasons;
  };
  t.same(look(), [], 'it has its time to begin');
  const status = await PipelineStatusFile.open(path, { epoch: 7, check() {} });
  await status.write({ reasons: [], degraded: ['engine_behind'] });
  t.same(look(), []);
  t.same(remote.vitality.degraded, ['engine_behind']);
  await status.write({ reasons: ['engine_stuck'], degraded: [] });
  t.same(look(), ['engine_stuck']);
  for (let n = 0; n < 15; n++) t.same(look(), ['engine_stuck']);
  t.same(look(), ['engine_not_alive'], 'what it said last tells nothing of one that is gone');
  await status.write({ reasons: [], degraded: [] });
  t.same(look(), []);
  t.same(look(3_600_000), [], 'who stood still itself waits for the next beat');
  state.held = false;
  t.same(look(), ['engine_not_alive']);
  t.same(
    told.map((stall) => stall?.reasons ?? null),
    [['engine_stuck'], ['engine_not_alive'], null, ['engine_not_alive']],
  );
  await status.close();
  await writeFile(path, '{"beat":"8.1","reasons":["engine_stuck",7,"<b>x"],"degraded":[]}');
  t.same(readPipelineStatus(path)?.reasons, ['engine_stuck'], 'words alone');
});

t.test('a beat can be written on a full disk', async (t) => {
  const disk = smallDisk(64, (why) => t.comment(why));
  if (disk === null) return;
  t.teardown(() => disk.unmount());
  const status = await PipelineStatusFile.open(`${disk.path}/pipeline.status`, { epoch: 1, check() {} });
  await status.write({ reasons: [], degraded: [] });
  disk.fill();
  await status.write({ reasons: ['disk_low'], degraded: [] });
  t.same(readPipelineStatus(`${disk.path}/pipeline.status`)?.reasons, ['disk_low']);
  await status.close();
});

t.test('room on a disk is measured, told of early, and missed before it is gone', async (t) => {
  const small = smallDisk(4_096, (why) => t.comment(why));
  if (small === null) return;
  t.teardown(() => small.unmount());
  const telemetry = new RecordingTelemetry();
  const folders = { data: small.path, vault: `${small.path}/none` };
  const disk = new DiskSpace({ folders, floorBytes: 64 * 1_048_576, telemetry });
  await disk.look();
  t.same([disk.reasons, disk.degraded], [[], []], 'of a small volume a fiftieth is enough');
  t.equal(telemetry.gauges.get('fairwatch_disk_free_bytes'), 4_096 * 1_024);
  await writeFile(`${small.path}/half`, Buffer.alloc(3_600 * 1_024));
  await disk.look();
  t.same([disk.reasons, disk.degraded], [[], ['disk_getting_low']]);
  small.fill();
  await disk.look();
  t.same([disk.reasons, disk.degraded], [['disk_low'], []]);
  small.makeRoom();
  await disk.look();
  t.same(disk.reasons, []);
  t.same(telemetry.codes, ['disk_getting_low', 'disk_low', 'disk_has_room']);
});
