/** ¶15–20, 35, 47, 63: who may look, what for, and when. */
import type { Switch } from '../switch.js';

export const LOOKING: readonly Switch[] = [
  {
    id: 'purpose',
    name: 'any purpose of the list will do, whoever sends it',
    file: 'src/api/access/gate.js',
    edits: [{ find: 'purpose !== undefined && purposes.includes(purpose)', replace: 'purpose !== undefined' }],
  },
  {
    id: 'role',
    name: 'what one role may do, all may',
    file: 'src/api/access/policy.js',
    edits: [
      {
        find: 'return added ?? POLICY[role][action] ?? null;',
        replace: 'return added ?? Object.values(POLICY).find((rights) => rights[action])?.[action] ?? null;',
      },
    ],
  },
  {
    id: 'agency',
    name: 'every agency sees the people of all others',
    file: 'src/api/access/gate.js',
    edits: [{ find: "return access.scope === 'all' ||", replace: 'return true ||' }],
  },
  {
    id: 'refusals',
    name: 'what is refused is not logged',
    file: 'src/api/access/audited.js',
    edits: [
      {
        find: 'if (request.audited === null || request.audited.told) return payload;',
        replace: 'if (request.audited === null || request.audited.told || reply.statusCode >= 400) return payload;',
      },
    ],
  },
  {
    id: 'named person',
    name: 'the log names a role, not a person',
    file: 'src/api/access/gate.js',
    edits: [
      { find: "{ kind: 'person', user, role, agency }", replace: "{ kind: 'person', user: role, role, agency }" },
    ],
  },
  {
    id: 'named person',
    name: 'a token need not say who it is of',
    file: 'src/api/access/tokens.js',
    edits: [
      { find: "requiredClaims: ['exp', 'sub']", replace: "requiredClaims: ['exp']" },
      { find: 'if (!isUserName(user) || knownRole', replace: 'if (knownRole' },
    ],
  },
  {
    id: 'restricted',
    name: 'a restricted order is like any other',
    file: 'src/api/access/restricted.js',
    edits: [{ find: 'if (!order.restricted) return true;', replace: 'return true;' }],
  },
  {
    id: 'restricted',
    name: 'a topic tells all of a restricted order',
    file: 'src/api/alert-topics.js',
    edits: [{ find: 'if (restricted) return payloadOf(bareEvent(whole));', replace: '' }],
  },
  {
    id: 'grant',
    name: 'a request opens by itself',
    file: 'src/lawful/grant-decisions.js',
    edits: [
      { find: 'if (grant.approved === null && grant.reviewDueMs === null) {', replace: 'if (false) {' },
      {
        find: "return grant.expiresMs === null || nowMs >= grant.expiresMs ? 'expired' : 'open';",
        replace: "return grant.expiresMs !== null && nowMs >= grant.expiresMs ? 'expired' : 'open';",
      },
    ],
  },
  {
    id: 'window',
    name: 'an alert opens the whole day around it',
    file: 'src/lawful/grant-policy.js',
    edits: [{ find: 'ALERT_MARGIN_MS = 30 * 60_000', replace: 'ALERT_MARGIN_MS = 24 * 3_600_000' }],
  },
  {
    id: 'bounds',
    name: 'a grant is for every reader',
    file: 'src/lawful/grant-sight.js',
    edits: [
      {
        find: 'reader.agency !== grant.requested.by.agency || !grant.readers.includes(reader.user)',
        replace: 'false',
      },
    ],
  },
  {
    id: 'bounds',
    name: 'a grant is for every purpose',
    file: 'src/lawful/grant-sight.js',
    edits: [{ find: 'if (purpose !== grant.purpose) {', replace: 'if (false) {' }],
  },
  {
    id: 'bounds',
    name: 'a grant never ends',
    file: 'src/lawful/grant-decisions.js',
    edits: [{ find: 'grant.expiresMs === null || nowMs >= grant.expiresMs', replace: 'grant.expiresMs === null' }],
  },
  {
    id: 'second person',
    name: 'who asks may approve',
    file: 'src/lawful/grant-decisions.js',
    edits: [{ find: 'if (isSameUser(by.user, grant.requested.by.user)) {', replace: 'if (false) {' }],
  },
  {
    id: 'life',
    name: 'nobody asks whether it was looked at afterwards',
    file: 'src/lawful/grants.js',
    edits: [{ find: 'reviewDueMs !== null && reviewed === null && nowMs >= reviewDueMs', replace: 'false' }],
  },
  {
    id: 'life',
    name: 'that nobody looked at it is no incident',
    file: 'src/lawful/incident-watcher.js',
    edits: [{ find: 'of this.p.grants.overdueReviews(nowMs)', replace: 'of []' }],
  },
  {
    id: 'life',
    name: 'who asked may find it justified',
    file: 'src/lawful/grant-decisions.js',
    edits: [
      {
        find: 'if ([grant.requested.by.user, ...grant.readers].some((user) => isSameUser(by.user, user))) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    id: 'look logged',
    name: 'the answer does not wait for the log',
    file: 'src/api/access/audited.js',
    edits: [
      {
        find: 'await this.tell(request, reply.statusCode); return payload;',
        replace: 'void this.tell(request, reply.statusCode).catch(() => {}); return payload;',
      },
    ],
  },
  {
    id: 'trail',
    name: 'any officer of any agency reads a trail',
    file: 'src/lawful/grant-sight.js',
    edits: [{ find: 'if (!officer || reader.agency !== order.supervisor) {', replace: 'if (false) {' }],
  },
  {
    id: 'trail',
    name: 'a trail stays open when the order is over',
    file: 'src/lawful/grant-sight.js',
    edits: [{ find: 'if (nowMs >= order.endMs) {', replace: 'if (false) {' }],
  },
  {
    id: 'curfew hours',
    name: 'every grant shows what radio said outside curfew hours',
    file: 'src/lawful/review-scope.js',
    edits: [{ find: 'if (!sight.beyondCurfew) return null;', replace: '' }],
  },
  {
    id: 'foreign sightings',
    name: 'what a stranger’s home unit hears counts',
    file: 'src/rules/step.js',
    edits: [
      {
        find: "if (asked !== null && body.kind === 'rf' && (sender === null",
        replace: "if (false && asked !== null && body.kind === 'rf' && (sender === null",
      },
    ],
  },
  {
    id: 'foreign sightings',
    name: 'it lies with whoever’s home unit it was',
    file: 'src/rules/assignments.js',
    edits: [{ find: 'if (tag !== null) return tag;', replace: '' }],
  },
  {
    id: 'alcohol',
    name: 'one reading is enough, whatever the condition says',
    file: 'src/rules/alcohol.js',
    edits: [
      {
        find: 'return { conditionId, thresholdUgL, consecutive };',
        replace: 'return { conditionId, thresholdUgL, consecutive: 1 };',
      },
    ],
  },
  {
    id: 'pilot',
    name: 'the policy of development machines holds everywhere',
    file: 'src/api/access/policy.js',
    edits: [{ find: 'const added = development ?', replace: 'const added = true ?' }],
  },
];
