/** How many file descriptors this process may have, and how many of them strangers may hold: a journal needs some too. */
import { readFileSync } from 'node:fs';

export interface SocketShares {
  /** MQTT connections. */
  readonly mqtt: number;
  /** Connections that wait for a TLS handshake before they become such. */
  readonly handshakes: number;
  readonly http: number;
}

/** For stores, logs, and what nobody has thought of. */
const OWN = 1_024;
const HTTP = 4_096;

/** What clients may hold among `limit` descriptors. Of few a quarter is our own, whatever they do. */
export function socketShares(limit: number): SocketShares {
  const http = Math.min(HTTP, Math.ceil(limit / 4));
  const rest = limit - http - Math.min(OWN, Math.ceil(limit / 4));
  return { mqtt: Math.floor((rest * 3) / 4), handshakes: Math.floor(rest / 4), http };
}

/** The limit of this process; 1,024 where it is not known. */
export function descriptorLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    if (soft === 'unlimited') return Infinity;
    return soft === undefined ? UNKNOWN : Number(soft);
  } catch {
    return UNKNOWN;
  }
}

const UNKNOWN = 1_024;
