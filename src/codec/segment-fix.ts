/** A fix in a segment: its position against where the device was expected, the rest against what the device said before. */
import { type LocationFix, MECHANISMS, type Mechanism } from '../domain/record.js';
import { Course } from './course.js';
import { Choices, Differences, digitsOf, Magnitudes } from './number-columns.js';
import { FormatRefused } from './packed.js';
import type { Channel } from './range-coder.js';

const mechanismBits = 4;
const mechanismNames: ReadonlyMap<number, Mechanism> = new Map(
  (Object.keys(MECHANISMS) as Mechanism[]).map((name) => [MECHANISMS[name], name]),
);
/** Situations that a column tells apart: by the digits of a spread, or by half the digits of a number. */
const spreads = 24;
const sizes = 4;
/** Counts and their changes are small numbers, every digit of which has its own odds. */
const smallBits = 4;
const circleCdeg = 36_000;

/**
 * Standard deviation of a position, in units of 10^-7 degrees, for a decimetre of stated radius (95 of 100 within): by
 * latitude anywhere, by longitude at 52° north. Only the odds depend on it.
 */
const latDeviationPerDm = 3.7;
const lonDeviationPerDm = 6;

/** What one device's fixes were like so far. */
export class FixCourse {
  readonly lat = new Course();
  readonly lon = new Course();
  readonly altitude = new Course();
  last: Omit<LocationFix, 'kind'> = {
    latE7: 0,
    lonE7: 0,
    accuracyDm: 0,
    speedCmS: 0,
    headingCdeg: 0,
    satellites: 0,
    hdopCenti: 0,
    mechanism: 'GNSS',
    altitudeDm: 0,
  };
}

export class FixColumns {
  readonly #mechanism = new Choices(mechanismBits, 1 << mechanismBits);
  readonly #accuracy = new Magnitudes(sizes, smallBits);
  readonly #position = new Differences(spreads, 1);
  readonly #speed = new Magnitudes(sizes);
  readonly #heading = new Differences(sizes);
  readonly #satellites = new Differences(1, smallBits);
  readonly #hdop = new Differences(1, smallBits);
  readonly #altitude = new Differences(spreads);

  /** The writing end gives the fix; both get it back. Throws `FormatRefused` for a mechanism that is not known. */
  pass(channel: Channel, course: FixCourse, fix: LocationFix | null): LocationFix {
    const { last } = course;
    // the reading end has nothing to give, and what it gives is not looked at
    const given = fix ?? last;
    const mechanism = this.#passMechanism(channel, last.mechanism, given.mechanism);
    const accuracyDm = this.#accuracy.pass(channel, given.accuracyDm, sizeOf(last.accuracyDm));
    const latE7 = passAlong(channel, this.#position, course.lat, given.latE7, latDeviationPerDm * accuracyDm);
    const lonE7 = passAlong(channel, this.#position, course.lon, given.lonE7, lonDeviationPerDm * accuracyDm);
    const speedCmS = this.#speed.pass(channel, given.speedCmS, sizeOf(last.speedCmS));
    const turned = this.#heading.pass(channel, turn(given.headingCdeg - last.headingCdeg), sizeOf(speedCmS));
    const satellites = last.satellites + this.#satellites.pass(channel, given.satellites - last.satellites);
    const hdopCenti = last.hdopCenti + this.#hdop.pass(channel, given.hdopCenti - last.hdopCenti);
    const altitudeDm = passAlong(channel, this.#altitude, course.altitude, given.altitudeDm, 0);
    const headingCdeg = (last.headingCdeg + turned + circleCdeg) % circleCdeg;
    const passed = { latE7, lonE7, accuracyDm, speedCmS, headingCdeg, satellites, hdopCenti, mechanism, altitudeDm };
    course.last = passed;
    return { kind: 'fix', ...passed };
  }

  #passMechanism(channel: Channel, last: Mechanism, given: Mechanism): Mechanism {
    const number = this.#mechanism.pass(channel, MECHANISMS[given], MECHANISMS[last]);
    const name = mechanismNames.get(number);
    if (name === undefined) throw new FormatRefused(`a segment: mechanism ${number} is not known here`);
    return name;
  }
}

function passAlong(channel: Channel, column: Differences, course: Course, value: number, noise: number): number {
  const guess = course.guess(0);
  const context = Math.min(digitsOf(Math.round(course.spread(noise))), spreads - 1);
  const passed = guess + column.pass(channel, value - guess, context);
  course.learn(passed, noise);
  return passed;
}

const sizeOf = (value: number): number => Math.min(digitsOf(value) >> 1, sizes - 1);

/** The short way round: −18,000 to 17,999. */
const turn = (cdeg: number): number => ((cdeg + 1.5 * circleCdeg) % circleCdeg) - circleCdeg / 2;
