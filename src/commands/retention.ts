/** `fairwatch retention`: what is to be destroyed when, and the certificates of what was (Code of Practice ¶49–50). */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { JWK } from 'jose';
import { dutyJson } from '../codec/duty-json.js';
import { verifyCertificate } from '../lawful/certificate.js';
import { type OfficeFlags, officeFlags, officeOf, tell } from './cli-office.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { printTable } from './cli-table.js';

export function register(program: Command): void {
  const retention = program.command('retention').description('what is to be destroyed when, and what was');
  officeFlags(retention.command('list').description('lists orders by the time at which they are due'))
    .option('--state <state>', 'running, due or held')
    .addHelpText('after', '\nExample:\n  fairwatch retention list --state held --token-file controller.token\n')
    .action(runs(list));
  officeFlags(retention.command('run').description('destroys what is due now, as the gateway does within a minute'))
    .addHelpText('after', '\nExample:\n  fairwatch retention run --token-file controller.token\n')
    .action(runs(run));
  officeFlags(retention.command('show [certificate]').description('lists certificates, or prints one to be kept'))
    .addHelpText(
      'after',
      '\nExample:\n  fairwatch retention show C-0123 --token-file auditor.token > certificate.json\n',
    )
    .action(runs(show));
  retention
    .command('verify <file>')
    .description('checks a certificate offline')
    .option(
      '--key <file>',
      'the public key that the gateway has published (VAULT_DIR/audit-signing.public.jwk); without it, the one in the file',
    )
    .option('--json', 'prints what was checked as JSON')
    .addHelpText('after', '\nExample:\n  fairwatch retention verify certificate.json --key audit-signing.public.jwk\n')
    .action(runs(verify));
}

async function list(flags: OfficeFlags & { readonly state?: string }): Promise<void> {
  const query = flags.state === undefined ? '' : `?state=${encodeURIComponent(flags.state)}`;
  const answer = await officeOf(flags).ask('GET', `/v1/retention${query}`);
  const orders = answer.orders as Record<string, unknown>[];
  tell(flags, answer, () => {
    if (orders.length === 0) print('no order');
    printTable(
      ['order', 'end', 'due', 'state'],
      orders.map(({ order_id, end, due, state }) => [order_id, end, due, state].map(String)),
    );
    if (answer.more === true) print('… and more that are due later');
  });
}

async function run(flags: OfficeFlags): Promise<void> {
  const answer = await officeOf(flags).ask('POST', '/v1/retention/run');
  const erasures = answer.erasures as Record<string, unknown>[];
  tell(flags, answer, () => {
    if (erasures.length === 0) print('nothing is due');
    for (const { id, state, certificate_id } of erasures) {
      print([id, state, certificate_id ?? 'the certificate follows when the rows are gone'].map(String).join('\t'));
    }
  });
}

async function show(certificate: string | undefined, flags: OfficeFlags): Promise<void> {
  if (certificate !== undefined) {
    // a certificate is a document of its own, to be kept as it is: JSON in any case
    const path = `/v1/certificates/${encodeURIComponent(certificate)}`;
    print(JSON.stringify(await officeOf(flags).ask('GET', path), null, 2));
    return;
  }
  const answer = await officeOf(flags).list('/v1/certificates', 'certificates');
  const certificates = answer.certificates as Record<string, unknown>[];
  tell(flags, answer, () => {
    if (certificates.length === 0) print('no certificate');
    for (const { id, at } of certificates) print(`${String(id)}\t${String(at)}`);
  });
}

async function verify(file: string, flags: { readonly key?: string; readonly json?: boolean }): Promise<void> {
  const { jws, jwk: enclosed } = jsonOf(file) as { readonly jws?: unknown; readonly jwk?: JWK };
  if (typeof jws !== 'string') throw new CommandFailed(`${file} is no certificate: it has no "jws"`, 2);
  const jwk = flags.key === undefined ? enclosed : (jsonOf(flags.key) as JWK);
  if (jwk === undefined) throw new CommandFailed(`${file} holds no key: give the published one with --key`, 2);
  const checked = await verifyCertificate(jws, jwk);
  if (!checked.ok) throw new CommandFailed(`${file} is not genuine: ${checked.fault}`);
  const { certificate, thumbprint } = checked.value;
  const said = dutyJson(certificate) as Record<string, unknown>;
  if (flags.json === true) {
    printJson({ genuine: true, key: thumbprint, key_from: flags.key === undefined ? 'certificate' : 'file', ...said });
    return;
  }
  print(`genuine: signed by the key ${thumbprint}`);
  if (flags.key === undefined) print('that key came with the certificate: compare it with the one that is published');
  print(
    `order ${certificate.orderName}: keys destroyed ${String(said.keys_destroyed)}, complete ${String(said.complete)}`,
  );
  for (const [what, count] of Object.entries(certificate.destroyed)) print(`  ${what.replaceAll('_', ' ')}: ${count}`);
}

function jsonOf(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CommandFailed(`${path} cannot be read`, 2);
  }
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new CommandFailed(`${path} holds no JSON object`, 2);
}
