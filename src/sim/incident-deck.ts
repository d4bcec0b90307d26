/** The deck of incidents that a run deals to its people: how many of each in two hundred, and who may get them. */
import type { CurfewShape } from './curfew-shapes.js';
import { SHORT_WINDOW_SHAPES } from './curfew-shapes.js';
import * as curfew from './incidents-curfew.js';
import * as equipment from './incidents-equipment.js';
import * as zones from './incidents-zones.js';
import type { Kit } from './person-draft.js';
import type { Random } from './random.js';

export interface Card {
  readonly name: string;
  /** How many in a run of two hundred people; at least one in a run of forty. */
  readonly perTwoHundred: number;
  readonly kits: readonly Kit[];
  readonly shapes?: readonly CurfewShape[];
  /** Null: dealt by the town (a shared zone), or after ordinary life is planned. */
  readonly plan: curfew.Incident | null;
}

const UNIT: readonly Kit[] = ['unit+tag', 'unit+rf'];
const GPS: readonly Kit[] = ['unit+tag', 'tag'];
const ANY: readonly Kit[] = ['unit+tag', 'unit+rf', 'tag'];

export const SHARED_VISIT = 'shared zone visit';
export const FOREIGN_SIGHTING = 'foreign sighting';

const card = (
  name: string,
  perTwoHundred: number,
  kits: readonly Kit[],
  plan: curfew.Incident | null,
  shapes?: readonly CurfewShape[],
): Card => ({
  name,
  perTwoHundred,
  kits,
  plan,
  ...(shapes === undefined ? {} : { shapes }),
});

export const DECK: readonly Card[] = [
  card('late return', 10, UNIT, curfew.lateReturn),
  card('out in curfew', 10, UNIT, curfew.outInCurfew),
  card('out at the end', 8, UNIT, curfew.outAtEnd),
  card('out for the whole window', 8, UNIT, curfew.outEntire, SHORT_WINDOW_SHAPES),
  card('out, then unknown', 3, UNIT, curfew.outThenUnknown),
  card('late first reading', 3, UNIT, curfew.lateFirstReading, ['overnight', 'weekend', 'late']),
  card('zone visit', 10, GPS, zones.zoneVisit),
  card('zone visit with a gap', 6, GPS, zones.zoneGap),
  card('inside as the hours begin', 4, GPS, zones.zoneOpensAround),
  card('inside as the hours end', 5, GPS, zones.zoneClosesAround),
  card('probably inside', 4, GPS, zones.zoneProbable),
  card(SHARED_VISIT, 5, GPS, null),
  card('in the buffer of a zone', 3, GPS, zones.zoneBuffer),
  card('through the buffer into a zone', 3, GPS, zones.zoneThroughBuffer),
  card('across a zone between two fixes', 3, GPS, zones.zoneCrossing),
  card('away from an inclusion zone', 5, GPS, zones.stray),
  card('home unit silent', 5, UNIT, equipment.unitSilent),
  card('home unit moved', 3, UNIT, equipment.unitMoved),
  card('tag silent', 6, GPS, equipment.tagSilent),
  card('battery dead', 5, GPS, equipment.batteryDead),
  card('battery low', 8, ANY, equipment.batteryLow),
  card('battery critical', 6, ANY, equipment.batteryCritical),
  card('strap tamper', 8, ANY, equipment.strapTamper),
  card('power off', 6, UNIT, equipment.powerOff),
  card('case open', 3, ANY, equipment.caseOpen),
  card('home unit opened', 2, UNIT, equipment.unitCaseOpen),
  card('shielding', 2, GPS, equipment.shielding),
  card('jamming', 2, GPS, equipment.jamming),
  card('tag fault', 2, ANY, equipment.tagFault),
  card('home unit fault', 2, UNIT, equipment.unitFault),
  // near misses
  card('back on the dot', 6, UNIT, curfew.backOnTheDot),
  card('short absence', 6, UNIT, curfew.shortAbsence),
  card('authorised absence', 6, UNIT, curfew.authorisedAbsence),
  card('quiet, not silent', 3, UNIT, equipment.unitQuietNotSilent),
  card('strap says it twice', 4, ANY, equipment.strapTwice),
  card('at the edge of a zone', 6, GPS, zones.zoneEdge),
  card('in a zone out of hours', 5, GPS, zones.zoneOutsideHours),
  card('away for as long as is tolerated', 3, GPS, zones.strayTolerated),
  card(FOREIGN_SIGHTING, 6, ANY, null),
];

/** One card a person for one stretch of the run, shuffled; null: an ordinary day. */
export function deal(random: Random, people: number): (Card | null)[] {
  const hands: (Card | null)[] = DECK.flatMap((each) => {
    const share = (each.perTwoHundred * people) / 200;
    const count = people >= 40 ? Math.max(1, Math.round(share)) : Math.round(share + random.between(-0.5, 0.5));
    return Array.from({ length: Math.max(0, count) }, () => each);
  });
  const dealt = random.shuffled(hands).slice(0, people);
  while (dealt.length < people) dealt.push(null);
  return random.shuffled(dealt);
}
