/** Tables for people: aligned on a terminal, one line a row with tabs between elsewhere. */
import { print } from './cli-run.js';

/** Rows of as many cells as there are titles; a column in which every cell is empty is left out. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const used = titles.flatMap((_, i) => (rows.some((row) => row[i] !== '') ? [i] : []));
  const shown = [titles, ...rows].map((row) => used.map((i) => row[i] ?? ''));
  if (rows.length === 0) return;
  if (!process.stdout.isTTY) {
    for (const row of shown) print(row.join('\t'));
    return;
  }
  const widths = used.map((_, column) => Math.max(...shown.map((row) => [...(row[column] ?? '')].length)));
  for (const row of shown)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
