/** `fairwatch hold`: places, lifts and lists legal holds (Code of Practice ¶44, ¶50). */
import type { Command } from 'commander';
import { HOLD_REASONS } from '../ports/duties/holds.js';
import { type OfficeFlags, officeFlags, officeOf, tell } from './cli-office.js';
import { print, runs } from './cli-run.js';
import { printTable } from './cli-table.js';

interface PlaceFlags extends OfficeFlags {
  readonly reasonClass: string;
  readonly legalBasis: string;
  readonly reason: string;
  readonly case?: string;
  readonly withhold?: boolean;
}

export function register(program: Command): void {
  const hold = program.command('hold').description('while a hold stands, nothing of the order is destroyed');
  officeFlags(hold.command('place <order>').description('places a hold on everything of an order'))
    .requiredOption('--reason-class <class>', `one of ${Object.keys(HOLD_REASONS).join(', ')}`)
    .requiredOption('--legal-basis <text>', 'the law that permits keeping it')
    .requiredOption('--reason <text>', 'why')
    .option('--case <reference>', 'of the investigation, claim or appeal')
    .option('--withhold', 'the person is not told of it for the time being')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch hold place ORD-1 --reason-class investigation --legal-basis "CPIA 1996" --reason "asked for by the police" --token-file controller.token\n',
    )
    .action(runs(place));
  officeFlags(hold.command('lift <hold>').description('lifts a hold'))
    .requiredOption('--reason <text>', 'why')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch hold lift H-0123 --reason "no charges" --token-file controller.token\n',
    )
    .action(runs(lift));
  officeFlags(hold.command('list').description('lists holds, in the order in which they were placed'))
    .option('--order <order>', 'of this order alone')
    .addHelpText('after', '\nExample:\n  fairwatch hold list --order ORD-1 --token-file controller.token\n')
    .action(runs(list));
}

async function place(order: string, flags: PlaceFlags): Promise<void> {
  const { reasonClass: reason_class, legalBasis: legal_basis, reason, withhold = false } = flags;
  const reference = flags.case === undefined ? {} : { case_reference: flags.case };
  const body = { order_id: order, reason_class, legal_basis, reason, withhold, ...reference };
  const placed = await officeOf(flags).ask('POST', '/v1/holds', body);
  tell(flags, placed, () => print(`${String(placed.id)} stands since ${String(placed.placed)}`));
}

async function lift(hold: string, flags: OfficeFlags & { readonly reason: string }): Promise<void> {
  const lifted = await officeOf(flags).ask('POST', `/v1/holds/${encodeURIComponent(hold)}/lift`, {
    reason: flags.reason,
  });
  tell(flags, lifted, () => print(`${String(lifted.id)} is lifted since ${String(lifted.lifted)}`));
}

async function list(flags: OfficeFlags & { readonly order?: string }): Promise<void> {
  const query = flags.order === undefined ? '' : `?order_id=${encodeURIComponent(flags.order)}`;
  const answer = await officeOf(flags).list(`/v1/holds${query}`, 'holds');
  const holds = answer.holds as Record<string, unknown>[];
  tell(flags, answer, () => {
    if (holds.length === 0) print('no hold');
    const rows = holds.map(({ id, order_id, state, reason_class, placed }) => [
      id,
      order_id,
      state,
      reason_class,
      placed,
    ]);
    printTable(
      ['hold', 'order', 'state', 'reason', 'placed'],
      rows.map((row) => row.map(String)),
    );
  });
}
