/** A subject access export as one page that needs nothing else: no script, no image, no address that it would fetch. */
import { EXPORT_SECTIONS, type ExportItem, type ExportSection } from '../ports/duties/exports.js';
import { escapeHtml } from './html.js';

const STYLE =
  'body{font:11pt/1.4 serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%;font-size:9pt}' +
  'td,th{border:1px solid #999;padding:.2em .4em;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eee}' +
  'section{break-before:page}section:first-of-type{break-before:auto}tr{break-inside:avoid}thead{display:table-header-group}' +
  'pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:8pt;margin:0}@page{margin:18mm;size:A4}';

/** Items come section by section; each section is a table that begins a printed page of its own. */
export async function* exportHtml(items: AsyncIterable<ExportItem>): AsyncGenerator<string> {
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>What is held about you</title><style>${STYLE}</style></head><body><h1>What is held about you</h1>\n`;
  const order = Object.keys(EXPORT_SECTIONS) as ExportSection[];
  let next = 0;
  let open: ExportSection | null = null;
  for await (const { section, order_id, item } of items) {
    if (section !== open) {
      if (open !== null) yield '</tbody></table></section>\n';
      // sections that nothing was said in are named all the same: that nothing is held is an answer too
      for (const at = order.indexOf(section); next < at; next++) yield emptySection(order[next] as ExportSection);
      next = order.indexOf(section) + 1;
      yield `<section><h2>${escapeHtml(EXPORT_SECTIONS[section])}</h2><table><thead><tr><th>Order</th><th>What is held</th></tr></thead><tbody>\n`;
      open = section;
    }
    yield `<tr><td>${escapeHtml(order_id ?? '')}</td><td><pre>${escapeHtml(linesOf(item))}</pre></td></tr>\n`;
  }
  if (open !== null) yield '</tbody></table></section>\n';
  for (; next < order.length; next++) yield emptySection(order[next] as ExportSection);
  yield '</body></html>\n';
}

const emptySection = (section: ExportSection): string =>
  `<section><h2>${escapeHtml(EXPORT_SECTIONS[section])}</h2><p>Nothing is held.</p></section>\n`;

/** A member a line; what is nested stands behind its name as JSON. */
const linesOf = (item: Readonly<Record<string, unknown>>): string =>
  Object.entries(item)
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) => `${name.replaceAll('_', ' ')}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join('\n');
