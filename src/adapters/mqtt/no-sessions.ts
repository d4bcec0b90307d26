/**
 * A persistence for aedes that keeps nothing: sessions end with their connection, nothing is retained, no will is
 * kept. What must outlive a connection is in the journal (uploads) and the ledger (alerts, resumed by their cursor).
 */
import { Readable } from 'node:stream';
import type { Client } from 'aedes';

export class NoSessions {
  /** `acknowledged` is told of each PUBACK that a client sends. */
  constructor(private readonly acknowledged: (client: Client, packetId: number) => void) {}

  // aedes insists on an async function here
  async setup(): Promise<void> {}

  async storeRetained(): Promise<void> {}
  createRetainedStream = (): Readable => Readable.from([]);
  createRetainedStreamCombi = (): Readable => Readable.from([]);

  async addSubscriptions(): Promise<void> {}
  async removeSubscriptions(): Promise<void> {}
  async cleanSubscriptions(): Promise<void> {}
  async subscriptionsByClient(): Promise<never[]> {
    return [];
  }
  async subscriptionsByTopic(): Promise<never[]> {
    return [];
  }

  async outgoingEnqueue(): Promise<void> {}
  async outgoingEnqueueCombi(): Promise<void> {}
  async outgoingUpdate(): Promise<void> {}
  async outgoingClearMessageId(client: Client, packet: { readonly messageId?: number }): Promise<undefined> {
    if (packet.messageId !== undefined) this.acknowledged(client, packet.messageId);
    return undefined;
  }
  outgoingStream = (): Readable => Readable.from([]);

  /** Only QoS 2 would store packets, and it is refused before. */
  async incomingStorePacket(): Promise<never> {
    throw new Error('QoS 2 is not served');
  }
  async incomingGetPacket(): Promise<never> {
    throw new Error('QoS 2 is not served');
  }
  async incomingDelPacket(): Promise<void> {}
  async cleanIncoming(): Promise<void> {}

  async putWill(): Promise<void> {}
  async getWill(): Promise<undefined> {
    return undefined;
  }
  async delWill(): Promise<void> {}
  streamWill = (): Readable => Readable.from([]);

  async destroy(): Promise<void> {}
}
