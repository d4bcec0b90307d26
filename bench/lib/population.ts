/** The folders that a bench's gateways begin with: filled once, copied for each, and kept for later runs where that is asked for. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EdgeCrowd } from './edge-people.js';
import type { Option } from './main.js';
import { fillStore } from './population-store.js';

export const POPULATION_OPTION: Option = {
  type: 'string',
  value: 'FOLDER',
  help: 'keep filled data folders there, and use those there already: gateways get copies',
};

export interface PopulationOptions {
  /** Populations are kept in here, one beside the other; null: it is gone after `remove`. */
  readonly kept: string | null;
  /** Of what is not kept. */
  readonly folder: string;
  readonly crowd: EdgeCrowd;
  readonly people: number;
  readonly say: (line: string) => void;
}

export interface Population {
  /** The journal's last position. */
  readonly position: number;
  /** `data` and `vault` as they were filled, whatever was done with earlier copies. */
  copyTo(home: string): Promise<void>;
  /** As `copyTo`, for the last that needs it: what is not kept is not copied either. */
  giveTo(home: string): Promise<void>;
  /** What is kept stays. */
  remove(): Promise<void>;
}

/** Tells what a folder holds; written when all else is there, so a fill that was cut short is none. */
const ABOUT = 'population.json';
const FORMAT = 1;
const PARTS = ['data', 'vault'] as const;

/**
 * Filled, or found. Throws as `fillStore` does. What an earlier build has kept is refused by the gateway if it cannot read it:
 * the folder is to be removed then.
 */
export async function openPopulation(o: PopulationOptions): Promise<Population> {
  const what = JSON.stringify({ format: FORMAT, people: o.people, ...o.crowd });
  const { home, position } = o.kept === null ? await fillNew(o) : await findOrFill(o, o.kept, what);
  const copyTo = async (to: string): Promise<void> => {
    await mkdir(to, { recursive: true });
    for (const part of PARTS) await copyFolder(join(home, part), join(to, part));
    await flushed(to);
  };
  const giveTo = async (to: string): Promise<void> => {
    if (o.kept !== null) return copyTo(to);
    await mkdir(to, { recursive: true });
    for (const part of PARTS) await rename(join(home, part), join(to, part));
  };
  const remove = async (): Promise<void> => {
    if (o.kept === null) await rm(home, { recursive: true, force: true });
  };
  return { position, copyTo, giveTo, remove };
}

interface Filled {
  readonly home: string;
  readonly position: number;
}

async function fillNew({ folder, crowd, people, say }: PopulationOptions): Promise<Filled> {
  const home = await mkdtemp(join(folder, 'fairwatch-people-'));
  try {
    return { home, ...(await fillStore({ ...foldersIn(home), crowd, people, say })) };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function findOrFill(o: PopulationOptions, kept: string, what: string): Promise<Filled> {
  const { people, crowd, say } = o;
  const hash = createHash('sha256').update(what).digest('hex').slice(0, 8);
  const home = join(kept, `${people}-${crowd.ownZones}x${crowd.verticesPerZone}-${hash}`);
  const about = await readFile(join(home, ABOUT), 'utf8').catch(() => null);
  if (about !== null) {
    const { position, ...found } = JSON.parse(about) as { readonly position: number };
    if (JSON.stringify(found) !== what) throw new Error(`${home} holds others than its name says`);
    say(`${people} people found in ${home}`);
    return { home, position };
  }
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  const { position } = await fillStore({ ...foldersIn(home), crowd, people, say });
  await writeFile(join(home, ABOUT), `${JSON.stringify({ ...JSON.parse(what), position })}\n`);
  return { home, position };
}

const foldersIn = (home: string) => ({ dataDir: join(home, 'data'), vaultDir: join(home, 'vault') });

const run = promisify(execFile);

/** A million files: a file system that can shares their blocks, and elsewhere cp takes a third of Node's time. */
async function copyFolder(from: string, to: string): Promise<void> {
  try {
    await run('cp', ['-a', '--reflink=auto', from, to]);
  } catch {
    // another system's cp
    await rm(to, { recursive: true, force: true });
    await cp(from, to, { recursive: true, preserveTimestamps: true });
  }
}

/** On disk: what is still to be written back would be charged to the start that follows. */
async function flushed(folder: string): Promise<void> {
  await run('sync', ['-f', folder]).catch(() => undefined);
}
