/** One device's connection to an MQTT endpoint: publishes at QoS 1 and says what was acknowledged. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { connectFrame, DISCONNECT, FrameReader, PACKET, PINGREQ, publishFrame, topicField } from './mqtt-frames.js';

export interface MqttAddress {
  readonly host: string;
  readonly port: number;
  /** Over TLS 1.3; `ca`: what the server's certificate must be signed by, PEM, instead of what Node trusts. */
  readonly tls?: { readonly ca?: Buffer };
}

export interface MqttDeviceOptions {
  readonly address: MqttAddress;
  readonly deviceId: string;
  readonly password: string;
  readonly onAck: (packetId: number) => void;
  /** Called once, when an established connection ends, whoever ended it. */
  readonly onClose: (reason: string) => void;
}

/** Seconds; the fleet pings well within it. */
const KEEP_ALIVE_S = 300;
const CONNECT_WITHIN_MS = 30_000;
/** One buffer for every socket: what is read is taken apart before the next read. */
const shared = Buffer.allocUnsafe(65_536);

export class MqttDevice {
  private socket: Socket | null = null;
  private nextPacketId = 1;
  private readonly topic: Buffer;

  constructor(private readonly options: MqttDeviceOptions) {
    this.topic = topicField(`em/v1/d/${options.deviceId}/up`);
  }

  get connected(): boolean {
    return this.socket !== null;
  }

  /** Rejects when the server cannot be reached or refuses. */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { address, deviceId, password } = this.options;
      let greeted = false;
      let reason = 'closed';
      const reader = new FrameReader((type, word) => {
        if (type === PACKET.PUBACK) this.options.onAck(word);
        else if (type === PACKET.CONNACK) {
          if ((word & 0xff) !== 0) {
            reason = `refused with return code ${word & 0xff}`;
            socket.destroy();
            return;
          }
          greeted = true;
          clearTimeout(patience);
          this.socket = socket;
          resolve();
        } else if (type !== PACKET.PINGRESP) {
          reason = `unexpected packet ${type}`;
          socket.destroy();
        }
      });
      const socket = open(address, (bytes) => reader.push(bytes));
      const patience = setTimeout(() => {
        reason = 'no answer to CONNECT';
        socket.destroy();
      }, CONNECT_WITHIN_MS);
      const greeting = connectFrame(deviceId, deviceId, password, KEEP_ALIVE_S);
      socket.on(address.tls === undefined ? 'connect' : 'secureConnect', () => socket.write(greeting));
      socket.on('error', (error) => {
        reason = error.message;
      });
      socket.on('close', () => {
        clearTimeout(patience);
        this.socket = null;
        if (greeted) this.options.onClose(reason);
        else reject(new Error(`${deviceId}: ${reason}`));
      });
    });
  }

  /** Sends one upload; returns the packet id that its acknowledgement will carry. The device must be connected. */
  publish(payload: Uint8Array, again = false): number {
    if (this.socket === null) throw new Error(`${this.options.deviceId} is not connected`);
    const packetId = this.nextPacketId;
    this.nextPacketId = packetId === 65_535 ? 1 : packetId + 1;
    this.socket.write(publishFrame(this.topic, packetId, payload, again));
    return packetId;
  }

  ping(): void {
    this.socket?.write(PINGREQ);
  }

  close(): void {
    this.socket?.end(DISCONNECT);
  }
}

/** What is handed to `take` may be used again afterwards. */
function open({ host, port, tls }: MqttAddress, take: (bytes: Buffer) => void): Socket {
  if (tls !== undefined) {
    const servername = isIP(host) === 0 ? host : '';
    const socket = connectTls({ host, port, servername, minVersion: 'TLSv1.3', ...tls });
    return socket.setNoDelay(true).on('data', take);
  }
  const callback = (count: number, buffer: Uint8Array): boolean => {
    take(Buffer.from(buffer.buffer, buffer.byteOffset, count));
    return true;
  };
  return connect({ host, port, noDelay: true, onread: { buffer: shared, callback } });
}

/** `mqtt://host[:port]`, plain, or `mqtts://host[:port]`; `ca` (PEM) is for the latter. */
export function parseMqttUrl(url: string, ca?: Buffer): MqttAddress {
  const parsed = new URL(url);
  const secured = parsed.protocol === 'mqtts:';
  if (!secured && parsed.protocol !== 'mqtt:') throw new Error(`expected mqtt[s]://HOST:PORT, got ${url}`);
  if (!secured && ca !== undefined) throw new Error(`a CA is for mqtts://, and this is ${url}`);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const port = parsed.port === '' ? (secured ? 8_883 : 1_883) : Number(parsed.port);
  return { host, port, ...(secured ? { tls: ca === undefined ? {} : { ca } } : {}) };
}
