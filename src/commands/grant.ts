/** `fairwatch grant`: asks for a look at stored records, approves, reviews, ends and lists such looks (¶17–19). */
import type { Command } from 'commander';
import { TRIGGERS } from '../domain/grant.js';
import { type OfficeFlags, officeFlags, officeOf, tell } from './cli-office.js';
import { CommandFailed, print, runs } from './cli-run.js';
import { printTable } from './cli-table.js';

interface RequestFlags extends OfficeFlags {
  readonly trigger: string;
  readonly legalBasis: string;
  readonly order?: string;
  readonly alert?: string;
  readonly case?: string;
  readonly from?: string;
  readonly to?: string;
  readonly expires?: string;
  readonly reader?: readonly string[];
  readonly beyondCurfew?: boolean;
}

export function register(program: Command): void {
  const grant = program.command('grant').description('the lawful reasons for which stored records are looked at');
  officeFlags(grant.command('request <subject>').description('asks for a look; another person approves it'))
    .requiredOption('--trigger <trigger>', `one of ${TRIGGERS.filter((name) => name !== 'trail').join(', ')}`)
    .requiredOption('--legal-basis <text>', 'the power, and why it is necessary and proportionate')
    .option('--order <order>', 'where several orders concern the person')
    .option('--alert <alert>', 'the alert that it rests on (standing_alert)')
    .option('--case <reference>', 'of the enquiry, direction, request or hold')
    .option('--from <time>', 'RFC 3339')
    .option('--to <time>', 'RFC 3339')
    .option('--expires <time>', 'sooner than it would, RFC 3339')
    .option('--reader <user...>', 'users of your agency who may read (default: you)')
    .option('--beyond-curfew', 'radio outside curfew hours and foreign sightings too')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch grant request SUB-1 --trigger standing_alert --alert A-1 --purpose compliance_monitoring' +
        ' --legal-basis "licence condition 5(ii)" --token-file ann.token\n',
    )
    .action(runs(request));
  officeFlags(grant.command('approve <grant>').description('opens a grant that another person has asked for'))
    .addHelpText('after', '\nExample:\n  fairwatch grant approve G-0123 --token-file ben.token\n')
    .action(runs((id: string, flags: OfficeFlags) => act(id, 'approve', undefined, flags)));
  officeFlags(grant.command('review <grant>').description('says of a grant that opened by itself whether it was right'))
    .requiredOption('--note <text>', 'what was looked at, and found')
    .option('--unjustified', 'it was not justified: the grant is closed')
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch grant review G-0123 --note "found unharmed" --token-file ben.token\n',
    )
    .action(
      runs((id: string, flags: OfficeFlags & { readonly note: string; readonly unjustified?: boolean }) =>
        act(id, 'review', { justified: flags.unjustified !== true, note: flags.note }, flags),
      ),
    );
  officeFlags(grant.command('revoke <grant>').description('ends a grant'))
    .requiredOption('--reason <text>', 'why')
    .addHelpText('after', '\nExample:\n  fairwatch grant revoke G-0123 --reason "found" --token-file ben.token\n')
    .action(
      runs((id: string, flags: OfficeFlags & { readonly reason: string }) =>
        act(id, 'revoke', { reason: flags.reason }, flags),
      ),
    );
  officeFlags(grant.command('show <grant>').description('a grant with every version of it'))
    .addHelpText('after', '\nExample:\n  fairwatch grant show trail.ORD-1 --json --token-file ann.token\n')
    .action(runs(show));
  officeFlags(grant.command('list').description('grants that concern your agency, in the order of asking'))
    .option('--order <order>', 'of this order alone')
    .option('--state <state>', 'requested, open, expired, revoked or closed')
    .addHelpText('after', '\nExample:\n  fairwatch grant list --state requested --token-file ben.token\n')
    .action(runs(list));
}

async function request(subject: string, flags: RequestFlags): Promise<void> {
  if (flags.purpose === undefined) {
    throw new CommandFailed('--purpose is needed: what the look is for, as compliance_monitoring', 2);
  }
  const body = {
    trigger: flags.trigger,
    subject_id: subject,
    legal_basis: flags.legalBasis,
    order_id: flags.order,
    alert_id: flags.alert,
    case_reference: flags.case,
    from: flags.from,
    to: flags.to,
    expires: flags.expires,
    readers: flags.reader,
    beyond_curfew: flags.beyondCurfew,
  };
  const made = await officeOf(flags).ask('POST', '/v1/grants', body);
  tell(flags, made, () => tellState(made));
}

async function act(id: string, what: string, body: object | undefined, flags: OfficeFlags): Promise<void> {
  const changed = await officeOf(flags).ask('POST', `/v1/grants/${encodeURIComponent(id)}/${what}`, body);
  tell(flags, changed, () => tellState(changed));
}

async function show(id: string, flags: OfficeFlags): Promise<void> {
  const answer = await officeOf(flags).ask('GET', `/v1/grants/${encodeURIComponent(id)}`);
  tell(flags, answer, () => {
    for (const [name, value] of Object.entries(answer.grant as object)) {
      if (value !== null) print(`${name}\t${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
    }
  });
}

async function list(flags: OfficeFlags & { readonly order?: string; readonly state?: string }): Promise<void> {
  const query = new URLSearchParams({ limit: '1000' });
  if (flags.order !== undefined) query.set('order_id', flags.order);
  if (flags.state !== undefined) query.set('state', flags.state);
  const office = officeOf(flags);
  const grants: Record<string, unknown>[] = [];
  for (let more = true; more; ) {
    const page = await office.ask('GET', `/v1/grants?${query}`);
    grants.push(...(page.grants as Record<string, unknown>[]));
    more = page.more === true;
    query.set('after', String(grants.at(-1)?.grant_id));
  }
  tell(flags, { grants }, () => {
    if (grants.length === 0) print('no grant');
    const columns = ['grant_id', 'order_id', 'trigger', 'state', 'from', 'to', 'expires'];
    printTable(
      columns,
      grants.map((grant) => columns.map((name) => String(grant[name] ?? ''))),
    );
  });
}

function tellState(grant: Record<string, unknown>): void {
  print(`${String(grant.grant_id)} is ${String(grant.state)}: ${String(grant.from)} to ${String(grant.to)}`);
  if (grant.state === 'requested') print('another person must approve it: fairwatch grant approve');
  if (grant.state === 'open') print(`it can be read under until ${String(grant.expires)}: fairwatch review`);
  if (grant.review_due !== null && grant.reviewed === null) {
    print(`another person must review it by ${String(grant.review_due)}: fairwatch grant review`);
  }
}
