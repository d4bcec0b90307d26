/**
 * What was told against the ledger, exactly, though alerts are told on: by the clock (nobody has acknowledged one), while
 * the ledger is read.
 *
 * Two heads and a cut between them make it exact. The listeners must have come past the first head before the cut is taken;
 * the ledger is read after it, up to the second. So all that was heard before the cut must be in what is read, without
 * exception, and all that is read up to the first head (and on a stream, which is in order, up to the last that it heard)
 * must have been heard. Of what is told after the cut nothing is said.
 */
import type { AlertEvent } from '../../src/sim/alert-subscriber.js';
import { AlertSubscriber } from '../../src/sim/alert-subscriber.js';
import { RunApi } from './api.js';
import type { House } from './house.js';
import { ofGateway, placeOf, StreamBook, type TopicListener } from './streams.js';

export interface Told {
  /** The ledger as a newcomer reads it, up to the second head: CloudEvent id → its place. */
  readonly ledger: ReadonlyMap<string, number>;
  /** Head of the ledger when it was asked whether the listeners had come so far. */
  readonly dueBy: number;
  /** As `ledger`, of the stream that was followed, at the cut. */
  readonly stream: ReadonlyMap<string, number>;
  /** CloudEvent ids that came over the topic until the cut. */
  readonly topic: ReadonlySet<string>;
  /** Newest version by alert, from the topic and its catching up, at the cut. */
  readonly topicNewest: ReadonlyMap<string, number>;
  /** Newest version by alert as the list gives it, read after the cut and before the ledger. */
  readonly listed: ReadonlyMap<string, number>;
}

/** A sentence with its cases, CloudEvent ids (`ALERT.VERSION`), for each law that is broken. */
export interface Untold {
  readonly what: string;
  readonly ids: readonly string[];
}

export function compareTold({ ledger, dueBy, stream, topic, topicNewest, listed }: Told): Untold[] {
  const heardTo = Math.max(dueBy, ...lastOf(stream));
  const upTo = (place: number): string[] => [...ledger].filter(([, at]) => at <= place).map(([id]) => id);
  const namesOf = (newest: ReadonlyMap<string, number>): string[] =>
    [...newest].map(([id, version]) => `${id}.${version}`);
  const unknown = (ids: Iterable<string>): string[] => [...ids].filter((id) => !ledger.has(id));
  const behind = (ids: readonly string[], newest: ReadonlyMap<string, number>): string[] =>
    ids.filter((id) => (newest.get(alertOf(id)) ?? 0) < versionOf(id));
  return [
    { what: 'not on the stream', ids: upTo(heardTo).filter((id) => !stream.has(id)) },
    { what: 'on the stream, but not in the ledger', ids: unknown(stream.keys()) },
    {
      what: 'on the stream at another place than in the ledger',
      ids: [...stream].filter(([id, place]) => ledger.has(id) && ledger.get(id) !== place).map(([id]) => id),
    },
    { what: 'on the topic, but not in the ledger', ids: unknown(topic) },
    { what: 'caught up with behind the topic, but not in the ledger', ids: unknown(namesOf(topicNewest)) },
    { what: 'neither on the topic nor in its catching up, nor a newer version', ids: behind(upTo(dueBy), topicNewest) },
    { what: 'listed, but not in the ledger', ids: unknown(namesOf(listed)) },
    {
      what: 'heard before the list was read, which has no such or an older version',
      ids: behind(upTo(heardTo), listed),
    },
  ].filter(({ ids }) => ids.length > 0);
}

/** A listener as the cut sees it. */
export type Followed = { readonly book: Pick<StreamBook, 'ids' | 'place'> };
export type AtTopic = Pick<TopicListener, 'heard' | 'newest' | 'catchUp'>;
export type Asked = Pick<House, 'url' | 'token'>;

/** Everything that `compareTold` compares, and the list itself. `faults`: what was not to be had within the patience. */
export async function takeCut(
  house: Asked,
  sse: Followed,
  topic: AtTopic,
  patienceMs: number,
): Promise<{ told: Told; listed: readonly AlertEvent[]; faults: readonly string[] }> {
  const faults: string[] = [];
  const api = new RunApi(house);
  const dueBy = placeOf(await api.alertsAfter(null));
  if (!(await within(patienceMs, () => sse.book.place >= dueBy)))
    faults.push(`the stream has come to place ${sse.book.place} and not to ${dueBy} in ${patienceMs / 1_000} s`);
  await topic.catchUp();
  // the cut: from here on nothing that is heard counts
  const stream = placesOf(sse.book.ids);
  const heard = new Set(topic.heard);
  const topicNewest = new Map(topic.newest);
  const list = await api.alertsAfter(null);
  api.close();
  const ledger = await ledgerUpTo(house, placeOf(list), patienceMs);
  faults.push(...ledger.faults);
  // an alert that changes between two pages of the list is on both
  const newest = new Map(list.events.map((event) => [event.data.alert_id, event]));
  const listed = new Map([...newest].map(([id, { data }]) => [id, data.version]));
  return {
    told: { ledger: placesOf(ledger.ids), dueBy, stream, topic: heard, topicNewest, listed },
    listed: [...newest.values()],
    faults,
  };
}

/** Every version up to a place, as a newcomer reads it from the beginning. */
async function ledgerUpTo(
  house: Asked,
  place: number,
  patienceMs: number,
): Promise<Pick<StreamBook, 'ids'> & { faults: readonly string[] }> {
  const book = new StreamBook('the stream from its start');
  const reader = new AlertSubscriber({
    address: { url: house.url, token: () => house.token() },
    from: 'start',
    onEvent: (event) => {
      if (!ofGateway(event) && placeOf(event) <= place) book.take(event);
    },
  });
  await reader.start();
  const whole = await within(patienceMs, () => book.place >= place);
  await reader.stop();
  const late = `the ledger was read to place ${book.place} and not to ${place} in ${patienceMs / 1_000} s`;
  return { ids: book.ids, faults: whole ? book.faults : [...book.faults, late] };
}

async function within(ms: number, done: () => boolean): Promise<boolean> {
  const untilMs = performance.now() + ms;
  while (!done()) {
    if (performance.now() > untilMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return true;
}

const placesOf = (events: ReadonlyMap<string, AlertEvent>): ReadonlyMap<string, number> =>
  new Map([...events].map(([id, event]) => [id, placeOf(event)]));

/** The newest place, or none. */
const lastOf = (places: ReadonlyMap<string, number>): number[] => [...places.values()].slice(-1);

/** `A-1.2` is version 2 of alert `A-1`. */
const alertOf = (id: string): string => id.slice(0, id.lastIndexOf('.'));
const versionOf = (id: string): number => Number(id.slice(id.lastIndexOf('.') + 1));
