/** An alert version as a zone condition gives it, for stores that are measured. */
import type { AlertVersion } from '../../src/domain/alert.js';
import { type AlertId, type OrderId, parseAgencyId, parseConditionId, parseSubjectId } from '../../src/domain/ids.js';
import type { Result } from '../../src/domain/result.js';

const conditionId = must(parseConditionId('C-own-0'));
const subjectId = must(parseSubjectId('SUB-1'));
const agency = must(parseAgencyId('probation-north'));

export const versionOf = (alertId: AlertId, orderId: OrderId, atMs: number): AlertVersion => ({
  alertId,
  version: 1,
  state: 'open',
  kind: 'violation',
  type: 'exclusion',
  orderId,
  subjectId,
  agency,
  conditionId,
  deviceId: null,
  eventMs: atMs,
  startMs: atMs,
  endMs: null,
  endedBy: null,
  codes: [],
  confidence: 'certain',
  marginM: 42.5,
  mechanism: 'GNSS',
  count: 1,
  cause: 'record',
  records: [],
  derivedMs: atMs,
  policyRevision: 1,
  rulesVersion: 1,
});

function must<T>(parsed: Result<T, string>): T {
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}
