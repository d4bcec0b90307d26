/** What the API document says before its operations: how to come in, how to be refused, and what its groups are. */

export const ABOUT = `Fairwatch takes in what devices of people on court orders say, raises alerts by the rules of their
orders, and lets people look only as far as the Code of Practice on electronic monitoring data allows (¶ below is its
numbering). All examples here were answered by the gateway itself; every person and place in them is made up, and what is
random in them (ids, keys, hashes, signatures) is replaced by look-alikes. Long lists are cut.

## Tokens
Every operation but those of \`health\` wants \`Authorization: Bearer TOKEN\`: a JWT with \`sub\` (the user), \`role\` and
\`agency\`, signed by the OIDC issuer that the gateway's configuration names. On a development machine,
\`fairwatch token --role supervising_officer --agency probation-north --user ann\` makes one. A role sees the orders of its
own agency or of all, as each operation says; what is not the caller's to see does not exist (404).

## Purposes
Personal data is processed for a purpose (¶15, ¶22–32). The header \`Fairwatch-Purpose\` says which. Where it is required,
a request without it is refused (\`purpose_missing\`); elsewhere the role's first purpose for that operation stands. A
purpose that the role does not have for the operation is refused (\`purpose_refused\`).

## Positions
No list, stream or alert holds a position. To see where somebody was takes a grant: asked for with a legal basis, opened by
another person (where a life is at stake: looked at by one afterwards), for the time that the reason covers, and logged at
each look (¶16–19, ¶26).

## Problems
A refusal is \`application/problem+json\` (RFC 9457) with a stable \`code\`, a \`detail\` that says what to do, and
\`problems\`: which member of the request was expected how. \`to_the_person\`, where it stands, is what the person concerned
is to be told, their rights included (¶45). Any operation may also answer 400 (\`malformed_request\`), 405, 408, 414 or 431
to what is no decent request, 429 (\`rate_limited\`: come again after \`Retry-After\` seconds) to who asks too often, 503
(\`issuer_unavailable\`) while tokens cannot be checked, and 500 (\`internal\`).

## Bodies
JSON in UTF-8, without a byte order mark, at most 4 MiB for an order or a zone and 128 KiB for all else. No object has two
members of one name, and no text a control character but tabs and line ends.

## The log
What is asked, by whom, for what purpose, and what came of it is in the audit log before it is answered (Data Protection Act
2018, section 62). What cannot be logged is not answered: 503, \`audit_unavailable\`. \`GET /v1/audit/proof\` proves that an
entry stands in the log.`
  // lines are broken here for whoever reads the source
  .split('\n')
  .reduce(
    (text, line) => `${text}${line === '' || line.startsWith('#') || /(^|\n)(#.*)?$/.test(text) ? '\n' : ' '}${line}`,
  );

/** In the order of the work: what is monitored, what comes of it, who may look, what is owed, what runs it. */
export const TAGS = [
  { name: 'orders', description: 'Orders of courts as they are imported, and who may not look at a restricted one' },
  { name: 'zones', description: 'Zones that several orders share; a zone is often a victim’s home (¶46)' },
  { name: 'devices', description: 'Equipment: enrolment, keys, intervals, notices to the wearer; no person is named' },
  { name: 'subjects', description: 'A person: status without a position, and everything that is held on them (¶31)' },
  { name: 'alerts', description: 'Violations and alerts, and what people decide about them (¶57); no position' },
  {
    name: 'grants',
    description: 'Looks at stored records: asked for, approved by another, read, reviewed (¶16–19, ¶26)',
  },
  { name: 'disclosures', description: 'What was shared with whom, and by which law (¶22–30)' },
  { name: 'warnings', description: 'Warning letters and authorised absences (¶59, ¶62)' },
  { name: 'rectifications', description: 'What is said to be wrong, and what was done about it (¶43, ¶45)' },
  { name: 'holds', description: 'Legal holds: while one stands, nothing of the order is destroyed (¶44, ¶50)' },
  { name: 'erasures', description: 'Destruction on request or when retention ends, and its certificates (¶44–50)' },
  { name: 'incidents', description: 'Loss or compromise of data, with its 24 h and 72 h clocks (¶36–42)' },
  { name: 'audit', description: 'Who looked at whose data, and proofs that the log is what it was' },
  { name: 'statistics', description: 'Counts that name nobody, small numbers suppressed (¶32)' },
  { name: 'quarantine', description: 'What was acknowledged and not understood; never its payload' },
  { name: 'health', description: 'For supervisors and scrapers; nothing about anybody' },
  { name: 'development', description: 'Only with `serve --clock stepped`: the time that the gateway goes by' },
] as const;
