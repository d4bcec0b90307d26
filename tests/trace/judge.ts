/** The law of the trace: no PUBACK, alert or downlink before the sync that covers it. Says every line that breaks it. */

import { Files } from './files.js';
import { commandsOf, eventsOf, framesOf, pubackOf, publishOf } from './protocols.js';
import type { Connection } from './sockets.js';
import { connectionsOf } from './sockets.js';
import { type Block, blocksOf, commitsOf, foundBefore, numbersIn, placesIn } from './stores.js';
import { parseTrace } from './syscalls.js';

export interface Ports {
  readonly mqtt: number;
  readonly http: number;
  readonly redis?: number;
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
    readonly blocks: number;
    readonly ledgerCommits: number;
    readonly stateSaves: number;
  };
}

interface Upload {
  /** Its last byte had been read. */
  readonly read: number;
  /** PUBACK's first byte; Infinity: there was none. */
  acked: number;
  /** The same bytes were sent before: it rests on what covered those. */
  readonly first: Upload | null;
}

/** `scratch`: a folder for the stores that are made anew from what was synced. */
export async function judge(trace: string, ports: Ports, scratch: string): Promise<Verdict> {
  const calls = parseTrace(trace);
  const files = new Files(calls);
  const connections = connectionsOf(calls);
  const on = (port: number | undefined) => connections.filter((one) => one.port === port);
  const blocks = blocksOf(files);
  const uploads = uploadsOf(on(ports.mqtt));
  const events = on(ports.http).flatMap((one) => eventsOf(one));
  const down = on(ports.mqtt).flatMap(({ out }) =>
    framesOf(out, 'out').flatMap((frame) =>
      publishOf(frame) === null ? [] : [{ at: frame.at, ...publishOf(frame)! }],
    ),
  );
  const published = down.filter(({ topic }) => topic.startsWith('em/v1/alerts/'));
  const downlinks = down.filter(({ topic }) => topic.endsWith('/down'));
  const saves = on(ports.redis).flatMap((one) => savesOf(one));
  const ledger = await commitsOf(files, '/engine/data.mdb', scratch, placesIn);
  const numbers = await commitsOf(files, '/downlinks/data.mdb', scratch, numbersIn);

  const told = [
    ...events,
    ...published.map(({ at, payload }) => ({ at, cursor: String(JSON.parse(payload.toString()).cursor) })),
  ];
  const findings = [
    ...files.unseen.map((what) => `this reader cannot see through ${what}`),
    ...ledger.findings,
    ...numbers.findings,
    ...pubacksFindings(uploads, blocks),
    ...told.flatMap(({ at, cursor }) => {
      const place = placeOf(cursor);
      const isHeld = foundBefore(ledger.commits, at)?.has(place) ?? false;
      return isHeld ? [] : [`line ${at + 1}: alert version ${place} is told before it is durable in the ledger`];
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

function uploadsOf(connections: readonly Connection[]): Upload[] {
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
      const publish = frame.isIn ? publishOf(frame) : null;
      const acked = frame.isIn ? null : pubackOf(frame);
      if (publish !== null && publish.qos === 1) {
        const content = `${publish.topic} ${publish.payload.toString('latin1')}`;
        const upload: Upload = { read: frame.at, acked: Number.POSITIVE_INFINITY, first: known.get(content) ?? null };
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
function pubacksFindings(uploads: readonly Upload[], blocks: readonly Block[]): string[] {
  const findings: string[] = [];
  const firsts = uploads.filter(({ first }) => first === null).sort((a, b) => a.read - b.read);
  for (const upload of uploads) {
    if (upload.acked === Number.POSITIVE_INFINITY) continue;
    const { read } = upload.first ?? upload;
    if (!blocks.some(({ write, durable }) => write.began > read && durable < upload.acked)) {
      findings.push(`line ${upload.acked + 1}: a PUBACK before any sync of what was written since the upload was read`);
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
    // Envelope: key_id (field 1, varint below 128 here), sequence (field 2, fixed64)
    if (payload[0] !== 0x08 || payload[2] !== 0x11)
      throw new Error(`line ${at + 1}: an envelope that this reader does not know`);
    newest.set(topic, Math.max(newest.get(topic) ?? 0, Number(payload.readBigUInt64LE(3))));
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
