/** ¶36–50 and DPA 2018 s.62: what is kept, how, how long, and who can tell. */
import type { Switch } from '../switch.js';

export const KEEPING: readonly Switch[] = [
  {
    id: 'incident clocks',
    name: 'two days are left where one is',
    file: 'src/lawful/incidents.js',
    edits: [{ find: 'DIRECTORATE_MS = 24 *', replace: 'DIRECTORATE_MS = 48 *' }],
  },
  {
    id: 'incident clocks',
    name: 'an incident is closed though nobody was told',
    file: 'src/lawful/incidents.js',
    edits: [{ find: 'if (update.close === true && (', replace: 'if (false && (' }],
  },
  {
    id: 'incident clocks',
    name: 'what was done about it is not kept',
    file: 'src/lawful/incidents.js',
    edits: [{ find: '...(findings === undefined ? {} : { findings }),', replace: '' }],
  },
  {
    id: 'incidents noticed',
    name: 'the gateway opens none for what looks like forgery',
    file: 'src/lawful/incident-watcher.js',
    edits: [{ find: "if (cause === undefined || version.state === 'withdrawn')", replace: 'if (true)' }],
  },
  {
    id: 'refused reads',
    name: 'nobody counts what one caller is refused',
    file: 'src/api/access/refused-reads.js',
    edits: [{ find: 'counted.count++;', replace: '' }],
  },
  {
    id: 'rectification',
    name: 'a correction says nothing of why and by what request',
    file: 'src/lawful/rectifications.js',
    edits: [{ find: 'corrections.push({ rectificationId: id, reason, fields: names, atMs });', replace: '' }],
  },
  {
    id: 'rectification',
    name: 'a refusal says nothing of the rights',
    file: 'src/lawful/rectifications.js',
    edits: [{ find: "import { RIGHTS } from '../ports/duties/duty.js';", replace: "const RIGHTS = '';" }],
  },
  {
    id: 'evidence',
    name: 'an erasure does not ask for holds',
    file: 'src/lawful/erasure.js',
    edits: [{ find: 'const standing = holds.standing(order.orderId);', replace: 'const standing = [];' }],
  },
  {
    id: 'evidence',
    name: 'the retention clock does not ask for holds',
    file: 'src/lawful/retention.js',
    edits: [{ find: '|| holds.standing(orderId).length > 0)', replace: ')' }],
  },
  {
    id: 'in force',
    name: 'an order that runs is erased when somebody asks',
    file: 'src/lawful/erasure.js',
    edits: [{ find: 'if (nowMs < startMs || nowMs >= endMs ||', replace: 'if (true ||' }],
  },
  {
    id: 'erasure',
    name: 'the keys stay',
    file: 'src/lawful/destruction.js',
    edits: [{ find: 'await this.p.keys.destroy(orderId);', replace: '' }],
  },
  {
    id: 'erasure',
    name: 'a file of keys is unlinked and not overwritten',
    file: 'src/adapters/files/file-key-vault.js',
    edits: [{ find: 'await writeWhole(file, randomBytes(Number(size)), 0);', replace: '' }],
  },
  {
    id: 'certificate',
    name: 'the certificate is there before the rows are gone',
    file: 'src/lawful/destruction.js',
    edits: [
      { find: 'if (!(await this.p.removeRows(orderId))) return at;', replace: 'await this.p.removeRows(orderId);' },
    ],
  },
  {
    id: 'keys apart',
    name: 'the vault may lie among the data',
    file: 'src/commands/configuration.js',
    edits: [{ find: 'if (vault === data || vault.startsWith(data + sep)) {', replace: 'if (false) {' }],
  },
  {
    id: 'keys apart',
    name: 'one key may open both tiers',
    file: 'src/commands/configuration.js',
    edits: [
      {
        find: 'if (c.kek !== undefined && c.reviewKek !== undefined && c.kek.equals(c.reviewKek)) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    id: 'memory',
    name: 'core dumps are as good as none',
    file: 'src/commands/safe-process.js',
    edits: [{ find: "if (core !== null && core[1] !== '0') {", replace: 'if (false) {' }],
  },
  {
    id: 'region',
    name: 'the data may lie anywhere',
    file: 'src/commands/settings.js',
    edits: [{ find: '.refine((raw) => REGIONS.has(raw),', replace: '.refine(() => true,' }],
  },
  {
    id: 'hour keys',
    name: 'no key of an hour is ever overdue',
    file: 'src/crypto/epoch-seals.js',
    edits: [{ find: 'epoch * EPOCH_MS + EPOCH_LIFE_MS <= nowMs', replace: 'false' }],
  },
  {
    id: 'retention',
    name: 'nothing is ever due',
    file: 'src/lawful/retention.js',
    edits: [
      {
        find: 'if (dueOf(endMs, months) > clock.nowMs()) continue;',
        replace: 'continue;',
      },
    ],
  },
  {
    id: 'retention',
    name: 'seven years are as good as six',
    file: 'src/lawful/retention.js',
    edits: [{ find: 'RETENTION_MONTHS_MAX = 72', replace: 'RETENTION_MONTHS_MAX = 84' }],
  },
  {
    id: 'attempt',
    name: 'nothing is logged before it is done',
    file: 'src/api/access/audited.js',
    edits: [
      {
        find: 'await this.#attempt(audited); guardHijack(request, reply);',
        replace: 'guardHijack(request, reply);',
      },
    ],
  },
  {
    id: 'tampering',
    name: 'heads are believed without a look at what they sign',
    file: 'src/lawful/audit-verify.js',
    edits: [{ find: "if (head.root === frontier.root().toString('hex')) {", replace: 'if (true) {' }],
  },
  {
    id: 'tampering',
    name: 'a log that its newest head does not sign is opened',
    file: 'src/adapters/lmdb/lmdb-audit-log.js',
    edits: [
      {
        find: 'if (extra || (head !== null && headOf(head.jws).root !== hex(frontier.root()))) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    id: 'log after erasure',
    name: 'whose data it was lies under a key that stays',
    file: 'src/adapters/lmdb/lmdb-audit-log.js',
    edits: [{ find: 'order === null ? null : this.keys.auditSealsNamed(order);', replace: 'null;' }],
  },
];
