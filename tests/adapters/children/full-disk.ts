/**
 * A process whose store meets a full disk: `full-disk.js FOLDER STORE`. Prints `acked N` and `begun`; once the file FOLDER.full is
 * there it goes on until it is refused twice (`refused …`), looks whether all that was acknowledged is there (`lost N`, `kept`),
 * prints `refused …` and `kept`, waits for the file FOLDER.room, goes on (a journal is opened anew), prints `again` and ends.
 */
import { existsSync, writeSync } from 'node:fs';
import { TRIED_STORES } from '../../support/tried-stores.js';

const [folder, name] = process.argv.slice(2) as [string, string];
const say = (line: string): void => void writeSync(1, `${line}\n`);
const appears = async (path: string): Promise<void> => {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
};
const open = TRIED_STORES[name];
if (open === undefined) throw new Error(name);

let store = await open(folder, 1);
const acked: number[] = [];
const write = async (n: number): Promise<void> => {
  await store.write(n);
  acked.push(n);
  say(`acked ${n}`);
};
for (let n = 1; n <= 3; n++) await write(n);
say('begun');
await appears(`${folder}.full`);
let n = 4;
const untilRefused = async (): Promise<void> => {
  for (;;) {
    try {
      await write(n);
      n++;
    } catch (error) {
      const { name, message } = error as Error;
      say(`refused ${name} ${message}`);
      return;
    }
  }
};
await untilRefused();
await untilRefused();
for (const one of acked) if (!(await store.has(one))) say(`lost ${one}`);
say(`kept ${acked.length}`);
await appears(`${folder}.room`);
if (name === 'journal') {
  await store.close();
  store = await open(folder, 2);
}
await write(n);
for (const one of acked) if (!(await store.has(one))) say(`lost ${one}`);
await store.close();
say('again');
