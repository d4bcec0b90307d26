/** `fairwatch incident`: loss or compromise of data, with the clocks of 24 h and 72 h (Code of Practice ¶36–42). */
import type { Command } from 'commander';
import { INCIDENT_KINDS } from '../ports/duties/incidents.js';
import { type OfficeFlags, officeFlags, officeOf, tell } from './cli-office.js';
import { CommandFailed, print, runs } from './cli-run.js';
import { printTable } from './cli-table.js';

interface UpdateFlags extends OfficeFlags {
  readonly directorateTold?: string;
  readonly notified?: string;
  readonly notNotified?: string;
  readonly personsTold?: string;
  readonly seniorOfficialInformed?: string;
  readonly mitigation?: string;
  readonly findings?: string;
  readonly close?: boolean;
}

export function register(program: Command): void {
  const incident = program.command('incident').description('loss or compromise of data, and who must be told by when');
  officeFlags(incident.command('open').description('reports an incident; both clocks run from when it was identified'))
    .requiredOption('--kind <kind>', `one of ${INCIDENT_KINDS.join(', ')}`)
    .requiredOption('--summary <text>', 'what happened')
    .option('--identified <time>', 'when it was noticed, RFC 3339 (default: now)')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch incident open --kind loss --summary "a printed list was left on a train" --token-file my.token\n',
    )
    .action(runs(open));
  officeFlags(incident.command('list').description('lists incidents, with the hours that are left'))
    .addHelpText('after', '\nExample:\n  fairwatch incident list --token-file auditor.token\n')
    .action(runs(list));
  officeFlags(incident.command('update <incident>').description('adds what was told, decided and found out'))
    .option('--directorate-told <time>', 'the MoJ Electronic Monitoring Directorate was told (¶39)')
    .option('--notified <time>', 'the Information Commissioner was notified (¶41)')
    .option('--not-notified <reasons>', 'it was decided not to notify the Commissioner, and why (¶41)')
    .option('--persons-told <time>', 'the persons concerned were told (¶42)')
    .option('--senior-official-informed <time>', 'the senior official was informed (¶42)')
    .option('--mitigation <text>', 'what was done against its effects')
    .option('--findings <text>', 'what the investigation found')
    .option('--close', 'closes it, when both clocks are met')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch incident update I-0123 --directorate-told 2026-03-10T09:00:00Z --token-file controller.token\n',
    )
    .action(runs(update));
}

async function open(
  flags: OfficeFlags & { readonly kind: string; readonly summary: string; readonly identified?: string },
): Promise<void> {
  const { kind, summary, identified } = flags;
  const body = { kind, summary, ...(identified === undefined ? {} : { identified }) };
  const opened = await officeOf(flags).ask('POST', '/v1/incidents', body);
  tell(flags, opened, () => print(`${String(opened.id)}: ${clockLine(opened)}`));
}

async function list(flags: OfficeFlags): Promise<void> {
  const answer = await officeOf(flags).list('/v1/incidents', 'incidents');
  const incidents = answer.incidents as Record<string, unknown>[];
  tell(flags, answer, () => {
    if (incidents.length === 0) print('no incident');
    printTable(
      ['incident', 'state', 'kind', 'identified', 'clocks'],
      incidents.map((one) => [...[one.id, one.state, one.kind, one.identified].map(String), clockLine(one)]),
    );
  });
}

async function update(incident: string, flags: UpdateFlags): Promise<void> {
  const { directorateTold, notified, notNotified, personsTold, seniorOfficialInformed, mitigation, findings } = flags;
  if (notified !== undefined && notNotified !== undefined) {
    throw new CommandFailed('--notified and --not-notified: the Commissioner was notified, or was not', 2);
  }
  const commissioner =
    notified !== undefined
      ? { decision: 'notified', at: notified }
      : notNotified !== undefined
        ? { decision: 'not_notified', reasons: notNotified }
        : undefined;
  const given = {
    directorate_told: directorateTold,
    persons_told: personsTold,
    senior_official_informed: seniorOfficialInformed,
    mitigation,
    findings,
    commissioner,
    close: flags.close,
  };
  const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(body).length === 0) throw new CommandFailed('nothing to add: see --help', 2);
  const path = `/v1/incidents/${encodeURIComponent(incident)}/update`;
  const updated = await officeOf(flags).ask('POST', path, body);
  tell(flags, updated, () => print(`${String(updated.id)} (${String(updated.state)}): ${clockLine(updated)}`));
}

function clockLine({ directorate_left_s, commissioner_left_s }: Record<string, unknown>): string {
  return `Directorate ${left(directorate_left_s)}; Commissioner ${left(commissioner_left_s)}`;
}

function left(seconds: unknown): string {
  if (typeof seconds !== 'number') return 'done';
  const hours = Math.abs(seconds / 3_600).toFixed(1);
  return seconds < 0 ? `${hours} h OVERDUE` : `${hours} h left`;
}
