// Asks the gateway in this container for its health, by the settings that it was started with: exit code 0 when it answers 200.
//
//   node scripts/healthcheck.mjs [/livez | /readyz]
import http from 'node:http';
import https from 'node:https';

const PATIENCE_MS = 4_000;
const { HTTP_HOST: host = '127.0.0.1', HEALTH_PORT, HTTP_PORT, TLS_CERT_FILE } = process.env;
const path = process.argv[2] ?? '/readyz';

const isLoopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
// as the gateway does: plain on loopback, HTTPS elsewhere
const secure = !isLoopback && (TLS_CERT_FILE ?? '') !== '';
const request = (secure ? https : http).get({
  host: host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host,
  port: HEALTH_PORT || HTTP_PORT || 8_080,
  path,
  timeout: PATIENCE_MS,
  // it asks itself, under no name that the certificate could have
  ...(secure ? { rejectUnauthorized: false } : {}),
});
request.on('response', (answer) => {
  let said = '';
  answer.setEncoding('utf8');
  answer.on('data', (text) => {
    said += text;
  });
  answer.on('end', () => {
    console.log(`${answer.statusCode} ${said.trim().slice(0, 200)}`);
    process.exitCode = answer.statusCode === 200 ? 0 : 1;
  });
});
request.on('timeout', () => request.destroy(new Error('no answer')));
request.on('error', (error) => {
  console.log(error.message);
  process.exitCode = 1;
});
