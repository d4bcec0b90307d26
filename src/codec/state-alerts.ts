/** Of a state: alerts that run and that are over, the sum of curfew violations, and late data. */
import type { AlertCode, Confidence, EndedBy, Finding, Handling } from '../domain/alert.js';
import type { EndedViolation, Excuse } from '../domain/excuse.js';
import type { ConditionId, DeviceId } from '../domain/ids.js';
import type { Mechanism } from '../domain/record.js';
import type { LateArrivals, LateWaiting, OpenAlert, SettledAlert } from '../domain/subject-state.js';
import type { CompactReader } from './compact-reader.js';
import type { CompactWriter } from './compact-writer.js';
import { pack, unpack } from './packed.js';
import { type Read, readList, readRef, type Write, writeList, writeRef } from './state-parts.js';

/** What people did about an alert is seldom there, and has many forms. */
const HANDLING = 1;
const WHAT = 'handling in a hot state';

const ALERT = { handling: 1, withdrawn: 2, otherName: 4 } as const;

const nameOf = ({ type, conditionId, deviceId }: Finding): string => `${type}|${conditionId ?? ''}|${deviceId ?? ''}`;

/** By the finding's name, which the finding itself says. */
export function writeOpen(to: CompactWriter, open: Readonly<Record<string, OpenAlert>>, atMs: number): void {
  const names = Object.keys(open);
  to.whole(names.length);
  for (const name of names) {
    const alert = open[name] as OpenAlert;
    const isOther = name !== nameOf(alert.finding);
    writeAlert(to, alert, atMs, isOther ? ALERT.otherName : 0);
    if (isOther) to.text(name);
  }
}

export function readOpen(from: CompactReader, atMs: number): Record<string, OpenAlert> {
  const open: Record<string, OpenAlert> = {};
  for (let count = from.count(); count > 0; count--) {
    const { flags, alert } = readAlert(from, atMs);
    open[(flags & ALERT.otherName) === 0 ? nameOf(alert.finding) : from.word()] = alert;
  }
  return open;
}

export const writeSettled: Write<SettledAlert> = (to, alert, atMs) => {
  writeAlert(to, alert, atMs, alert.withdrawn ? ALERT.withdrawn : 0);
  to.number(alert.judgedMs, alert.finding.eventMs);
};

export const readSettled: Read<SettledAlert> = (from, atMs) => {
  const { flags, alert } = readAlert(from, atMs);
  const judgedMs = from.figure(alert.finding.eventMs);
  const { alertId, version, finding, handling } = alert;
  const withdrawn = (flags & ALERT.withdrawn) !== 0;
  return handling === undefined
    ? { alertId, version, finding, withdrawn, judgedMs }
    : { alertId, version, finding, handling, withdrawn, judgedMs };
};

function writeAlert(to: CompactWriter, alert: OpenAlert, atMs: number, more: number): void {
  to.byte(more | (alert.handling === undefined ? 0 : ALERT.handling));
  to.text(alert.alertId);
  to.number(alert.version);
  writeFinding(to, alert.finding, atMs);
  if (alert.handling !== undefined) to.bytes(pack(HANDLING, alert.handling));
}

function readAlert(from: CompactReader, atMs: number): { readonly flags: number; readonly alert: OpenAlert } {
  const flags = from.byte();
  const [alertId, version] = [from.word<OpenAlert['alertId']>(), from.figure()];
  const finding = readFinding(from, atMs);
  if ((flags & ALERT.handling) === 0) return { flags, alert: { alertId, version, finding } };
  const handling = unpack(WHAT, HANDLING, from.bytes()) as Handling;
  return { flags, alert: { alertId, version, finding, handling } };
}

const writeFinding: Write<Finding> = (to, finding, atMs) => {
  const { eventMs } = finding;
  to.text(finding.op);
  to.text(finding.kind);
  to.text(finding.type);
  to.text(finding.conditionId);
  to.text(finding.deviceId);
  to.number(eventMs, atMs);
  to.number(finding.startMs, eventMs);
  to.number(finding.endMs, eventMs);
  to.text(finding.endedBy);
  writeList(to, finding.codes, atMs, writeCode);
  to.text(finding.confidence);
  to.number(finding.marginM);
  to.text(finding.mechanism);
  to.number(finding.count);
  to.text(finding.cause);
  writeList(to, finding.records, eventMs, writeRef);
};

const readFinding: Read<Finding> = (from, atMs) => {
  const [op, kind, type] = [from.word<Finding['op']>(), from.word<Finding['kind']>(), from.word<Finding['type']>()];
  const [conditionId, deviceId] = [from.text() as ConditionId | null, from.text() as DeviceId | null];
  const eventMs = from.figure(atMs);
  return {
    op,
    kind,
    type,
    conditionId,
    deviceId,
    eventMs,
    startMs: from.figure(eventMs),
    endMs: from.number(eventMs),
    endedBy: from.text() as EndedBy | null,
    codes: readList(from, atMs, readCode),
    confidence: from.text() as Confidence | null,
    marginM: from.number(),
    mechanism: from.text() as Mechanism | null,
    count: from.figure(),
    cause: from.word(),
    records: readList(from, eventMs, readRef),
  };
};

const writeCode: Write<AlertCode> = (to, code) => to.text(code);
const readCode: Read<AlertCode> = (from) => from.word();

export const writeViolation: Write<EndedViolation> = (to, violation, atMs) => {
  const { startMs, endMs, conditionId, raisedMs, first } = violation;
  to.byte(first === null ? 0 : 1);
  to.number(startMs, atMs);
  to.number(endMs, startMs);
  to.text(conditionId);
  to.number(raisedMs, startMs);
  if (first !== null) writeRef(to, first, startMs);
};

export const readViolation: Read<EndedViolation> = (from, atMs) => {
  const hasFirst = from.byte() === 1;
  const startMs = from.figure(atMs);
  const endMs = from.figure(startMs);
  const [conditionId, raisedMs] = [from.word<ConditionId>(), from.figure(startMs)];
  return { conditionId, startMs, endMs, raisedMs, first: hasFirst ? readRef(from, startMs) : null };
};

export const writeExcuse: Write<Excuse> = (to, { alertId, conditionId, fromMs, toMs, ran }, atMs) => {
  to.text(alertId);
  to.text(conditionId);
  to.number(fromMs, atMs);
  to.number(toMs, fromMs);
  to.byte(ran ? 1 : 0);
};

export const readExcuse: Read<Excuse> = (from, atMs) => {
  const [alertId, conditionId] = [from.word<Excuse['alertId']>(), from.word<ConditionId>()];
  const fromMs = from.figure(atMs);
  return { alertId, conditionId, fromMs, toMs: from.figure(fromMs), ran: from.byte() === 1 };
};

export const writeLate: Write<LateArrivals> = (to, { atMs, sinceMs, waiting }, stateMs) => {
  to.number(atMs, stateMs);
  to.number(sinceMs, atMs);
  to.byte(waiting === null ? 0 : 1);
  if (waiting === null) return;
  to.number(waiting.fromMs, atMs);
  to.number(waiting.toMs, atMs);
  to.number(waiting.latestMs, atMs);
  to.number(waiting.dueMs, atMs);
};

export const readLate: Read<LateArrivals> = (from, stateMs) => {
  const atMs = from.figure(stateMs);
  const sinceMs = from.figure(atMs);
  const waiting: LateWaiting | null =
    from.byte() === 0
      ? null
      : { fromMs: from.figure(atMs), toMs: from.figure(atMs), latestMs: from.figure(atMs), dueMs: from.figure(atMs) };
  return { atMs, sinceMs, waiting };
};
