/** What is said at the end of a run: a table of the faults, the figures, what was not done, and what was found. */
import type { Looked } from './looks.js';
import type { TortureOptions } from './options.js';
import type { AlertVerdict, StoredVerdict } from './verdict.js';

export interface RecoveryOf {
  readonly fault: string;
  /** Seconds; null: it did not recover. */
  readonly seconds: number | null;
}

export interface Report {
  readonly options: TortureOptions;
  readonly people: number;
  readonly seconds: number;
  readonly recoveries: readonly RecoveryOf[];
  readonly kills: number;
  readonly gaveUp: number;
  readonly made: number;
  readonly stored: StoredVerdict;
  readonly alerts: AlertVerdict;
  readonly storms: readonly { readonly devices: number; readonly uploads: number; readonly seconds: number | null }[];
  readonly listeners: string;
  /** Connections of devices that ended, by reason. */
  readonly ended: ReadonlyMap<string, number>;
  readonly looks: Looked;
  readonly delays: readonly (readonly string[])[];
  readonly notDone: readonly string[];
  readonly faults: readonly string[];
}

/** Markdown, which a terminal shows as well. */
export function reportText(r: Report): string {
  const { options: o, alerts, stored } = r;
  const names = [...new Set(r.recoveries.map(({ fault }) => fault))].sort();
  const rows = names.map((fault) => {
    const all = r.recoveries.filter((one) => one.fault === fault);
    const seconds = all.flatMap((one) => one.seconds ?? []).sort((a, b) => a - b);
    const median = seconds[(seconds.length - 1) >> 1];
    const stuck = all.length - seconds.length;
    return [fault, String(all.length), show(median), `${show(seconds.at(-1))}${stuck > 0 ? ` (${stuck} never)` : ''}`];
  });
  const all = r.recoveries.flatMap(({ seconds }) => seconds ?? []);
  const figures: [string, string][] = [
    ['people', `${o.devices} live, ${o.stormDevices} out of coverage, ${r.people} in all`],
    ['faults', String(r.recoveries.length)],
    ['kills', String(r.kills)],
    ['gave up by themselves (full disk)', String(r.gaveUp)],
    ['slowest recovery, s', show(all.length === 0 ? undefined : Math.max(...all))],
    ['uploads made', String(r.made)],
    ['acknowledged', String(stored.acked)],
    ['stored', String(stored.stored)],
    ['lost', String(stored.lost)],
    ['looked up under a grant', `${r.looks.records} records of ${r.looks.people} people`],
    ['alerts expected', String(alerts.expected)],
    ['received', String(alerts.received)],
    ['missed', String(alerts.missed)],
    ['false', String(alerts.untrue)],
    ['twice', String(alerts.twice)],
    ['told and withdrawn (no fault)', alerts.withdrawn],
    ['versions on the stream', String(alerts.versions)],
    ['listeners', r.listeners],
    ['connections ended', [...r.ended].map(([why, count]) => `${count} ${why}`).join(', ')],
    ...r.storms.map(({ devices, uploads, seconds }, i): [string, string] => [
      `storm ${i + 1}`,
      `${devices} devices, ${uploads} uploads, ${seconds === null ? 'never drained' : `drained in ${seconds.toFixed(1)} s`}`,
    ]),
  ];
  return [
    `# Torture, seed ${o.seed}, ${o.mode}: ${r.faults.length === 0 ? 'nothing found' : `${r.faults.length} FAULTS FOUND`}`,
    '',
    `${(r.seconds / 60).toFixed(1)} minutes in all, ${o.minutes} of them with faults.`,
    '',
    ...table(['fault', 'count', 'recovery p50, s', 'max, s'], rows),
    '',
    ...table(['figure', 'value'], figures),
    '',
    ...table(['alerts of live people, in', 'events', 'late p50, s', 'p99, s', 'max, s'], r.delays),
    ...section('Not done', r.notDone),
    ...section('Found', r.faults),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines.map((line) => `- ${line}`)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, i) => Math.max(cell.length, 3, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}

const show = (seconds: number | undefined): string => (seconds === undefined ? '-' : seconds.toFixed(1));
