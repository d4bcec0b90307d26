/** Makes the people of a run: who they are, their day, and the incidents that they were dealt. */
import type { Interval } from '../domain/timetable.js';
import { DAY_MS, GRID_MS, localOf } from './civil-time.js';
import { CURFEW_SHAPES, type CurfewShape, curfewOf } from './curfew-shapes.js';
import { planOrdinaryTrips } from './day-plan.js';
import { around, type Town } from './ground.js';
import { type Card, deal, FOREIGN_SIGHTING, SHARED_VISIT } from './incident-deck.js';
import { foreignSighting } from './incidents-equipment.js';
import { ownZone, sharedVisit } from './incidents-zones.js';
import type { ZoneFeature } from './order-plan.js';
import { hasGps, hasUnit, type Kit, type PersonDraft } from './person-draft.js';
import { Random } from './random.js';

export interface TownZone {
  readonly town: Town;
  readonly zone: ZoneFeature;
}

export interface PeopleOptions {
  readonly people: number;
  readonly seed: number | string;
  readonly run: Interval;
  readonly timeZone: string;
  readonly towns: readonly TownZone[];
}

/** Everyone, their incidents planned; an incident for which a person has no room is dealt to nobody. */
export function makePeople(options: PeopleOptions): PersonDraft[] {
  const spans = daysOf(options.run);
  const hands = spans.map((_, day) => deal(Random.of(options.seed, 'deck', day), options.people));
  return Array.from({ length: options.people }, (_, number) =>
    makePerson(
      options,
      number,
      hands.map((hand) => hand[number] ?? null),
      spans,
    ),
  );
}

/** Stretches of a day and a bit at most: one incident a person in each. */
function daysOf(run: Interval): Interval[] {
  const count = Math.max(1, Math.round((run.endMs - run.startMs) / DAY_MS));
  return Array.from({ length: count }, (_, i) => ({
    startMs: run.startMs + i * DAY_MS,
    endMs: i === count - 1 ? run.endMs : run.startMs + (i + 1) * DAY_MS,
  }));
}

function makePerson(
  options: PeopleOptions,
  number: number,
  cards: readonly (Card | null)[],
  spans: Interval[],
): PersonDraft {
  const first = cards.find((card) => card !== null) ?? null;
  // some timetables have no room for an incident in a short run: another shape of life is tried
  for (let attempt = 0; ; attempt++) {
    const random = Random.of(options.seed, 'person', number, attempt);
    const person = draft(options, number, random, first);
    const done = cards.map((card, day) => {
      const span = spans[day];
      return card === null || span === undefined || !fits(person, card) || card.name === FOREIGN_SIGHTING
        ? true
        : planCard(options, person, card, span);
    });
    if (done[0] === false && attempt < 12) continue;
    addOrdinaryZones(options, person);
    planOrdinaryTrips(person);
    cards.forEach((card, day) => {
      const span = spans[day];
      if (card?.name === FOREIGN_SIGHTING && span !== undefined && foreignSighting(person, span)) {
        person.incidents.push(card.name);
      }
    });
    return person;
  }
}

const fits = (person: PersonDraft, card: Card): boolean => card.kits.includes(person.kit);

function planCard(options: PeopleOptions, person: PersonDraft, card: Card, span: Interval): boolean {
  const zone = townZone(options, person);
  const plan = card.name === SHARED_VISIT ? sharedVisit(zone.id, zone.geometry) : card.plan;
  const done = plan?.(person, span) ?? false;
  if (done) person.incidents.push(card.name);
  return done;
}

function townZone(options: PeopleOptions, person: PersonDraft): ZoneFeature {
  const found = options.towns.find(({ town }) => town === person.town);
  if (found === undefined) throw new Error(`no shared zone in ${person.town.name}`);
  return found.zone;
}

function draft(options: PeopleOptions, number: number, random: Random, card: Card | null): PersonDraft {
  const kits: readonly Kit[] = ['unit+tag', 'unit+tag', 'unit+tag', 'unit+rf', 'tag'];
  const kit = random.pick(card === null ? kits : kits.filter((each) => card.kits.includes(each)));
  const shape = random.pick<CurfewShape>(card?.shapes ?? CURFEW_SHAPES);
  const angle = random.between(0, 2 * Math.PI);
  const { run, timeZone } = options;
  return {
    number,
    random,
    town: random.pick(options.towns).town,
    home: around({ x: 0, y: 0 }, angle, random.between(1_600, 3_400)),
    work: around({ x: 0, y: 0 }, angle + random.between(-0.8, 0.8), random.between(1_400, 3_400)),
    run,
    timeZone,
    kit,
    curfew: kit === 'tag' ? null : curfewOf(shape, localOf(timeZone, run.startMs).date),
    zones: [],
    stays: [],
    shapes: [],
    trips: [],
    reserved: [],
    unitQuiet: [],
    tagQuiet: [],
    unitEvents: [],
    tagEvents: [],
    plannedFixes: [],
    fixScripts: [],
    batteryScripts: [],
    visitsTo: [],
    firstUnitReportMs: { value: run.startMs + random.whole(0, 20) * GRID_MS },
    expected: [],
    incidents: [],
  };
}

/** Zones that the person minds and never goes near. */
function addOrdinaryZones(options: PeopleOptions, person: PersonDraft): void {
  if (!hasGps(person)) return;
  const { random } = person;
  if ((person.zones.length === 0 && !hasUnit(person)) || random.chance(0.35)) {
    const { shape } = ownZone(person, random.chance(0.3));
    person.zones.push({ zone: shape });
    person.shapes.push(shape);
  }
  const shared = townZone(options, person);
  if (random.chance(0.25) && !person.zones.some((zone) => zone.zone_ref !== undefined)) {
    person.zones.push({ zone_ref: shared.id });
    person.shapes.push(shared.geometry);
  }
}
