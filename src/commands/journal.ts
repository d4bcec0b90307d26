/** `fairwatch journal check`: is everything that was acknowledged in the journal, or where it goes from there? */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { decodeEnvelope } from '../codec/envelope.js';
import type { JournalEntry } from '../domain/entry.js';
import { dropFoundElsewhere } from './acked-elsewhere.js';
import { readJournal } from './cli-journal-reader.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';
import { hotSealsOf, mustExist, openFolder } from './cli-stores.js';

/** Missing uploads that are named one by one; the rest is counted. */
const namedMax = 20;

export function register(program: Command): void {
  const journal = program.command('journal').description('looks into the journal');
  settingFlags(
    journal
      .command('check')
      .description('looks up every acknowledged upload in the journal, recent log, quarantine and archive of DATA_DIR'),
    FOLDER_SETTINGS,
  )
    .requiredOption('--acked <file>', 'NDJSON, one acknowledged upload a line: {"device_id":"HU-1","sequence":7}')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nWorks while the gateway runs, and while it does not. Exit 1 if one is missing.\n' +
        '\nExample:\n  fairwatch journal check --acked acked.ndjson --data-dir ./data\n',
    )
    .action(runs(check));
}

async function check(flags: Record<string, unknown> & { acked: string }): Promise<void> {
  // the list first: what is acknowledged after it was read is not asked for
  const { missing, asked } = await readAcked(flags.acked);
  const folder = await openFolder(flags);
  mustExist(folder.folders.journal, folder.configuration);
  let entries = 0;
  let first: number | null = null;
  const hot = await hotSealsOf(folder);
  for await (const { position, entry } of readJournal(folder.folders.journal, hot)) {
    first ??= position;
    entries++;
    const sequence = sequenceOf(entry);
    if (sequence !== null) missing.get(sequence.deviceId)?.delete(sequence.sequence);
  }
  await dropFoundElsewhere(missing, folder, hot);
  const lost = [...missing].flatMap(([device_id, sequences]) =>
    [...sequences].map((sequence) => ({ device_id, sequence })),
  );
  const found = asked - lost.length;
  if (flags.json) {
    const named = lost.slice(0, namedMax).map((one) => ({ ...one, sequence: numberOrText(one.sequence) }));
    printJson({ acked: asked, found, missing: lost.length, entries, first_position: first, first_missing: named });
  } else print(`${asked} acknowledged: ${found} found, ${lost.length} missing (${entries} journal entries)`);
  if (lost.length === 0) return;
  const lines = lost.slice(0, namedMax).map(({ device_id, sequence }) => `  ${device_id} sequence ${sequence}`);
  if (lost.length > namedMax) lines.push(`  and ${lost.length - namedMax} more`);
  if (first !== null && first > 1) lines.push(`  the journal was trimmed: it begins at position ${first}`);
  throw new CommandFailed([
    `${lost.length} acknowledged upload(s) are in no store (journal, recent log, quarantine, archive):`,
    ...lines,
  ]);
}

/** Sequences by device, as text (they may exceed 2^53); asking for one twice counts once. */
async function readAcked(path: string): Promise<{ missing: Map<string, Set<string>>; asked: number }> {
  const missing = new Map<string, Set<string>>();
  let asked = 0;
  let number = 0;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      number++;
      if (line.trim() === '') continue;
      const { device_id, sequence } = ackOf(line, `${path}:${number}`);
      const sequences = missing.get(device_id) ?? new Set<string>();
      missing.set(device_id, sequences);
      if (!sequences.has(sequence)) asked++;
      sequences.add(sequence);
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, 2);
  }
  return { missing, asked };
}

function ackOf(line: string, where: string): { device_id: string; sequence: string } {
  try {
    const { device_id, sequence } = JSON.parse(line) as { device_id?: unknown; sequence?: unknown };
    const text = String(sequence);
    const exact = typeof sequence === 'string' || Number.isSafeInteger(sequence);
    if (typeof device_id === 'string' && exact && /^[1-9]\d{0,19}$/.test(text)) return { device_id, sequence: text };
  } catch {
    // said below
  }
  throw new CommandFailed(
    `${where}: expected {"device_id":"HU-1","sequence":7} (a sequence above 2^53 as text, so that no digit is lost)`,
    2,
  );
}

/** What was acknowledged under which sequence: understood, or kept in quarantine as it came. */
function sequenceOf(entry: JournalEntry): { deviceId: string; sequence: string } | null {
  if (entry.kind === 'upload') return { deviceId: entry.deviceId, sequence: String(entry.sequence) };
  if (entry.kind !== 'quarantined') return null;
  const envelope = decodeEnvelope(entry.bytes);
  return envelope.ok ? { deviceId: entry.deviceId, sequence: String(envelope.value.sequence) } : null;
}

const numberOrText = (sequence: string): number | string =>
  Number.isSafeInteger(Number(sequence)) ? Number(sequence) : sequence;
