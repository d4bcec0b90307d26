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
const accuracyContexts = 33;
const spreadContexts = 24;
const circleCdeg = 36_000;

/** What one device's fixes were like so far. */
export class FixCourse {
  readonly lat = new Course();
  readonly lon = new Course();
  readonly altitude = new Course();
  accuracyDm = 0;
  speedCmS = 0;
  headingCdeg = 0;
  satellites = 0;
  hdopCenti = 0;
  mechanism: number = MECHANISMS.GNSS;
}

export class FixColumns {
  readonly #mechanism = new Choices(mechanismBits, 1 << mechanismBits);
  readonly #accuracy = new Magnitudes(accuracyContexts);
  readonly #lat = new Differences(spreadContexts * 8);
  readonly #lon = new Differences(spreadContexts * 8);
  readonly #speed = new Magnitudes(accuracyContexts);
  readonly #heading = new Differences(accuracyContexts);
  readonly #satellites = new Differences();
  readonly #hdop = new Differences();
  readonly #altitude = new Differences(spreadContexts);

  pass(channel: Channel, course: FixCourse, fix: LocationFix | null): LocationFix {
    const mechanismNumber = this.#mechanism.pass(
      channel,
      fix === null ? 0 : MECHANISMS[fix.mechanism],
      course.mechanism,
    );
    const mechanism = mechanismNames.get(mechanismNumber);
    if (mechanism === undefined) throw new FormatRefused(`a segment: mechanism ${mechanismNumber} is not known here`);
    const accuracyDm = this.#accuracy.pass(channel, fix?.accuracyDm ?? 0, digitsOf(course.accuracyDm));
    const latE7 = passAlong(channel, this.#lat, course.lat, fix?.latE7 ?? 0, accuracyDm);
    const lonE7 = passAlong(channel, this.#lon, course.lon, fix?.lonE7 ?? 0, accuracyDm);
    const speedCmS = this.#speed.pass(channel, fix?.speedCmS ?? 0, digitsOf(course.speedCmS));
    const turned = turn((fix?.headingCdeg ?? 0) - course.headingCdeg);
    const headingCdeg =
      (course.headingCdeg +
        this.#heading.pass(channel, turned, Math.min(digitsOf(speedCmS), accuracyContexts - 1)) +
        circleCdeg) %
      circleCdeg;
    const satellites = course.satellites + this.#satellites.pass(channel, (fix?.satellites ?? 0) - course.satellites);
    const hdopCenti = course.hdopCenti + this.#hdop.pass(channel, (fix?.hdopCenti ?? 0) - course.hdopCenti);
    const altitudeDm = passAlong(channel, this.#altitude, course.altitude, fix?.altitudeDm ?? 0, 0);
    Object.assign(course, { accuracyDm, speedCmS, headingCdeg, satellites, hdopCenti, mechanism: mechanismNumber });
    return {
      kind: 'fix',
      latE7,
      lonE7,
      accuracyDm,
      speedCmS,
      headingCdeg,
      satellites,
      hdopCenti,
      mechanism,
      altitudeDm,
    };
  }
}

function passAlong(channel: Channel, column: Differences, course: Course, value: number, accuracyDm: number): number {
  const guess = course.guess(0);
  const context = Math.min(digitsOf(Math.round(course.spread)), spreadContexts - 1);
  const passed = guess + column.pass(channel, value - guess, accuracyContext(accuracyDm) * spreadContexts + context);
  course.learn(passed);
  return passed;
}

const accuracyContext = (_accuracyDm: number): number => 0;

/** The short way round: −18,000 to 17,999. */
const turn = (cdeg: number): number => ((cdeg + 1.5 * circleCdeg) % circleCdeg) - circleCdeg / 2;
