/** ¶51–62: who answers, and who decides. */
import type { Switch } from '../switch.js';

export const DECIDING: readonly Switch[] = [
  {
    id: 'controllers',
    name: 'a disclosure does not say who answers for it',
    file: 'src/lawful/disclosures.js',
    edits: [{ find: 'byAgency: by.agency, ...this.p.roles }', replace: 'byAgency: by.agency }' }],
  },
  {
    id: 'person decides',
    name: 'an alert is decided when it is raised',
    file: 'src/rules/handling.js',
    edits: [
      { find: "if (handling === undefined) return 'open';", replace: "if (handling === undefined) return 'decided';" },
    ],
  },
  {
    id: 'reconsideration',
    name: 'who decided may reconsider it',
    file: 'src/rules/acts.js',
    edits: [{ find: 'if (deciders.some((user) => isSameUser(user, act.by.user))) {', replace: 'if (false) {' }],
  },
  {
    id: 'whose decision',
    name: 'anybody who may decide may decide anything',
    file: 'src/rules/acts.js',
    edits: [{ find: '?? notYours(newest, act.kind, act.by);', replace: ';' }],
  },
  {
    id: 'hdc',
    name: 'home detention curfew is routed as any order',
    file: 'src/rules/routing.js',
    edits: [{ find: 'when: ({ hdc }) => hdc,', replace: 'when: () => false,' }],
  },
  {
    id: 'warning letters',
    name: 'a warning letter answers anything',
    file: 'src/lawful/warnings.js',
    edits: [
      { find: "if (request.kind === 'warning_letter' && !this.#mayWarn(by, order, alert))", replace: 'if (false)' },
    ],
  },
  {
    id: 'under 18',
    name: 'a child is routed as anybody',
    file: 'src/rules/routing.js',
    edits: [{ find: 'when: ({ under18 }) => under18,', replace: 'when: () => false,' }],
  },
  {
    id: 'curfew only',
    name: 'who has a curfew alone is routed as anybody',
    file: 'src/rules/routing.js',
    edits: [
      { find: "when: ({ curfewOnly, type }) => curfewOnly && type === 'COMMUNITY',", replace: 'when: () => false,' },
    ],
  },
];
