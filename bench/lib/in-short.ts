/** Of each bench the figures that its aim asks for: a line for the README, picked from the rows of its last result. */
import { type BenchResult, isSpread } from './result.js';
import { cellText } from './table.js';

/** `{}` in `text` stands for the cell; a row that the result does not have is left out. */
interface Pick {
  readonly row: string;
  readonly key: string;
  readonly text: string;
}

const pick = (row: string, key: string, text: string): Pick => ({ row, key, text });

const PICKS: Readonly<Record<string, readonly Pick[]>> = {
  api: [
    pick('×100: 10,000 people, mixed', 'perSecond', '{} req/s, mixed'),
    pick('×100: 10,000 people, mixed', 'cpuUs', '{} µs of CPU each'),
    pick('stream, 1,000 subscribers', 'p99', '99 % of 1,000 subscribers have it in {} ms'),
  ],
  archive: [pick('×100: 400', 'bytes', '{} bytes a fix'), pick('×100: 400', 'readMs', 'a day read in {} ms')],
  backlog: [
    pick('3,000 devices × 6 h', 'alertP50', 'live alerts p50 {} ms'),
    pick('3,000 devices × 6 h', 'alertMax', 'at the most {} ms'),
  ],
  connections: [
    pick('×100: 14,830 plain', 'idleKiB', '14,830 plain (`ulimit -n`) at {} KiB idle'),
    pick('×100: 14,830 plain', 'talkedKiB', '{} KiB after talking'),
    pick('×100: 10,000 TLS', 'talkedKiB', '10,000 TLS at {} KiB'),
  ],
  edge: [
    pick('×10: 100,000', 'both', '100,000 people: {} s'),
    pick('×100: 1,000,000', 'both', '1,000,000: {} s'),
    pick('×100: 1,000,000', 'alerts', '{} alerts'),
    pick('×100: 1,000,000', 'stall', 'longest standstill {} ms'),
  ],
  ingest: [
    pick('50 × 1, the aim, 60 s', 'acked', '{}/s at 50 connections'),
    pick('2,000 × 1, the aim, 60 s', 'acked', '{}/s at 2,000'),
    pick('ten at once, 500 × 10, the aim, 60 s', 'records', 'ten an upload {} records/s'),
    pick('50 × 1, 70 % of the aim', 'ackP99', 'p99 at 70 %: {} ms'),
    pick('2,000 × 1, 70 % of the aim', 'ackP99', '{} ms'),
  ],
  memory: [
    pick('×100: 1,000,000', 'start', '1,000,000 people: ready after {} s'),
    pick('×100: 1,000,000', 'first', 'first alert due after {} s'),
    pick('×100: 1,000,000', 'own', '{} B a person'),
    pick('100,000, ten of 20', 'own', '{} with ten zones of 20'),
    pick('×100: 1,000,000', 'value', 'sealed value {} B'),
    pick('×100: 1,000,000', 'redis', '{} B in Redis'),
  ],
  step: [
    pick('×1: 100', 'perCpuSecond', '{} a core’s second with 100 people'),
    pick('×100: 10,000', 'perCpuSecond', '{} with 10,000'),
  ],
  windows: [pick('×100: 100,000', 'perSecond', '{} orders/s')],
  wire: [
    pick('envelope, AES-256-GCM, 1', 'allUs', 'AES {} µs'),
    pick('envelope, ChaCha20-Poly1305, 1', 'allUs', 'ChaCha20 {} µs'),
  ],
  zones: [
    pick('own: ×100: 10,000 people', 'ours', 'own zones {} µs'),
    pick('own: ×100: 10,000 people', 'safe', '{} µs with safe radius'),
    pick('shared: ×10: 100,000', 'ours', '100,000 shared {} µs'),
    pick('shared: ×100: 1,000,000', 'ours', '1,000,000 {} µs'),
    pick('in a box: ×100: 10,000 vertices', 'timesTurf', 'inside, of fixes in a box: {} times rbush + turf'),
    pick('large: ×100: 10,000 vertices', 'timesTurf', 'anywhere about: {} times'),
    pick('in a box: ×100: 10,000 vertices', 'timesPostgis', '{} times PostGIS'),
  ],
};

/** Null: nothing of it is asked for. */
export function figuresOf(result: BenchResult): string | null {
  const told = (PICKS[result.bench] ?? []).flatMap((one) => textOf(result, one) ?? []);
  return told.length === 0 ? null : told.join('; ');
}

/** What is asked for and stands nowhere in the results: of a run of other sizes, or under names that are no more. */
export function missingIn(results: readonly BenchResult[]): string[] {
  return results.flatMap((result) => {
    const missing = (PICKS[result.bench] ?? []).filter((one) => textOf(result, one) === null);
    return missing.map(({ row, key }) => `${result.bench}: ${key} of ${row}`);
  });
}

function textOf({ rows, columns }: BenchResult, { row, key, text }: Pick): string | null {
  const cell = rows.find(({ label }) => label === row)?.cells[key];
  const column = columns.find((one) => one.key === key);
  if (cell == null || column === undefined) return null;
  return text.replace('{}', cellText(isSpread(cell) ? cell.median : cell, column));
}
