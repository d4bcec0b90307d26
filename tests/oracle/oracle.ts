/**
 * The oracle: the final lines of `replay` from its input files alone, written from rules.md, slow and plain. It keeps
 * no state over time: it looks at the whole timeline at once and reads each definition off it.
 */
import { alcoholFindings } from './alcohol.js';
import { attendanceFindings } from './attendance.js';
import type { AlertLine, Line, ViolationLine, World } from './contract.js';
import { curfewFindings } from './curfew.js';
import { equipmentFindings } from './equipment.js';
import { type Case, evidenceOf } from './evidence.js';
import { fixesOf } from './fixes.js';
import { contradictionFindings, jumpFindings, refusedFindings } from './integrity.js';
import { alertLine, sortLines, violationLine } from './lines.js';
import { zoneFindings } from './zones.js';

export interface Expected {
  readonly violations: readonly ViolationLine[];
  readonly alerts: readonly AlertLine[];
}

/** Throws `Undecidable` where distances are too close to call. */
export function expectedOf(world: World): Expected {
  const { cases, refused } = evidenceOf(world);
  const lines: Line[] = cases.flatMap((c) => linesOf(c, world));
  for (const { orderId, ...alert } of refusedFindings(refused)) {
    const order = world.orders.find(({ order_id }) => order_id === orderId);
    lines.push(alertLine(order ?? { order_id: null, subject_id: null }, alert));
  }
  const sorted = sortLines(lines);
  return {
    violations: sorted.filter((line) => line.kind === 'violation'),
    alerts: sorted.filter((line) => line.kind === 'alert'),
  };
}

function linesOf(c: Case, world: World): Line[] {
  const { good, implausible } = fixesOf(c);
  const curfew = curfewFindings(c);
  const zones = zoneFindings(c, good, world.zones);
  const attendance = attendanceFindings(c, good);
  const violations = [...curfew.violations, ...zones.violations, ...attendance.violations];
  const alerts = [
    ...curfew.alerts,
    ...zones.alerts,
    ...attendance.alerts,
    ...alcoholFindings(c),
    ...equipmentFindings(c),
    ...jumpFindings(implausible),
    ...contradictionFindings(c, good),
  ];
  return [...violations.map((v) => violationLine(c, v)), ...alerts.map((a) => alertLine(c.order, a))];
}
