/** Results as tables: Markdown that also reads well on a terminal. */
import { type BenchResult, type Cell, type Column, isSpread } from './result.js';

/** The table of a result. A cell of several runs shows its median and, in brackets, the least and the most. */
export function markdownTable({ labelTitle, columns, rows }: Pick<BenchResult, 'labelTitle' | 'columns' | 'rows'>) {
  const head = [labelTitle, ...columns.map(({ title }) => title)];
  const body = rows.map(({ label, cells }) => [label, ...columns.map((column) => cellText(cells[column.key], column))]);
  return aligned([head, ...body]);
}

export function cellText(cell: Cell | undefined, { digits = 0 }: Column): string {
  const number = (value: number): string =>
    value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (cell === undefined || cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (!isSpread(cell)) return number(cell);
  return `${number(cell.median)} (${number(cell.min)}–${number(cell.max)})`;
}

/** The first column on the left, figures on the right; `texts`: all on the left. */
export function aligned(lines: readonly (readonly string[])[], texts = false): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(3, ...lines.map((line) => line[i]?.length ?? 0)));
  const text = lines.map((line) => {
    const cells = line.map((cell, i) =>
      i === 0 || texts ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    return `| ${cells.join(' | ')} |`;
  });
  const rule = widths.map((width, i) => (i === 0 || texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [text[0] ?? '', `| ${rule.join(' | ')} |`, ...text.slice(1)].join('\n');
}
