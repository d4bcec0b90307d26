/** The schedule of a load run, fixed before it starts: which device sends what at which moment, and what it must raise. */
import type { RecordBody } from '../domain/record.js';
import { curfewStartMs, hasRoom, type LoadEvent, loadEvents, roomFor } from './load-events.js';
import { EVENT_ROLES, type EventRole, type LoadPerson, type LoadRole, loadPerson } from './load-people.js';
import { Random } from './random.js';

export interface LoadShape {
  readonly prefix: string;
  readonly clients: number;
  /** Uploads a second, over all clients. */
  readonly ratePerS: number;
  readonly seconds: number;
  readonly people: number;
  readonly seed: number;
}

export interface LoadSchedule {
  /** The first `clients` of them are connected. */
  readonly people: readonly LoadPerson[];
  /** Beginning of each one's curfew, ms from the start; only those with the role have one. */
  readonly curfewMs: ReadonlyMap<LoadPerson, number>;
  /** By upload: who sends it, index into `people`. */
  readonly senders: Int32Array;
  /** By upload: when, ms from the start. */
  readonly timesMs: Float64Array;
  /** Uploads that say something out of the ordinary. */
  readonly events: ReadonlyMap<number, readonly RecordBody[]>;
}

/** Alerts per upload that a run aims at; one in a thousand is promised. */
const ALERTS_PER_UPLOAD = 1.3 / 1_000;
const ALERTS_MIN = 5;
/** At most this share of the clients raises alerts. */
const CHOSEN_SHARE = 0.4;

export function loadSchedule(shape: LoadShape): LoadSchedule {
  const random = Random.of(shape.seed, 'load', shape.clients, shape.ratePerS, shape.seconds);
  const uploads = Math.floor(shape.ratePerS * shape.seconds);
  const alerts = alertsByRole(shape, uploads);
  const roles = rolesOf(shape, alerts, random);
  const people = roles.map((role, index) => loadPerson(shape.prefix, index, role));
  const curfewMs = new Map<LoadPerson, number>();
  const planned: (LoadEvent & { person: number })[] = [];
  people.forEach((person, index) => {
    const share = alerts.get(person.role as EventRole);
    if (share === undefined) return;
    const begins = curfewStartMs(random);
    if (person.role === 'curfew') curfewMs.set(person, begins);
    for (const event of loadEvents(person, share.each, shape.seconds, random, begins)) {
      planned.push({ ...event, person: index });
    }
  });
  return { people, curfewMs, ...assign(shape, uploads, people, planned, random) };
}

/** How many people take each role, and how many alerts each of them raises. */
function alertsByRole(shape: LoadShape, uploads: number): Map<EventRole, { people: number; each: number }> {
  const fewest = Math.max(1, Math.min(ALERTS_MIN, Math.floor(uploads / 20)));
  const wanted = Math.max(fewest, Math.ceil(uploads * ALERTS_PER_UPLOAD));
  const budget = Math.min(wanted, Math.max(1, Math.floor(shape.clients * CHOSEN_SHARE)));
  const roles = EVENT_ROLES.filter((role) => hasRoom(role, shape.seconds)).slice(0, budget);
  const share = Math.ceil(wanted / roles.length);
  const people = Math.max(1, Math.min(share, Math.floor(budget / roles.length)));
  return new Map(
    roles.map((role) => {
      // strap tampers have no least length: they make up for what the others have no room for
      const target = role === 'strap' ? share * Math.max(1, roles.length - 1) : share;
      return [role, { people, each: Math.min(roomFor(role, shape.seconds), Math.ceil(target / people)) }];
    }),
  );
}

function rolesOf(shape: LoadShape, alerts: ReadonlyMap<EventRole, { people: number }>, random: Random): LoadRole[] {
  const chosen = [...alerts].flatMap(([role, { people }]) => Array.from({ length: people }, (): LoadRole => role));
  const others = Array.from(
    { length: Math.max(0, shape.clients - chosen.length) },
    (_, i): LoadRole => (i % 10 < 3 ? 'unit' : 'tag'),
  );
  const idle = Array.from({ length: Math.max(0, shape.people - shape.clients) }, (): LoadRole => 'idle');
  return [...random.shuffled([...chosen, ...others]), ...idle];
}

/** Evenly spaced uploads; what is planned takes the first free one, the others go round. */
function assign(
  shape: LoadShape,
  uploads: number,
  people: readonly LoadPerson[],
  planned: (LoadEvent & { person: number })[],
  random: Random,
): Pick<LoadSchedule, 'senders' | 'timesMs' | 'events'> {
  planned.sort((a, b) => a.afterMs - b.afterMs);
  // those with a curfew speak only as planned: a word between would be late by their own due times
  const talkers = people.flatMap(({ role }, index) => (role === 'curfew' || role === 'idle' ? [] : [index]));
  const round = random.shuffled(talkers);
  const senders = new Int32Array(uploads);
  const timesMs = new Float64Array(uploads);
  const events = new Map<number, readonly RecordBody[]>();
  let turn = 0;
  let next = 0;
  for (let i = 0; i < uploads; i++) {
    const atMs = (i * 1_000) / shape.ratePerS;
    timesMs[i] = atMs;
    const event = planned[next];
    if (event !== undefined && event.afterMs <= atMs) {
      senders[i] = event.person;
      events.set(i, event.bodies);
      next++;
    } else {
      senders[i] = round[turn++ % round.length] ?? 0;
    }
  }
  return { senders, timesMs, events };
}
