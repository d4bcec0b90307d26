/** Rows are read in runs that grow: all of them come, each once and in order, however many were thought to be wanted. */
import t from 'tap';
import { Environment, numberValue, readNumber, rows } from '../../src/adapters/lmdb/environment.js';
import { temporaryFolder } from '../support/folder.js';

t.test('a database is listed whole, from any place to any other, whatever the first run is', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const env = Environment.open(folder.path).enter();
  const db = env.db<number>('numbers');
  const ALL = 1_500;
  await env.transaction(() => {
    for (let i = 0; i < ALL; i++) db.put(i, numberValue(i));
  });
  const listed = (from?: number, to?: number, wanted?: number) =>
    [...rows(db, from, to, wanted)].map(({ key, value }) => (readNumber(value) === key ? key : -1));
  const between = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  t.same(listed(), between(0, ALL));
  for (const wanted of [undefined, -1, 0, 1, 3, 16, 20, 256, 1_000, Number.POSITIVE_INFINITY]) {
    for (const length of [0, 1, 15, 16, 17, 64, 79, 80, 81, 336, 337, 700]) {
      t.same(listed(100, 100 + length, wanted), between(100, 100 + length), `${length} rows, ${wanted} wanted`);
    }
  }
  await env.leave();
});

t.test('whoever stops early has read few rows more', (t) => {
  const asked: number[] = [];
  const db = {
    getRange: ({ limit, start = 0 }: { limit: number; start?: number }) => {
      asked.push(limit);
      return Array.from({ length: limit }, (_, i) => ({ key: start + i, value: Buffer.alloc(0) }));
    },
  };
  for (const { key } of rows(db as unknown as Parameters<typeof rows<number>>[0], 0, undefined, 21))
    if (key === 20) break;
  t.same(asked, [21]);
  for (const { key } of rows(db as unknown as Parameters<typeof rows<number>>[0], 0)) if (key === 90) break;
  t.same(asked, [21, 16, 64, 256]);
  t.end();
});
