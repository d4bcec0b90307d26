// Bounds of the API that only make sense beside each other.
import t from 'tap';
import { OPEN_RATE, RATES, STRANGERS_RATE } from '../../src/api/access/rates.js';
import { API_LIMITS } from '../../src/api/deps.js';
import { FRONT_LIMITS } from '../../src/api/front/limits.js';
import { LIMITS } from '../../src/domain/limits.js';

t.test('the limits fit each other', (t) => {
  const { headersMs, requestMs, checkEveryMs, keepAliveMs, stillMs } = FRONT_LIMITS;
  t.ok(
    checkEveryMs < headersMs && headersMs < requestMs,
    'a request has longer than its headers, and is looked at within',
  );
  t.ok(keepAliveMs < stillMs && API_LIMITS.heartbeatMs * 2 < stillMs, 'a quiet stream is no still socket');
  t.ok(API_LIMITS.streamStallMs < stillMs, 'a stalled stream is cut off by its own rule, and counted');
  t.ok(API_LIMITS.streamCheckMs > API_LIMITS.heartbeatMs, 'tokens are looked at in heartbeats');
  const { headerBytesMax, urlBytesMax } = FRONT_LIMITS;
  t.ok(headerBytesMax >= 8_192 + urlBytesMax + 2_048, 'a token of the greatest length fits into the headers');
  t.ok(FRONT_LIMITS.officeBodyBytesMax < API_LIMITS.bodyBytesMax);
  t.ok(
    FRONT_LIMITS.connectionsMax >= API_LIMITS.streamsMax + 1_000,
    'when all streams are open requests still come in',
  );
  t.ok(FRONT_LIMITS.connectionsPerAddressMax * 4 <= FRONT_LIMITS.connectionsMax, 'no address takes all');
  const { streamsMax, streamsPerAgencyMax, streamsPerUserMax } = API_LIMITS;
  t.ok(streamsPerUserMax * 10 < streamsPerAgencyMax && streamsPerAgencyMax * 2 <= streamsMax, 'nobody takes all');
  t.ok(streamsPerUserMax <= RATES.streaming.burst, 'who lost all streams may open them again at once');
  t.ok(LIMITS.auditWaitingMax >= FRONT_LIMITS.connectionsMax, 'each connection can have an entry waiting');
  for (const rate of [...Object.values(RATES), STRANGERS_RATE, OPEN_RATE]) {
    if (rate !== null) t.ok(rate.burst >= rate.perS, 'a burst is at least a second of the rate');
  }
  t.end();
});
