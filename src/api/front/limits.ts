/** Bounds of the HTTP front: what a request may be, how long it may take to arrive, how many may be open. */

export interface FrontLimits {
  /** All header lines and the request line together; more is 431. */
  readonly headerBytesMax: number;
  readonly headersMax: number;
  readonly urlBytesMax: number;
  readonly queryParametersMax: number;
  /** From the connection, or the end of the last answer, to the end of the headers (408). */
  readonly headersMs: number;
  /** From the first byte of a request to its last (408). */
  readonly requestMs: number;
  /** How often the two are looked at. */
  readonly checkEveryMs: number;
  /** A connection without a request is kept for this long. */
  readonly keepAliveMs: number;
  /** A socket on which nothing moves either way: longer than the heartbeat of a stream. */
  readonly stillMs: number;
  /** One more connection is dropped, and counted. */
  readonly connectionsMax: number;
  /** Of one address that is no proxy: an office of hundreds may share one, and nobody takes all. */
  readonly connectionsPerAddressMax: number;
  /** Requests of one connection that are not answered yet (pipelining); one more is 429, and the last. */
  readonly requestsPerConnectionMax: number;
  /** Of routes that take no order and no zone. */
  readonly officeBodyBytesMax: number;
}

export const FRONT_LIMITS: FrontLimits = Object.freeze({
  headerBytesMax: 16_384,
  headersMax: 100,
  urlBytesMax: 2_048,
  queryParametersMax: 32,
  headersMs: 10_000,
  requestMs: 60_000,
  checkEveryMs: 2_000,
  keepAliveMs: 72_000,
  stillMs: 300_000,
  connectionsMax: 4_096,
  connectionsPerAddressMax: 1_024,
  requestsPerConnectionMax: 64,
  officeBodyBytesMax: 131_072,
});
