/** Every metric of the gateway: name, kind, labels and what it says. A label has few values, and none names a person. */

export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'seconds';
  readonly help: string;
  readonly labels?: readonly string[];
}

export const METRICS = {
  // intake
  fairwatch_messages_total: {
    kind: 'counter',
    help: 'Device messages by fate: accepted, repeated, quarantined (with the reason), retried, refused',
    labels: ['fate', 'reason'],
  },
  fairwatch_records_total: { kind: 'counter', help: 'Records accepted from devices' },
  fairwatch_connections: { kind: 'gauge', help: 'MQTT connections' },
  fairwatch_connections_refused_total: {
    kind: 'counter',
    help: 'MQTT connections and packets refused or cut, by reason',
    labels: ['reason'],
  },
  fairwatch_tls_reloads_total: {
    kind: 'counter',
    help: 'Certificate files read anew: taken, or refused (the old ones serve on)',
    labels: ['outcome'],
  },
  fairwatch_tls_certificate_ends_seconds: {
    kind: 'gauge',
    help: 'When the first of the certificates that are served with ends, seconds since 1970',
  },
  fairwatch_broker_up: { kind: 'gauge', help: '1 while the broker is connected and the uploads are subscribed to' },
  fairwatch_broker_disconnects_total: {
    kind: 'counter',
    help: 'Connections to the broker that ended or did not come about',
  },
  fairwatch_broker_acks_dropped_total: {
    kind: 'counter',
    help: 'Durable uploads whose connection to the broker had ended: it sends them again, and they change nothing',
  },
  fairwatch_downlinks_total: {
    kind: 'counter',
    help: 'Downlinks by fate: delivered (through a broker: it has a subscriber), not_delivered (the device is told when it is back), failed',
    labels: ['fate'],
  },
  fairwatch_key_rotations_total: {
    kind: 'counter',
    help: 'Session keys: offered, confirmed (the device uses it), waited_for, impossible (enrol the device anew), failed',
    labels: ['outcome'],
  },
  fairwatch_inflight_messages: { kind: 'gauge', help: 'Messages that wait for their commit' },
  fairwatch_live_uploads_waiting: {
    kind: 'gauge',
    help: 'Live uploads that wait for room before the engine, un-acknowledged',
  },
  fairwatch_backlog_uploads_waiting: { kind: 'gauge', help: 'The same of backlog' },
  fairwatch_engine_lag_records: { kind: 'gauge', help: 'Records that were let in and are not judged yet; bounded' },
  fairwatch_ack_seconds: { kind: 'seconds', help: 'From a message being read to its acknowledgement' },

  // stores
  fairwatch_journal_commit_seconds: { kind: 'seconds', help: 'One group commit of the journal: write and sync' },
  fairwatch_journal_entries_total: { kind: 'counter', help: 'Entries made durable in the journal' },
  fairwatch_journal_last_position: { kind: 'gauge', help: 'Position of the last durable journal entry' },
  fairwatch_ledger_commit_seconds: { kind: 'seconds', help: 'One commit of the ledger' },
  fairwatch_state_save_seconds: { kind: 'seconds', help: 'One save of hot state' },
  fairwatch_state_save_failures_total: { kind: 'counter', help: 'Saves of hot state that failed and are tried again' },
  fairwatch_state_cache_total: { kind: 'counter', help: 'Hot states looked up, by result', labels: ['result'] },
  fairwatch_redis_up: { kind: 'gauge', help: '1 while Redis answers, 0 while it does not' },
  fairwatch_quarantine_items: { kind: 'gauge', help: 'Messages in quarantine' },

  fairwatch_journal_waiting_seconds: { kind: 'gauge', help: 'How long the oldest append has been waiting' },
  fairwatch_disk_free_bytes: { kind: 'gauge', help: 'Room left where data and keys are written', labels: ['volume'] },

  // engine
  fairwatch_engine_lag_entries: { kind: 'gauge', help: 'Durable entries that are not judged yet' },
  fairwatch_engine_lag_seconds: { kind: 'gauge', help: 'How long the oldest of them has been durable' },
  fairwatch_pipeline_stalled: { kind: 'gauge', help: '1 while uploads are not taken or not judged, as seen from here' },
  fairwatch_pipeline_beat_seconds: {
    kind: 'gauge',
    help: 'API process alone: since when the process that takes in and judges has shown no sign of life',
  },
  fairwatch_engine_position: { kind: 'gauge', help: 'Journal position that the engine has reached' },
  fairwatch_records_late_total: {
    kind: 'counter',
    help: 'Records that came after the time they speak of was judged: put in place by a re-run, or kept unused',
    labels: ['fate'],
  },
  fairwatch_records_calm_total: {
    kind: 'counter',
    help: 'Fixes that could mean nothing but that time had passed, and went the short way',
  },
  fairwatch_ticks_total: { kind: 'counter', help: 'Due times that were appended to the journal' },
  fairwatch_timers_late_seconds: { kind: 'gauge', help: 'How late the most overdue timer is' },
  fairwatch_commands_total: { kind: 'counter', help: 'Commands settled, by outcome', labels: ['kind', 'outcome'] },
  fairwatch_alert_versions_total: { kind: 'counter', help: 'Alert versions by type', labels: ['type'] },
  fairwatch_uncompacted_oldest_seconds: {
    kind: 'gauge',
    help: 'No record that is not archived yet arrived longer ago than this',
  },
  fairwatch_compaction_failures_total: { kind: 'counter', help: 'Streams that could not be archived at their turn' },
  fairwatch_event_to_alert_seconds: {
    kind: 'seconds',
    help: 'From the arrival of an entry to its alerts being committed',
  },
  fairwatch_alert_unacknowledged_oldest_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest alert that nobody has acknowledged',
  },
  fairwatch_alerts_escalated_total: {
    kind: 'counter',
    help: 'Alerts that nobody acknowledged within their limit, by level',
    labels: ['level'],
  },

  // office
  fairwatch_incidents_near_deadline: {
    kind: 'gauge',
    help: 'Open incidents with a 24 h or 72 h clock that is not met and ends within six hours, or has ended',
  },

  // API
  fairwatch_alert_streams: { kind: 'gauge', help: 'Live alert streams' },
  fairwatch_alert_streams_ended_total: {
    kind: 'counter',
    help: 'Alert streams that ended, by reason',
    labels: ['why'],
  },
  fairwatch_audit_entries: { kind: 'gauge', help: 'Entries in the audit log' },
  fairwatch_api_audit_failures_total: {
    kind: 'counter',
    help: 'Audit entries that could not be written: nothing is shown meanwhile',
  },
  fairwatch_api_refusals_total: { kind: 'counter', help: 'API requests refused, by code', labels: ['code'] },

  fairwatch_telemetry_faults_total: {
    kind: 'counter',
    help: 'Metrics or log fields that were used wrongly and dropped',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** Seconds: from a group commit on a fast disk to an alert that waited for a slow one. */
export const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
