/** Where and when the worlds of a batch play: around a weekend on which the clocks change, or a leap day. */
import { changesOf } from '../civil.js';
import type { LonLat } from '../contract.js';
import { Chance } from './chance.js';

export interface Season {
  readonly timeZone: string;
  /** The change of the clocks. */
  readonly anchorMs: number;
  /** One for all worlds of a batch, so that they can share a run. */
  readonly untilMs: number;
  /** Somewhere in that country; the first of them are on a meridian that matters. */
  readonly towns: readonly LonLat[];
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Worlds that share files, and therefore the time of the picture. */
export const BATCH = 256;

const TOWNS: Readonly<Record<string, readonly LonLat[]>> = {
  'Europe/London': [
    [0, 51.48],
    [0, 53.4],
    [-1.54, 53.8],
    [-4.25, 55.86],
  ],
  'America/New_York': [
    [-73.98, 40.75],
    [-80.19, 25.77],
  ],
  'Australia/Lord_Howe': [[159.08, -31.55]],
  'Pacific/Auckland': [
    [180, -44.1],
    [-176.5, -43.95],
    [174.76, -36.85],
  ],
  'Africa/Casablanca': [[-7.59, 33.57]],
};

const seasons: Omit<Season, 'untilMs'>[] = [];

function allSeasons(): readonly Omit<Season, 'untilMs'>[] {
  if (seasons.length > 0) return seasons;
  for (const [timeZone, towns] of Object.entries(TOWNS)) {
    const changes = changesOf(timeZone, Date.UTC(2024, 0, 1), Date.UTC(2028, 0, 1));
    const leapDay = timeZone === 'Europe/London' || timeZone === 'America/New_York' ? [Date.UTC(2024, 1, 29, 3)] : [];
    for (const anchorMs of [...changes, ...leapDay]) seasons.push({ timeZone, anchorMs, towns });
  }
  return seasons;
}

export function seasonOf(seed: number): Season {
  const batch = Math.floor(seed / BATCH);
  const chance = new Chance(batch, 'season');
  const season = chance.pick(allSeasons());
  const untilMs = chance.is(0.5)
    ? season.anchorMs + 12 * DAY
    : season.anchorMs + chance.int(-18, 100) * HOUR + chance.pick([0, 0, chance.int(0, HOUR)]);
  return { ...season, untilMs };
}
