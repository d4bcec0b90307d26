/** A short run of `scripts/torture`: two roles and Redis, each killed, emptied and paused under devices that keep their own truth. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { parseOptions, UsageFault } from './options.js';
import '../support/plain-children.js';

/** A bound against hanging: nothing here is about speed. */
const PATIENCE_MS = 240_000;
t.setTimeout(PATIENCE_MS + 10_000);

const FAULTS = ['kill ingest', 'FLUSHALL', 'kill api', 'kill redis', 'second owner', 'kill ingest twice'];

t.test('kills, FLUSHALL and a storm lose nothing, tell nothing false, and tell everything once', async (t) => {
  const script = join(import.meta.dirname, 'torture.js');
  const people = ['--devices', '150', '--storm', '60', '--every', '2'];
  const patient = ['--recovery-s', '600', '--stop-s', '600', '--grace-s', '2', '--peace-s', '1', '--disk-mib', '128'];
  const seed = '20779';
  const run = ['--minutes', '0.3', '--mode', 'redis', '--seed', seed, '--faults', FAULTS.join(',')];
  const child = spawn(process.execPath, [script, ...run, ...people, ...patient], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const late = setTimeout(() => child.kill('SIGTERM'), PATIENCE_MS);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  t.equal(code, 0, `seed ${seed}: ${out}`);
  const figure = (name: string): number => Number(new RegExp(`^\\| ${name} +\\| (\\d+)`, 'm').exec(out)?.[1]);
  t.ok(figure('kills') >= 5, 'it was killed at least so often');
  t.ok(figure('acknowledged') > 500);
  t.equal(figure('lost'), 0);
  t.ok(figure('alerts expected') > 50);
  for (const name of ['missed', 'false', 'twice']) t.equal(figure(name), 0, name);
});

t.test('what it is told wrongly it says', async (t) => {
  t.equal(parseOptions(['--help']), null);
  t.equal(parseOptions(['--minutes', '20', '--seed', '4', '--mode', 'all'])?.mode, 'redis');
  t.match(parseOptions(['--minutes', '20', '--seed', '4', '--broker']), { mode: 'broker', devices: 2_000 });
  for (const wrong of [
    [],
    ['--minutes', 'x', '--seed', '1'],
    ['--minutes', '1', '--seed', '1', '--mode', 'x'],
    ['--no'],
  ]) {
    t.throws(() => parseOptions(wrong), UsageFault);
  }
});
