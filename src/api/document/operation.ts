/** What the policy says of an operation, for the document: its name, its purposes, and which roles may. */
import { PURPOSES } from '../../domain/purpose.js';
import { ROLES } from '../../domain/role.js';
import { ACTIONS, type Action, mustStatePurpose } from '../access/actions.js';
import { DEVELOPMENT_POLICY, POLICY, type Right } from '../access/policy.js';

type JsonSchema = Readonly<Record<string, unknown>>;
type Granted = readonly [role: string, right: Right];

/** `POST /v1/grants/:grant_id/approve` → `postGrantApprove`: what a parameter follows stands in the singular. */
export function operationId(method: string, url: string): string {
  const words: string[] = [];
  for (const part of url.split('/')) {
    const parameter = /^[:{](\w+?)_id\}?$/.exec(part)?.[1];
    if (parameter !== undefined) words.splice(-1, 1, parameter);
    else if (part !== '' && part !== 'v1') words.push(part);
  }
  const capital = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1);
  return method.toLowerCase() + words.map(capital).join('');
}

/** The header that says what for, as a parameter: the purposes that any role has for this. */
export function purposeHeader(action: Action): JsonSchema {
  const had = new Set(rolesOf(action).flatMap(([, { purposes }]) => purposes));
  const must = mustStatePurpose(action);
  return {
    type: 'object',
    properties: {
      'Fairwatch-Purpose': {
        type: 'string',
        enum: PURPOSES.filter((purpose) => had.has(purpose)),
        description: must
          ? 'What for; it must be said'
          : 'What for; absent: the first purpose that the role has for this',
      },
    },
    required: must ? ['Fairwatch-Purpose'] : [],
  };
}

/** Who may, and for what: a paragraph of the document, from the table that the gate goes by. */
export function whoMay(action: Action): string {
  const rows = rolesOf(action).map(([role, { scope, purposes }]) => {
    const reach = scope === 'own' ? 'of the own agency' : 'of every agency';
    return `- \`${role}\`, ${reach}: ${purposes.join(', ')}`;
  });
  const { category } = ACTIONS[action];
  return `Action \`${action}\`, in the log as ${category}. Roles and their purposes:\n\n${rows.join('\n')}`;
}

/** What only a development machine allows is named where nobody else may at all. */
function rolesOf(action: Action): readonly Granted[] {
  const by = (policy: Partial<Record<string, Partial<Record<Action, Right>>>>): Granted[] =>
    ROLES.flatMap((role) => {
      const right = policy[role]?.[action];
      return right === undefined ? [] : [[role, right] as const];
    });
  const lawful = by(POLICY);
  return lawful.length > 0 ? lawful : by(DEVELOPMENT_POLICY);
}
