/** What a gateway is told; the command line's configuration is one. */
import type { KeySettings } from '../adapters/files/tiers.js';
import type { AgencyId } from '../domain/ids.js';
import type { Policy } from '../domain/policy.js';

/** Intake and engine are one process: what is taken in is judged from memory. */
export interface Roles {
  readonly ingest: boolean;
  readonly api: boolean;
}

export interface GatewaySettings extends KeySettings {
  readonly dataDir: string;
  readonly mqttHost: string;
  readonly mqttPort: number;
  /** Where there is a certificate. */
  readonly mqttsHost: string;
  readonly mqttsPort: number;
  readonly deviceCertificates: 'optional' | 'required';
  /** Files, PEM; the first two go together. */
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  readonly tlsClientCaFile?: string | undefined;
  /** Devices are met through this broker, and no MQTT port is opened. */
  readonly mqttBrokerUrl?: string | undefined;
  readonly mqttBrokerUser?: string | undefined;
  readonly mqttBrokerPassword?: string | undefined;
  /** A file of certificates, PEM. */
  readonly mqttBrokerCa?: string | undefined;
  readonly httpHost: string;
  readonly httpPort: number;
  /** Of a process without the API. */
  readonly healthPort?: number | undefined;
  readonly redisUrl?: string | undefined;
  readonly oidcIssuer?: string | undefined;
  readonly oidcAudience?: string | undefined;
  readonly oidcJwksUrl?: string | undefined;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxy?: readonly string[] | undefined;
  readonly monitoringAgency: AgencyId;
  /** A file: agency → public JWK. */
  readonly agencyKeys?: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly reconnectGraceS: number;
  /** Without a move for so long the pipeline counts as stopped. */
  readonly stallS: number;
  readonly diskFloorMb: number;
  readonly clock: 'system' | 'stepped';
  readonly clockStart?: number | undefined;
  readonly policy: Policy;
  readonly retentionMonths: number;
  readonly controller: string;
  readonly processor: string;
  readonly contact: string;
}
