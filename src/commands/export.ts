/** `fairwatch export`: everything that is held on one person, as NDJSON and as a page to be printed (Code of Practice ¶31). */
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import { exportHtml } from '../lawful/export-html.js';
import type { ExportItem } from '../ports/duties/exports.js';
import { type OfficeFlags, officeFlags, officeOf } from './cli-office.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';

/** The last section that an export has: one that lacks it broke off. */
const LAST: ExportItem['section'] = 'left_out';

export function register(program: Command): void {
  officeFlags(
    program.command('export <subject>').description('everything that is held on one person, and who looked at it'),
  )
    .requiredOption('--out <dir>', 'folder for export.ndjson and export.html (readable by you alone)')
    .addHelpText(
      'after',
      '\nOne request for access is recorded for each run, in the log that the person can read.\n' +
        '\nExample:\n  fairwatch export SUB-1 --out ./sub-1 --token-file controller.token\n',
    )
    .action(runs(exportSubject));
}

async function exportSubject(subject: string, flags: OfficeFlags & { readonly out: string }): Promise<void> {
  const office = officeOf(flags, 'subject_access');
  const response = await office.open('POST', `/v1/subjects/${encodeURIComponent(subject)}/export`);
  mkdirSync(flags.out, { recursive: true, mode: 0o700 });
  const [lines, page] = [join(flags.out, 'export.ndjson'), join(flags.out, 'export.html')];
  await write(lines, Readable.fromWeb(response.body as ReadableStream));
  const seen = { items: 0, last: '' };
  await write(page, Readable.from(exportHtml(itemsOf(lines, seen))));
  if (seen.last !== LAST) throw new CommandFailed(`${lines} broke off: delete it and run the export again`);
  if (flags.json === true) printJson({ items: seen.items, ndjson: lines, html: page });
  else print(`${seen.items} items: ${lines}, ${page}`);
}

/** Whole under its name, or not there: a half export would be taken for the whole. */
async function write(path: string, content: Readable): Promise<void> {
  await pipeline(content, createWriteStream(`${path}.part`, { mode: 0o600 })).catch(() => {
    throw new CommandFailed(`${path} could not be written whole: the gateway broke off, or the disk is full`);
  });
  await rename(`${path}.part`, path);
}

async function* itemsOf(path: string, seen: { items: number; last: string }): AsyncGenerator<ExportItem> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue;
    const item = JSON.parse(line) as ExportItem;
    seen.items++;
    seen.last = item.section;
    yield item;
  }
}
