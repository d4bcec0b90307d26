/** A bound on everything; what happens at each is said beside it. */

export const LIMITS = Object.freeze({
  /** Payload of an upload; longer is quarantined (its first bytes are kept). */
  uploadBytesMax: 65_536,
  /** An MQTT packet whose announced length is over this cuts the connection: nothing so long is ever legal. */
  packetBytesMax: 131_072,
  /** Before CONNECT is accepted nothing longer than this is read. */
  connectBytesMax: 4_096,
  recordsPerUploadMax: 512,
  /** Uploads of one connection that wait for their commit; at the bound the socket is paused. */
  inflightPerClientMax: 64,
  /** Uploads of all connections that wait for their commit; at the bound every socket is paused. */
  inflightMax: 16_384,
  /** Their bytes; at the bound no further upload begins, but for the one that each connection may always have. */
  inflightBytesMax: 64 * 1_048_576,
  /** That one is no longer than this: what is live is short, and a storm of backlog keeps nobody's out. */
  spareUploadBytesMax: 2_048,
  /** An upload whose newest record is older than this when it arrives is backlog: it waits for what is live. */
  liveAgeMsMax: 300_000,
  /**
   * Records that were let into the journal and are not judged yet (an upload of few and long ones counts as more). At the
   * bound uploads wait in their device's lane, un-acknowledged: an alert is never further behind than these take to judge.
   */
  engineLagRecordsMax: 16_384,
  /** And no more than it judges in this time, as it goes; on the slowest machine two turns of a lane. */
  engineLagMsMax: 1_000,
  /** Backlog is let in up to here only, so that what is live finds room. */
  backlogLagRecordsMax: 8_192,
  /** And no more of it than the engine judges in this time, as it goes; on the slowest machine one turn of a lane. */
  backlogLagMsMax: 500,
  /** Where what is live takes all the room, backlog is let in with one record for so many live ones: it is starved never. */
  liveRecordsPerBacklogRecord: 8,
  /** Records that one lane is let in with before the next has its turn; no upload counts as more. */
  laneTurnRecords: 512,
  /** Records that are let in, or judged (25 µs where the past is run again), within one turn of the event loop. */
  turnRecordsMax: 2_048,
  /** Entries in memory between journal and engine; what is over is let go, and read back from the journal. */
  engineQueueMax: 65_536,
  /**
   * Entries, and records, that one engine batch takes: one commit of the recent log, the ledger and the states each, for
   * which the next batch waits. Others have their turns within it after `turnRecordsMax`.
   */
  batchEntriesMax: 4_096,
  batchRecordsMax: 4_096,
  /** Bytes of one order, zone or other API body; larger is refused with 413. */
  bodyBytesMax: 4 * 1_048_576,
  /** Every copy of an hour's key is destroyed this long after the hour began: 72 h for late data, and the hour itself. */
  hotKeyLifeHours: 73,
  /** A backup of the vault is destroyed by then, for it holds keys that erasure destroys meanwhile; an older one is refused. */
  vaultBackupDays: 7,
  circleRadiusMMax: 100_000,
  zoneVerticesMax: 20_000,
  /** Earliest and latest time a record may carry: 2020-01-01 and 2100-01-01. */
  timeMsMin: 1_577_836_800_000,
  timeMsMax: 4_102_444_800_000,
  /** Live alert streams of one gateway; one more is refused with 503. */
  streamsMax: 2_000,
  /** Bytes that a slow stream may have waiting; beyond it is cut off and resumes by its cursor. */
  streamBacklogBytesMax: 1_048_576,
  /** Audit entries that wait for their commit; one more is refused with 503, and what it was for does not happen. */
  auditWaitingMax: 16_384,
  /** Audit entries of one commit. */
  auditBatchMax: 1_024,
  /** Bytes of one audit entry; a longer one is refused. */
  auditEntryBytesMax: 65_536,
});
