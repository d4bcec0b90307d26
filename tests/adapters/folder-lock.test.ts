/** One gateway a data folder, over kill -9, reused process numbers and races. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { FolderInUse, FolderLock } from '../../src/adapters/files/folder-lock.js';
import { startChild } from '../support/child.js';
import { temporaryFolder } from '../support/folder.js';

const hold = (folder: string) => startChild('adapters/children/hold.js', [folder]);

t.test('a second process is refused while the first one lives, and says which one to stop', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const first = hold(folder.path);
  t.equal(await first.line(/^epoch/), 'epoch 1');
  const second = hold(folder.path);
  t.match(
    await second.line(/^refused/),
    /FolderInUse .* is in use by process \d+ on .*: stop it first, or give .* DATA_DIR/,
  );
  await second.ended;
  await first.kill('SIGTERM');
  const third = await FolderLock.take(folder.path);
  t.equal(third.epoch, 2, 'a refused process takes no epoch');
  await third.release();
  t.same(await readdir(folder.path), ['EPOCH']);
});

t.test('after kill -9 the folder is free at once, and the epoch is higher', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  for (let epoch = 1; epoch <= 3; epoch++) {
    const child = hold(folder.path);
    t.equal(await child.line(/^epoch|^refused/), `epoch ${epoch}`);
    await child.kill();
  }
});

t.test('a paused owner still holds the folder', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const paused = hold(folder.path);
  await paused.line(/^epoch/);
  paused.send('SIGSTOP');
  await t.rejects(FolderLock.take(folder.path), FolderInUse);
  await paused.kill();
});

t.test('a lock whose process number now belongs to another process is stale', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const first = await FolderLock.take(folder.path);
  const held = JSON.parse(await readFile(`${folder.path}/LOCK`, 'utf8')) as Record<string, unknown>;
  await t.rejects(FolderLock.take(folder.path), FolderInUse, 'not in one process either');
  await writeFile(`${folder.path}/LOCK`, JSON.stringify({ ...held, startTicks: '1' }));
  const second = await FolderLock.take(folder.path);
  t.equal(second.epoch, 2);
  await first.release();
  await t.rejects(FolderLock.take(folder.path), FolderInUse, 'the old owner released nothing of the new one');
  await writeFile(`${folder.path}/LOCK`, JSON.stringify({ ...held, bootId: 'an earlier boot' }));
  t.equal((await FolderLock.take(folder.path)).epoch, 3);
});

t.test('a lock or guard that a crash left behind, whole or not, is cleared away', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const dead = { pid: 2 ** 22 + 1, startTicks: '5', bootId: null, host: 'h', token: 't' };
  await writeFile(`${folder.path}/LOCK.guard`, JSON.stringify(dead));
  await writeFile(`${folder.path}/LOCK`, '{"pid": 12');
  const lock = await FolderLock.take(folder.path);
  t.equal(lock.epoch, 1);
  await lock.release();
});

t.test('of many processes that start at once, one gets the folder', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const children = Array.from({ length: 6 }, () => hold(folder.path));
  const answers = await Promise.all(children.map((child) => child.line(/^epoch|^refused/)));
  t.equal(answers.filter((answer) => answer.startsWith('epoch')).length, 1, answers.join(' | '));
  await Promise.all(children.map((child) => child.kill()));
});

t.test('an epoch file that holds no number is refused, for a lower epoch would write nothing', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  await writeFile(`${folder.path}/EPOCH`, 'x');
  await t.rejects(FolderLock.take(folder.path), /EPOCH should hold one whole number: restore it/);
});

t.test('a process of the same number in another container, on the same stores, is told what to do', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const lock = await FolderLock.take(folder.path);
  await FolderLock.refuseTwin(folder.path, Date.now());
  const held = JSON.parse(await readFile(`${folder.path}/LOCK`, 'utf8')) as Record<string, unknown>;
  await writeFile(`${folder.path}/LOCK`, JSON.stringify({ ...held, startTicks: '1' }));
  await t.rejects(FolderLock.refuseTwin(folder.path, Date.now()), /init: true/);
  await FolderLock.refuseTwin(folder.path, Date.now() + 60_000).then(() => t.pass('one that is silent is none'));
  await writeFile(`${folder.path}/LOCK`, JSON.stringify({ ...held, startTicks: '1', pid: Number(held.pid) + 1 }));
  await FolderLock.refuseTwin(folder.path, Date.now()).then(() => t.pass('nor is one of another number'));
  await lock.release();
});
