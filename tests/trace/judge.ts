/** The law of the trace: no PUBACK, alert or downlink before the sync that covers it. Says every line that breaks it. */

import { Files } from './files.js';
import { commandsOf, eventsOf, framesOf, type Publish, pubackOf, publishOf } from './protocols.js';
import type { Connection } from './sockets.js';
import { connectionsOf } from './sockets.js';
import { type Block, blocksOf, commitsOf, foundBefore, numbersIn, placesIn } from './stores.js';
import { parseTrace } from './syscalls.js';

export interface Ports {
  readonly mqtt: number;
  readonly http: number;
  readonly redis?: number;
  /** Of an MQTT 5 broker, which the gateway then is a client of. */
  readonly broker?: number;
}

/** What a device has read in a downlink: the upload sequences that it may forget. */
export interface HeardAck {
  readonly topic: string;
  /** The downlink's own number, which stands in clear on its envelope. */
  readonly number: bigint;
  readonly ranges: readonly { readonly first: bigint; readonly last: bigint }[];
}

export interface Verdict {
  /** Each breach of the law, with the line of the trace (from 1) where it stands. */
  readonly findings: readonly string[];
  readonly counts: {
    readonly uploads: number;
    readonly pubacks: number;
    readonly events: number;
    readonly published: number;
    readonly downlinks: number;
    /** Uploads that a downlink has named. */
    readonly named: number;
    readonly blocks: number;
    readonly ledgerCommits: number;
    readonly stateSaves: number;
  };
}

interface Upload {
  readonly topic: string;
  readonly payload: Buffer;
  /** Its last byte had been read. */
  readonly read: number;
  /** PUBACK's first byte; Infinity: there was none. */
  acked: number;
  /** The same bytes were sent before: it rests on what covered those. */
  readonly first: Upload | null;
}

/** `scratch`: a folder for the stores that are made anew from what was synced. */
export async function judge(
  trace: string,
  ports: Ports,
  scratch: string,
  heard: readonly HeardAck[] = [],
): Promise<Verdict> {
  const calls = parseTrace(trace);
  const files = new Files(calls);
  const connections = connectionsOf(calls);
  const on = (port: number | undefined) => connections.filter((one) => one.port === port);
  const blocks = blocksOf(files);
  const uploads = [...uploadsOf(on(ports.mqtt)), ...uploadsOf(on(ports.broker), 5)];
  const events = on(ports.http).flatMap((one) => eventsOf(one));
  const down = [...saidOn(on(ports.mqtt)), ...saidOn(on(ports.broker), 5)];
  // what else is told there (that nothing can come, that it can again) rests on no version
  const published = down.filter(({ topic, payload }) => topic.startsWith('em/v1/alerts/') && payload.includes(ALERT));
  const downlinks = down.filter(({ topic }) => topic.endsWith('/down'));
  const saves = on(ports.redis).flatMap((one) => savesOf(one));
  const ledger = await commitsOf(files, '/engine/data.mdb', scratch, placesIn);
  const numbers = await commitsOf(files, '/downlinks/data.mdb', scratch, numbersIn);

  const told = [
    ...events.map((event) => ({ ...event, topic: '' })),
    ...published.map(({ at, topic, payload }) => ({
      at,
      topic,
      cursor: (JSON.parse(payload.toString()) as { cursor?: string }).cursor,
    })),
  ];
  const named = namedBy(heard, uploads, downlinks);
  const findings = [
    ...files.unseen.map((what) => `this reader cannot see through ${what}`),
    ...ledger.findings,
    ...numbers.findings,
    ...pubacksFindings(uploads, blocks),
    ...pubacksFindings(named, blocks, 'a Downlink.ack'),
    ...told.flatMap((one) => {
      const { at, cursor, topic } = one;
      const held = foundBefore(ledger.commits, at) ?? new Set();
      // one without a cursor: of one topic the n-th needs n versions
      const nth = told.filter((other) => other.topic === topic && other.at <= at).length;
      const isHeld = cursor === undefined ? held.size >= nth : held.has(placeOf(cursor));
      const which = cursor === undefined ? `number ${nth} of ${topic}` : placeOf(cursor);
      return isHeld ? [] : [`line ${at + 1}: alert version ${which} is told before it is durable in the ledger`];
    }),
    ...downlinkFindings(downlinks, numbers.commits),
    ...saves.flatMap(({ at, position }) => {
      const reached = Math.max(
        0,
        ...blocks.filter(({ durable }) => durable < at).map(({ first, entries }) => first + entries - 1),
      );
      return position <= reached
        ? []
        : [`line ${at + 1}: Redis is given position ${position}, and the journal's disk has ${reached}`];
    }),
  ];
  return {
    findings,
    counts: {
      uploads: uploads.length,
      pubacks: uploads.filter(({ acked }) => acked < Number.POSITIVE_INFINITY).length,
      events: events.length,
      published: published.length,
      downlinks: downlinks.length,
      named: named.filter(({ acked }) => acked < Number.POSITIVE_INFINITY).length,
      blocks: blocks.length,
      ledgerCommits: ledger.commits.length,
      stateSaves: saves.length,
    },
  };
}

/**
 * PUBACKs of a process that stood still and was woken up (SIGCONT): how many it sent since, and whether each is of what was
 * durable before, so that whoever took over meanwhile has read it. What it wrote to the journal since covers none.
 */
export function acknowledgedSinceWaking(trace: string, mqttPort: number): { acked: number; findings: string[] } {
  const woken = trace.split('\n').findLastIndex((line) => line.includes('--- SIGCONT'));
  const calls = parseTrace(trace);
  const blocks = blocksOf(new Files(calls)).filter(({ durable }) => durable < woken);
  const uploads = uploadsOf(connectionsOf(calls).filter(({ port }) => port === mqttPort));
  const since = uploads.filter(({ acked }) => acked > woken && acked < Number.POSITIVE_INFINITY);
  return { acked: since.length, findings: pubacksFindings(uploads, blocks) };
}

/** What we published. */
function saidOn(connections: readonly Connection[], level: 4 | 5 = 4): (Publish & { readonly at: number })[] {
  return connections.flatMap(({ out }) =>
    framesOf(out, 'out').flatMap((frame) => {
      const publish = publishOf(frame, level);
      return publish === null ? [] : [{ at: frame.at, ...publish }];
    }),
  );
}

/** Each upload with the line on which the first downlink left that names it, instead of its PUBACK's. */
function namedBy(
  heard: readonly HeardAck[],
  uploads: readonly Upload[],
  downlinks: readonly { readonly at: number; readonly topic: string; readonly payload: Buffer }[],
): Upload[] {
  if (heard.length === 0) return [];
  const left = new Map(downlinks.map(({ at, topic, payload }) => [`${topic} ${numberOf(payload)}`, at]));
  return uploads
    .filter(({ first }) => first === null)
    .map((upload) => {
      const sequence = numberOf(upload.payload);
      const lines = heard
        .filter(({ topic, ranges }) => {
          const isTheirs = topic === upload.topic.replace(/up$/, 'down');
          return isTheirs && ranges.some(({ first, last }) => first <= sequence && sequence <= last);
        })
        .map(({ topic, number }) => {
          const at = left.get(`${topic} ${number}`);
          if (at === undefined) throw new Error(`downlink ${number} was heard on ${topic}, and never left`);
          return at;
        });
      return { ...upload, acked: Math.min(Number.POSITIVE_INFINITY, ...lines) };
    });
}

/** Of an envelope: key_id (field 1, a varint below 128 here), sequence (field 2, fixed64). */
function numberOf(envelope: Buffer): bigint {
  if (envelope[0] !== 0x08 || envelope[2] !== 0x11) throw new Error('an envelope that this reader does not know');
  return envelope.readBigUInt64LE(3);
}

function uploadsOf(connections: readonly Connection[], level: 4 | 5 = 4): Upload[] {
  const uploads: Upload[] = [];
  const known = new Map<string, Upload>();
  for (const connection of connections) {
    /** By packet id: a client uses an id again only when it was acknowledged. */
    const waiting = new Map<number, Upload>();
    const frames = [
      ...framesOf(connection.in, 'in').map((frame) => ({ ...frame, isIn: true })),
      ...framesOf(connection.out, 'out').map((frame) => ({ ...frame, isIn: false })),
    ].sort((a, b) => a.at - b.at);
    for (const frame of frames) {
      const publish = frame.isIn ? publishOf(frame, level) : null;
      const acked = frame.isIn ? null : pubackOf(frame);
      if (publish !== null && publish.qos === 1) {
        const content = `${publish.topic} ${publish.payload.toString('latin1')}`;
        const { topic, payload } = publish;
        const first = known.get(content) ?? null;
        const upload: Upload = { topic, payload, read: frame.at, acked: Number.POSITIVE_INFINITY, first };
        known.set(content, upload.first ?? upload);
        waiting.set(publish.id, upload);
        uploads.push(upload);
      } else if (acked !== null) {
        const upload = waiting.get(acked);
        if (upload === undefined)
          throw new Error(`line ${frame.at + 1}: a PUBACK of packet ${acked}, which nobody has sent`);
        upload.acked = frame.at;
        waiting.delete(acked);
      }
    }
  }
  return uploads;
}

/**
 * Content is sealed, so an upload is not seen in a block; order and numbers say it. Each PUBACK needs a block whose write began
 * after the upload was read and which was durable before; and of all uploads that were read from a moment on, no more may be
 * acknowledged than the blocks hold entries whose write began after that moment. With one upload at a time both are exact.
 */
function pubacksFindings(uploads: readonly Upload[], blocks: readonly Block[], what = 'a PUBACK'): string[] {
  const findings: string[] = [];
  const firsts = uploads.filter(({ first }) => first === null).sort((a, b) => a.read - b.read);
  for (const upload of uploads) {
    if (upload.acked === Number.POSITIVE_INFINITY) continue;
    const { read } = upload.first ?? upload;
    if (!blocks.some(({ write, durable }) => write.began > read && durable < upload.acked)) {
      findings.push(`line ${upload.acked + 1}: ${what} before any sync of what was written since the upload was read`);
    }
  }
  for (const [index, { acked }] of firsts.entries()) {
    if (acked === Number.POSITIVE_INFINITY) continue;
    // from this upload back to the first: as the moment moves back, uploads and entries come in
    let owed = 0;
    for (let from = index; from >= 0; from -= 1) {
      const upload = firsts[from] as Upload;
      if (upload.acked <= acked) owed += 1;
      const held = blocks.reduce(
        (sum, { write, durable, entries }) => sum + (write.began > upload.read && durable < acked ? entries : 0),
        0,
      );
      if (owed <= held) continue;
      findings.push(
        `line ${acked + 1}: ${owed} uploads read since line ${upload.read + 1} are acknowledged, ${held} entries durable`,
      );
      break;
    }
  }
  return findings;
}

/** base64url of the place in the ledger (8 bytes, big-endian) and a check. */
const placeOf = (cursor: string): number => Number(Buffer.from(cursor, 'base64url').readBigUInt64BE(0));

/** How the type of a CloudEvent begins that tells a version of an alert. */
const ALERT = '"type":"uk.fairwatch.alert.';

/** Numbers that the gateway reserves at a time. */
const RANGE = 64;

/** Whose range is whose is sealed; how many ranges were durable is not. */
function downlinkFindings(
  downlinks: readonly { readonly at: number; readonly topic: string; readonly payload: Buffer }[],
  commits: readonly { readonly at: number; readonly found: Map<string, string> }[],
): string[] {
  const findings: string[] = [];
  const newest = new Map<string, number>();
  for (const { at, topic, payload } of [...downlinks].sort((a, b) => a.at - b.at)) {
    newest.set(topic, Math.max(newest.get(topic) ?? 0, Number(numberOf(payload))));
    const needed = [...newest.values()].reduce((sum, number) => sum + Math.ceil(number / RANGE), 0);
    let ranges = 0;
    let before = new Map<string, string>();
    for (const { found } of commits.filter((commit) => commit.at < at)) {
      for (const [name, value] of found) if (before.get(name) !== value) ranges += 1;
      before = found;
    }
    if (ranges < needed)
      findings.push(`line ${at + 1}: downlinks up to here need ${needed} ranges of numbers, ${ranges} are durable`);
  }
  return findings;
}

/** Positions that Redis is told with states: `FCALL fairwatch_N_save 1 KEY epoch previous position …`. */
function savesOf(connection: Connection): { at: number; position: number }[] {
  return commandsOf(connection).flatMap(({ words, at }) => {
    const [command, name, , , ...args] = words.map((word) => word.toString('latin1'));
    if (command?.toUpperCase() !== 'FCALL') return [];
    if (/^fairwatch_\d+_save$/.test(name ?? '')) return [{ at, position: Number(args[2]) }];
    if (/^fairwatch_\d+_fill$/.test(name ?? '')) return [{ at, position: Number(args[1]) }];
    return [];
  });
}
