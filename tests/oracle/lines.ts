/** Lines of `replay` (interfaces.md), made of what the oracle found. */
import type { AlertLine, Line, ViolationLine } from './contract.js';
import type { Case } from './evidence.js';

export interface FoundViolation {
  readonly type: ViolationLine['type'];
  readonly conditionId: string;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly endedBy: string | null;
  readonly codes: readonly string[];
  readonly confidence: string | null;
}

export interface FoundAlert {
  readonly type: string;
  readonly deviceId?: string;
  readonly conditionId?: string;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly code?: string;
}

const time = (ms: number): string => new Date(ms).toISOString();

export const violationLine = ({ order }: Case, v: FoundViolation): ViolationLine => ({
  kind: 'violation',
  type: v.type,
  order_id: order.order_id,
  subject_id: order.subject_id,
  condition_id: v.conditionId,
  start: time(v.fromMs),
  end: v.toMs === null ? null : time(v.toMs),
  ended_by: v.endedBy,
  minutes: v.toMs === null ? null : (v.toMs - v.fromMs) / 60_000,
  codes: v.codes,
  confidence: v.confidence,
});

export const alertLine = (order: { order_id: string | null; subject_id: string | null }, a: FoundAlert): AlertLine => ({
  kind: 'alert',
  type: a.type,
  order_id: order.order_id,
  subject_id: order.subject_id,
  device_id: a.deviceId ?? null,
  condition_id: a.conditionId ?? null,
  start: time(a.fromMs),
  end: a.toMs === null ? null : time(a.toMs),
  code: a.code ?? null,
  state: a.toMs === null ? 'open' : 'closed',
});

/** `start`, `type`, `order_id`, `condition_id` (null as empty). */
export const sortLines = <L extends Line>(lines: readonly L[]): L[] =>
  [...lines].sort(
    (a, b) =>
      compare(a.start, b.start) ||
      compare(a.type, b.type) ||
      compare(a.order_id ?? '', b.order_id ?? '') ||
      compare(a.condition_id ?? '', b.condition_id ?? ''),
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
