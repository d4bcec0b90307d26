/** ¶1–14 and ¶51–63: who orders it, who answers for it, and who decides. */
import type { Conformance } from './row.js';

export const DECIDING: readonly Conformance[] = [
  {
    kind: 'not software',
    id: 'imposing',
    paragraphs: '1–14',
    promise:
      'Monitoring is imposed by a court, the Parole Board or the Secretary of State, lawfully and proportionately.',
    reason:
      'The gateway watches what an order or licence says and nothing else. Whether it should have been made is not for it to ask.',
  },
  {
    kind: 'software',
    id: 'controllers',
    paragraphs: '51–56',
    promise:
      'It is always clear who decides what data is for, who processes it, and who answers for it once it is shared.',
    mechanism:
      'Controller and processor are configured and named in notices and exports; the record of a disclosure names them, and who is controller from then on.',
    besides: 'What the organisation that receives it does with it (¶54, ¶55).',
    tests: [
      {
        file: 'tests/api/sharing.test.ts',
        name: 'its record says who decides, who collects, and who answers for the data from then on',
      },
    ],
  },
  {
    kind: 'software',
    id: 'person decides',
    paragraphs: '57',
    promise: 'Nothing significant is decided about a person by a machine alone.',
    mechanism:
      'The engine raises, changes and withdraws alerts. Only an act of a named person, with a reason, makes one decided; what is found later is flagged beside the decision and undoes none.',
    tests: [
      {
        file: 'tests/engine/decisions.test.ts',
        name: 'a decision is a version of the alert and takes its minutes out of the sum; taken back, they count again',
      },
      {
        file: 'tests/rules/alerts.test.ts',
        name: 'an episode has numbered versions, and the next one is another alert',
      },
    ],
  },
  {
    kind: 'software',
    id: 'reconsideration',
    paragraphs: '57',
    promise: 'A person may have a decision looked at again, by somebody else.',
    mechanism: 'Nobody who has decided on an alert before may reconsider it.',
    tests: [
      {
        file: 'tests/rules/acts.test.ts',
        name: 'one decides once; another reconsiders, none of those who decided before; whoever asks may ask',
      },
    ],
  },
  {
    kind: 'software',
    id: 'whose decision',
    paragraphs: '59, 60, 62',
    promise: 'Each decides what the order leaves to them.',
    mechanism: 'A decision that by the route of the alert belongs to others is refused, with whose it is.',
    tests: [{ file: 'tests/rules/acts.test.ts', name: 'whose the decision is, and about what' }],
  },
  {
    kind: 'software',
    id: 'hdc',
    paragraphs: '58–60',
    promise: 'Under home detention curfew the contractor warns of minor curfew breaches; all else goes to PPCS.',
    mechanism:
      'Routes are a table. Minor is a curfew breach that is over and no longer than the order’s own policy says; probation, which supervises the other conditions, is told. What nobody can tell yet (a silent device, a curfew without news) the contractor looks into first; equipment it repairs.',
    tests: [
      { file: 'tests/rules/routing.test.ts', name: '¶59: the contractor may warn of a minor curfew breach under HDC' },
      { file: 'tests/rules/routing.test.ts', name: '¶59: a long one is for PPCS' },
      { file: 'tests/rules/routing.test.ts', name: '¶59: nor is all other non-compliance' },
    ],
  },
  {
    kind: 'software',
    id: 'warning letters',
    paragraphs: '59',
    promise: 'A warning letter answers a minor curfew breach, and nothing else.',
    mechanism:
      'A letter names its alert and is refused where the route does not leave the warning to whoever writes it.',
    tests: [
      {
        file: 'tests/api/sharing.test.ts',
        name: 'a warning letter answers a minor curfew breach of home detention curfew, and nothing else',
      },
    ],
  },
  {
    kind: 'software',
    id: 'under 18',
    paragraphs: '61',
    promise: 'All non-compliance of a child goes to the youth offending team.',
    mechanism:
      'The route of an order of somebody under 18 leads there first, whatever the alert touches of the child; the contractor is informed and may not warn.',
    tests: [
      {
        file: 'tests/rules/routing.test.ts',
        name: '¶61: all non-compliance of a child goes to the YOT, under HDC too',
      },
      {
        file: 'tests/api/sharing.test.ts',
        name: 'a child is warned by nobody over the head of the youth offending team',
      },
    ],
  },
  {
    kind: 'software',
    id: 'curfew only',
    paragraphs: '62',
    promise:
      'In a community order with a curfew alone the contractor is the responsible officer; what is serious goes to probation.',
    mechanism: 'The same table: the contractor decides on what is minor, probation considers enforcement of the rest.',
    tests: [
      {
        file: 'tests/rules/routing.test.ts',
        name: '¶62: the contractor is responsible for a curfew-only community order',
      },
      { file: 'tests/rules/routing.test.ts', name: '¶62: serious violations of it are for probation' },
    ],
  },
];
