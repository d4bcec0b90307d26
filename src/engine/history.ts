/** What a start wants to know of the journal's past besides the states. */
import type { JournalEntry } from '../domain/entry.js';
import type { Journal } from '../ports/journal.js';

/** When the gateway last wrote anything; null: this is its first start. */
export async function lastAliveMs(journal: Journal): Promise<number | null> {
  if (journal.last < journal.first) return null;
  for await (const { entry } of journal.read(journal.last)) return entry.receivedMs;
  return null;
}

/** How far back intake remembers which sequences it took in, to tell a forged one from a repeat. */
const MEMORY_MS = 2 * 3_600_000;
const PAGE = 65_536;

/** Shows the entries of the last two hours, oldest first. Older segments are not read. */
export async function replayRecent(
  journal: Journal,
  nowMs: number,
  show: (entry: JournalEntry) => void,
): Promise<void> {
  let from = journal.last + 1;
  // What was trimmed is older than that.
  for (let reached = false; !reached && from > journal.first; ) {
    from = Math.max(journal.first, from - PAGE);
    for await (const { entry } of journal.read(from)) {
      reached = entry.receivedMs < nowMs - MEMORY_MS;
      break;
    }
  }
  for await (const { entry } of journal.read(from)) show(entry);
}
