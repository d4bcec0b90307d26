/** ¶15–20, 35, 47, 63: who may look, what for, and when. */
import type { Conformance } from './row.js';

export const LOOKING: readonly Conformance[] = [
  {
    kind: 'software',
    id: 'purpose',
    paragraphs: '15, 16',
    promise: 'Data is used for the purposes that the Code lists, and for nothing else.',
    mechanism:
      'The policy is one table: for each role and act, the purposes that it may be for. A request for another purpose is refused; where more than one could be meant, it must say which.',
    tests: [
      {
        file: 'tests/api/access-table.test.ts',
        name: 'a purpose is the role’s, and must be said where more than one is meant',
      },
    ],
  },
  {
    kind: 'software',
    id: 'role',
    paragraphs: '16, 47',
    promise: 'Only those who need to see something for their work see it.',
    mechanism:
      'No route can be registered that does not name its act, and no role may do an act that the table does not give it. An auditor reads the log and never the data; an engineer sees equipment and never who wears it.',
    tests: [
      { file: 'tests/api/audit.test.ts', name: 'nobody else reads it' },
      { file: 'tests/api/quarantine.test.ts', name: 'labels are listed, oldest first and page by page' },
    ],
  },
  {
    kind: 'software',
    id: 'agency',
    paragraphs: '22, 26, 47',
    promise: 'An agency sees the people whom it supervises, and no others.',
    mechanism:
      'Every answer is cut to the agency of the token: an order, an alert or a document of another agency is not there for it.',
    tests: [
      {
        file: 'tests/api/alerts.test.ts',
        name: 'one alert is shown with every version; who supervises now sees them all',
      },
      {
        file: 'tests/api/sharing.test.ts',
        name: 'a notice says what is collected under this order, as JSON, text and page',
      },
      {
        file: 'tests/api/alert-decisions.test.ts',
        name: 'other agencies see nothing, administrators and engineers decide nothing, and nothing goes without words',
      },
    ],
  },
  {
    kind: 'software',
    id: 'refusals',
    paragraphs: '16, 38, 47',
    promise: 'Who tries to see what they may not see is on record.',
    mechanism: 'A refusal is an entry of the audit log, with its reason, before the caller is told of it.',
    tests: [
      {
        file: 'tests/api/audited.test.ts',
        name: 'each kind of refusal has its entry: a broken body, a thing that is not there, a contradiction',
      },
    ],
  },
  {
    kind: 'software',
    id: 'named person',
    paragraphs: '35, 47',
    promise: 'Whoever looks, changes or decides is a person with a name, and answers for it.',
    mechanism:
      'A token without the name of a person opens nothing, and every entry of the log holds the name, the role and the agency.',
    besides: 'That a token is given to one person and used by no other is for the issuer and the staff.',
    tests: [
      {
        file: 'tests/api/tokens.test.ts',
        name: 'an OIDC issuer: its keys, its audience, asymmetric algorithms, expiry and known roles only',
      },
      {
        file: 'tests/api/audited.test.ts',
        name: 'a refusal too is in the log before it is told, with its reason',
      },
    ],
  },
  {
    kind: 'software',
    id: 'restricted',
    paragraphs: '22, 47',
    promise: 'Of an order that needs special care, fewer people than usual learn anything.',
    mechanism:
      'A restricted order is there for the officers of its own agency, the centre’s own and the controller, save those whom its list names; no grant leads round that. On a topic its alerts are an id and a type.',
    tests: [
      {
        file: 'tests/api/restricted.test.ts',
        name: 'it is seen by those who may and are not on its list, by every way in',
      },
      {
        file: 'tests/api/restricted.test.ts',
        name: 'nobody gets round it by a grant, and one that was given closes to whoever is put on the list',
      },
      {
        file: 'tests/api/restricted.test.ts',
        name: 'a topic carries id and type of its alerts, and nothing of the person',
      },
    ],
  },
  {
    kind: 'software',
    id: 'grant',
    paragraphs: '17',
    promise: 'Positions are stored around the clock and looked at only when there is a lawful reason.',
    mechanism:
      'A position leaves the gateway by a grant alone. A grant names the person, a window, a purpose and a reason, and shows nothing until it is approved.',
    tests: [
      {
        file: 'tests/api/grant-reads.test.ts',
        name: 'an officer is refused, asks, another approves, and the minutes of that alert alone open',
      },
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'whatever is asked by whomever: what opens lies in the order, is for its purpose, and two people stand behind it',
      },
    ],
  },
  {
    kind: 'software',
    id: 'window',
    paragraphs: '17',
    promise: 'After a breach no more is looked at than the breach calls for.',
    mechanism:
      'A grant on an alert opens the alert and half an hour on either side. It closes when the alert is withdrawn and shrinks when the alert does.',
    tests: [
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'a standing alert opens itself and half an hour on either side, and nothing else',
      },
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'while an alert runs its window grows, and when it is cut short the window is',
      },
    ],
  },
  {
    kind: 'software',
    id: 'bounds',
    paragraphs: '16, 17, 29',
    promise: 'What was opened for one person and purpose is used by that person, for that purpose, while it is open.',
    mechanism: 'Each read is held against the grant’s readers, agency, purpose, window and end; any other is refused.',
    tests: [
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'a read by another user, another agency, for another purpose, outside the window or late is refused',
      },
    ],
  },
  {
    kind: 'software',
    id: 'second person',
    paragraphs: '17, 22',
    promise: 'Nobody opens somebody’s positions alone.',
    mechanism: 'Whoever asks for a grant may not approve it, under whatever role.',
    tests: [
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'whoever asks may not approve, under whatever role, and a withdrawn mind is a revocation',
      },
      {
        file: 'tests/api/grant-reads.test.ts',
        name: 'an officer is refused, asks, another approves, and the minutes of that alert alone open',
      },
    ],
  },
  {
    kind: 'software',
    id: 'life',
    paragraphs: '26',
    promise: 'Where a life is at stake the position is there at once, and somebody else looks at it afterwards.',
    mechanism:
      'Such a grant opens without approval. Within 24 hours a person who neither asked nor may read under it finds it justified or not; if nobody does, that is an incident.',
    tests: [
      {
        file: 'tests/api/grant-reads.test.ts',
        name: 'for the sake of a life: at once, the last minutes included, and an overdue review is known',
      },
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'for the sake of a life it opens at once, reaches to now, and another person must look at it',
      },
      {
        file: 'tests/lawful/incidents.test.ts',
        name: 'a safeguarding look that nobody reviewed in time is an incident, once',
      },
    ],
  },
  {
    kind: 'software',
    id: 'look logged',
    paragraphs: '17, 18, DPA 2018 s.62',
    promise: 'Each look at stored data is on record.',
    mechanism:
      'The entry of the log is on disk before the first byte leaves. While the log cannot be written, nothing is shown.',
    tests: [
      {
        file: 'tests/api/grant-reads.test.ts',
        name: 'the log has the look before its first byte leaves',
      },
      {
        file: 'tests/api/audited.test.ts',
        name: 'while the log cannot be written nothing is done or shown',
      },
    ],
  },
  {
    kind: 'software',
    id: 'trail',
    paragraphs: '18',
    promise: 'Under trail monitoring, the agency that supervises may evaluate all positions, and nobody else.',
    mechanism:
      'The condition itself is a standing grant: for officers of that agency, for the times at which the order had the condition, until the order ends. Each read is logged.',
    tests: [
      {
        file: 'tests/lawful/grants.test.ts',
        name: 'a trail is the supervising agency’s while the order lasts, for the times it was ordered',
      },
    ],
  },
  {
    kind: 'software',
    id: 'curfew hours',
    paragraphs: '19',
    promise: 'What radio says outside curfew hours is not processed further without a lawful reason.',
    mechanism:
      'No route shows it. Of the grants only those show it that ask for it in so many words, and only under reasons that allow it; all others skip those readings even within their window.',
    tests: [
      {
        file: 'tests/api/curfew-hours.test.ts',
        name: 'of grants only those that say so, and only where the trigger allows it',
      },
    ],
  },
  {
    kind: 'software',
    id: 'foreign sightings',
    paragraphs: '19',
    promise: 'That somebody passed a unit in another home is not used.',
    mechanism:
      'Such a reading changes no state, raises no alert and is kept, sealed, with the person whose tag it was; the order whose unit heard it learns nothing.',
    tests: [
      {
        file: 'tests/rules/step.test.ts',
        name: 'a foreign sighting changes nothing: not the presence, not the time, and nobody is told of its clock',
      },
      {
        file: 'tests/rules/assignments.test.ts',
        name: 'a foreign sighting goes to the stream of the tag alone',
      },
    ],
  },
  {
    kind: 'software',
    id: 'alcohol',
    paragraphs: '20',
    promise: 'An alcohol tag measures; it does not accuse.',
    mechanism:
      'Only as many readings in a row as the condition asks for are told of, and as a suspicion, which a person has yet to confirm (see `person decides`).',
    tests: [
      {
        file: 'tests/rules/alcohol.test.ts',
        name: 'readings in a row at or above the limit are told of from the first of them to the first under it',
      },
      { file: 'tests/rules/alcohol.test.ts', name: 'one reading under the limit begins the row anew' },
    ],
  },
  {
    kind: 'software',
    id: 'pilot',
    paragraphs: '63',
    promise: 'A pilot has the same safeguards as everything else.',
    mechanism:
      'There is one policy. What is looser belongs to `serve --dev`, which no environment and no file can switch on, which serves its own machine alone, and which is for synthetic people.',
    besides: 'A pilot’s own legal basis, contract and data protection impact assessment are for those who run it.',
    tests: [
      {
        file: 'tests/api/access.test.ts',
        name: 'on a development machine the administrator watches alerts and moves the clock; elsewhere not',
      },
    ],
  },
];
