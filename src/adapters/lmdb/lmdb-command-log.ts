/** The command log in LMDB, in an environment of its own: the API and the command line write while the gateway runs. */
import { decodeOrder, decodeZone, encodeOrder, encodeZone } from '../../codec/order-record.js';
import { type OrderId, parseDeviceId, parseOrderId, parseZoneId } from '../../domain/ids.js';
import { unreachable } from '../../domain/result.js';
import type { Command, CommandLog, CommandOutcome, PlacedCommand } from '../../ports/commands.js';
import type { Quarantined } from '../../ports/quarantine.js';
import { type Db, Environment, numberValue, readNumber, rows } from './environment.js';
import { EpochFence } from './epoch.js';
import { openRow, ownerOf, type RowKeys, sealRow } from './owned-rows.js';
import { Wakeups } from './wakeups.js';

export class LmdbCommandLog implements CommandLog {
  readonly #env: Environment;
  readonly #keys: RowKeys;
  /** Place → sealed command. */
  readonly #commands: Db<number>;
  /** Place → sealed outcome. */
  readonly #outcomes: Db<number>;
  readonly #meta: Db<string>;
  readonly #appended: Wakeups;
  readonly #settled: Wakeups;

  private constructor(env: Environment, keys: RowKeys) {
    this.#env = env.enter();
    this.#keys = keys;
    this.#commands = env.db('commands');
    this.#outcomes = env.db('command-outcomes');
    this.#meta = env.db('command-meta');
    const counter = (name: string) => () => {
      env.refresh();
      return this.#number(name);
    };
    this.#appended = new Wakeups(counter('head'), true);
    this.#settled = new Wakeups(counter('done'), true);
  }

  static open(folder: string, keys: RowKeys): LmdbCommandLog {
    return new LmdbCommandLog(Environment.open(folder), keys);
  }

  async append(command: Command, receivedMs: number): Promise<number> {
    const plain = encodeCommand(command, receivedMs);
    const place = await this.#env.transaction(() => {
      const next = this.#number('head') + 1;
      const row = sealRow(this.#keys, orderOf(command), 'commands', String(next), plain);
      if (row === null) throw new Error('a command for an order that has no keys: make them first');
      this.#commands.put(next, row);
      this.#meta.put('head', numberValue(next));
      return next;
    });
    this.#appended.look();
    return place;
  }

  after(place: number): PlacedCommand[] {
    return [...rows(this.#commands, place + 1)].flatMap(({ key, value }) => {
      const plain = openRow(this.#keys, 'commands', String(key), value);
      return plain === null ? [] : [{ place: key, ...decodeCommand(plain) }];
    });
  }

  done(): number {
    return this.#number('done');
  }

  async settle(place: number, outcome: CommandOutcome): Promise<void> {
    const sealed = this.#keys.shared.seal('command-outcomes', String(place), Buffer.from(JSON.stringify(outcome)));
    await this.#env.transaction(() => {
      const done = this.#number('done');
      if (place <= done) return;
      if (place !== done + 1 || place > this.#number('head')) {
        throw new RangeError(`command ${place} cannot be settled: ${done} of ${this.#number('head')} are`);
      }
      this.#outcomes.put(place, sealed);
      this.#meta.put('done', numberValue(place));
      // what was erased is named by no row, and a payload that was tried again lies in the journal or the quarantine
      if (this.#isSpent(place)) this.#commands.remove(place);
    });
    this.#settled.look();
  }

  outcome(place: number): CommandOutcome | null {
    const sealed = this.#outcomes.get(place);
    if (sealed === undefined) return null;
    return JSON.parse(this.#keys.shared.open('command-outcomes', String(place), sealed).toString()) as CommandOutcome;
  }

  awaitOutcome(place: number, withinMs: number): Promise<CommandOutcome | null> {
    return new Promise((resolve) => {
      const finish = (outcome: CommandOutcome | null) => {
        stop();
        clearTimeout(timer);
        resolve(outcome);
      };
      const look = () => {
        const outcome = this.outcome(place);
        if (outcome !== null) finish(outcome);
      };
      const stop = this.#settled.add(look);
      const timer = setTimeout(() => finish(this.outcome(place)), withinMs);
      this.#env.refresh();
      look();
    });
  }

  async removeOrder(orderId: OrderId): Promise<number> {
    // what another process has settled
    this.#env.refresh();
    const name = this.#keys.orders.nameOf(orderId);
    const done = this.#number('done');
    const places = [...rows(this.#commands, 1, done + 1)]
      .filter(({ value }) => ownerOf(value) === name)
      .map(({ key }) => key);
    await this.#env.transaction(() => {
      for (const place of places) this.#remove(place);
    });
    return places.length;
  }

  async expire(beforeMs: number): Promise<number> {
    this.#env.refresh();
    const old: number[] = [];
    for (const { key, value } of rows(this.#commands, 1, this.#number('done') + 1)) {
      const plain = openRow(this.#keys, 'commands', String(key), value);
      // oldest first: what comes after the first that stays is younger
      if (plain !== null && decodeCommand(plain).receivedMs >= beforeMs) break;
      old.push(key);
    }
    await this.#env.transaction(() => {
      for (const place of old) this.#remove(place);
    });
    return old.length;
  }

  #isSpent(place: number): boolean {
    const row = this.#commands.get(place);
    const plain = row === undefined ? null : openRow(this.#keys, 'commands', String(place), row);
    if (plain === null) return false;
    const { kind } = decodeCommand(plain).command;
    return kind === 'erase_order' || kind === 'retry_quarantine';
  }

  #remove(place: number): void {
    this.#commands.remove(place);
    this.#outcomes.remove(place);
  }

  onAppend(listener: () => void): () => void {
    return this.#appended.add(listener);
  }

  /**
   * What this process settles is refused from when a later owner has claimed: it would answer people by orders and zones
   * that it has not heard of. Who only appends (the API, the command line) claims nothing.
   */
  claim(epoch: number): Promise<void> {
    return new EpochFence(this.#env, 'command-meta', 'epoch', `the command log in ${this.#env.folder}`).claim(epoch);
  }

  close(): Promise<void> {
    this.#appended.close();
    this.#settled.close();
    return this.#env.leave();
  }

  #number(name: string): number {
    return readNumber(this.#meta.get(name)) ?? 0;
  }
}

/** Whose keys a command lies under; null: nobody's. What erases an order must be readable when its keys are gone. */
function orderOf(command: Command): OrderId | null {
  if (command.kind === 'put_order') return command.order.orderId;
  if (command.kind === 'handle_alert') return command.orderId;
  return null;
}

interface Head {
  readonly kind: Command['kind'];
  readonly by: string;
  readonly receivedMs: number;
  readonly zoneId?: string;
  readonly orderId?: string;
  /** Of the quarantine; the body is the payload. */
  readonly item?: Omit<Quarantined, 'bytes'>;
}

/** 4 bytes length of a JSON head · the head · the record of the order or zone that the command brings. */
function encodeCommand(command: Command, receivedMs: number): Buffer {
  const { kind, by } = command;
  switch (command.kind) {
    case 'put_order':
      return join({ kind, by, receivedMs }, encodeOrder(command.order));
    case 'put_zone':
      return join({ kind, by, receivedMs }, encodeZone(command.zone));
    case 'delete_zone':
      return join({ kind, by, receivedMs, zoneId: command.zoneId }, Buffer.alloc(0));
    case 'erase_order':
      return join({ kind, by, receivedMs, orderId: command.orderId }, Buffer.alloc(0));
    case 'handle_alert': {
      const { alertId, orderId, seenVersion, act } = command;
      return join({ kind, by, receivedMs }, Buffer.from(JSON.stringify({ alertId, orderId, seenVersion, act })));
    }
    case 'retry_quarantine': {
      const { bytes, ...item } = command.item;
      return join({ kind, by, receivedMs, item }, Buffer.from(bytes));
    }
    default:
      return unreachable(command);
  }
}

function join(head: Head, body: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, body]);
}

function decodeCommand(plain: Buffer): Omit<PlacedCommand, 'place'> {
  const bodyAt = 4 + plain.readUInt32BE(0);
  const { kind, by, receivedMs, zoneId, orderId, item } = JSON.parse(plain.toString('utf8', 4, bodyAt)) as Head;
  const body = plain.subarray(bodyAt);
  switch (kind) {
    case 'put_order':
      return { receivedMs, command: { kind, by, order: decodeOrder(body) } };
    case 'put_zone':
      return { receivedMs, command: { kind, by, zone: decodeZone(body) } };
    case 'delete_zone': {
      const parsed = parseZoneId(zoneId);
      if (!parsed.ok) throw new Error(`a command names no zone: ${parsed.fault}`);
      return { receivedMs, command: { kind, by, zoneId: parsed.value } };
    }
    case 'handle_alert':
      // Checked at the edge, and sealed by us: the fields are what we wrote.
      return { receivedMs, command: { kind, by, ...JSON.parse(body.toString()) } as Command };
    case 'erase_order': {
      const parsed = parseOrderId(orderId);
      if (!parsed.ok) throw new Error(`a command names no order: ${parsed.fault}`);
      return { receivedMs, command: { kind, by, orderId: parsed.value } };
    }
    case 'retry_quarantine': {
      const deviceId = parseDeviceId(item?.deviceId);
      if (item === undefined || !deviceId.ok) throw new Error('a command names nothing in quarantine');
      return { receivedMs, command: { kind, by, item: { ...item, deviceId: deviceId.value, bytes: body } } };
    }
    default:
      return unreachable(kind);
  }
}
