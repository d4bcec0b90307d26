/** Of a state: the devices, what is on of alcohol tags, and how far each part of the rules has judged. */
import type { AlcoholRow, AlcoholState, EquipmentState, MotionState } from '../domain/subject-state.js';
import type { CompactReader } from './compact-reader.js';
import type { CompactWriter } from './compact-writer.js';
import {
  type Read,
  readById,
  readInterval,
  readList,
  readRef,
  type Write,
  writeById,
  writeInterval,
  writeList,
  writeRef,
} from './state-parts.js';

const DEVICE = { silent: 1, lastFix: 2, forgotten: 4, motion: 8 } as const;
const STILL: MotionState = { sinceMs: null, spans: Object.freeze([]) };

export const writeDevice: Write<EquipmentState> = (to, device, atMs) => {
  const { lastFix, forgottenFix, motion } = device;
  const isStill = motion.sinceMs === null && motion.spans.length === 0;
  to.byte(
    (device.silent ? DEVICE.silent : 0) |
      (lastFix === null ? 0 : DEVICE.lastFix) |
      (forgottenFix === undefined ? 0 : DEVICE.forgotten) |
      (isStill ? 0 : DEVICE.motion),
  );
  to.number(device.lastMs, atMs);
  to.number(device.lastBatteryPct);
  to.number(device.chargePct);
  if (lastFix !== null) {
    writeFixName(to, lastFix, atMs);
    to.number(lastFix.latE7);
    to.number(lastFix.lonE7);
    to.number(lastFix.radiusM);
  }
  if (forgottenFix !== undefined) {
    writeFixName(to, forgottenFix, atMs);
    to.number(forgottenFix.radiusM);
  }
  if (isStill) return;
  to.number(motion.sinceMs, atMs);
  writeList(to, motion.spans, atMs, writeInterval);
};

export const readDevice: Read<EquipmentState> = (from, atMs) => {
  const has = from.byte();
  const silent = (has & DEVICE.silent) !== 0;
  const [lastMs, lastBatteryPct, chargePct] = [from.number(atMs), from.number(), from.number()];
  const lastFix: EquipmentState['lastFix'] =
    (has & DEVICE.lastFix) === 0
      ? null
      : {
          timeMs: from.figure(atMs),
          hash: from.word(),
          latE7: from.figure(),
          lonE7: from.figure(),
          radiusM: from.figure(),
        };
  const forgottenFix =
    (has & DEVICE.forgotten) === 0
      ? null
      : { timeMs: from.figure(atMs), hash: from.word<string>(), radiusM: from.figure() };
  const motion =
    (has & DEVICE.motion) === 0 ? STILL : { sinceMs: from.number(atMs), spans: readList(from, atMs, readInterval) };
  return forgottenFix === null
    ? { lastMs, silent, lastBatteryPct, chargePct, lastFix, motion }
    : { lastMs, silent, lastBatteryPct, chargePct, lastFix, forgottenFix, motion };
};

function writeFixName(to: CompactWriter, { timeMs, hash }: { timeMs: number; hash: string }, atMs: number): void {
  to.number(timeMs, atMs);
  to.text(hash);
}

export const writeAlcohol: Write<AlcoholState> = (to, { wornMs, rows }, atMs) => {
  to.number(wornMs, atMs);
  writeById(to, rows, atMs, writeRow);
};

export const readAlcohol: Read<AlcoholState> = (from, atMs) => ({
  wornMs: from.figure(atMs),
  rows: readById(from, atMs, readRow),
});

const writeRow: Write<AlcoholRow> = (to, { count, first, last }, atMs) => {
  to.number(count);
  writeRef(to, first, atMs);
  writeRef(to, last, atMs);
};

const readRow: Read<AlcoholRow> = (from, atMs) => ({
  count: from.figure(),
  first: readRef(from, atMs),
  last: readRef(from, atMs),
});

/** `+` and a device's id is that device's own part: the id is there already. */
export function writeOpens(to: CompactWriter, opens: Readonly<Record<string, number>>, atMs: number): void {
  const parts = Object.keys(opens);
  to.whole(parts.length);
  for (const part of parts) {
    const isDevice = part.startsWith('+');
    to.byte(isDevice ? 1 : 0);
    to.text(isDevice ? part.slice(1) : part);
    to.number(opens[part] as number, atMs);
  }
}

export function readOpens(from: CompactReader, atMs: number): Record<string, number> {
  const opens: Record<string, number> = {};
  for (let count = from.count(); count > 0; count--) {
    const isDevice = from.byte() === 1;
    const name = from.word();
    opens[isDevice ? `+${name}` : name] = from.figure(atMs);
  }
  return opens;
}
