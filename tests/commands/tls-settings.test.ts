/** What is wrong with TLS is said at once, by name, and with what to do; nothing of the files' contents. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type TlsSettings, tlsFaults } from '../../src/commands/tls-settings.js';
import { TestCa } from '../support/certificates.js';
import { temporaryFolder } from '../support/folder.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const said = (c: TlsSettings, nowMs = Date.now()): string[] =>
  tlsFaults(c, read, nowMs).map(({ setting, fault }) => `${setting} ${fault}`);

t.test('nothing is asked for where nothing is open', async (t) => {
  t.same(said({}), []);
  t.same(said({ httpHost: '127.0.0.1', mqttsHost: 'localhost', deviceCertificates: 'optional' }), []);
});

t.test('what belongs together is named together', async (t) => {
  t.match(said({ tlsCertFile: 'x' }), [/^TLS_CERT_FILE, TLS_KEY_FILE belong together/]);
  t.match(said({ tlsKeyFile: 'x' }), [/^TLS_CERT_FILE, TLS_KEY_FILE belong together/]);
  t.match(said({ tlsClientCaFile: 'x' }), [/^TLS_CLIENT_CA_FILE needs/]);
  t.match(said({ deviceCertificates: 'required' }), [/^DEVICE_CERTIFICATES required needs TLS_CLIENT_CA_FILE/]);
});

t.test('what is open to the network needs a certificate, and development is not open at all', async (t) => {
  const open = { httpHost: '0.0.0.0', mqttsHost: '::' };
  t.match(said(open), [/^HTTP_HOST is open to the network: set TLS_CERT_FILE/, /^MQTTS_HOST is open/]);
  t.match(said({ ...open, dev: true }), [/^HTTP_HOST must be a loopback/, /^MQTTS_HOST must be a loopback/]);
});

t.test('the files are read, and every fault of them is said', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const ca = await TestCa.make(folder.path);
  const one = await ca.issue({ cn: 'one', for: 'server' });
  const other = await ca.issue({ cn: 'other', for: 'server' });
  const good = { tlsCertFile: one.certFile, tlsKeyFile: one.keyFile, tlsClientCaFile: ca.own.certFile };
  t.same(said({ ...good, httpHost: '0.0.0.0', mqttsHost: '0.0.0.0', deviceCertificates: 'required' }), []);
  t.match(said({ ...good, tlsKeyFile: other.keyFile }), [/^TLS_KEY_FILE holds the key of another certificate/]);
  const missing = join(folder.path, 'none');
  t.match(said({ tlsCertFile: missing, tlsKeyFile: missing, tlsClientCaFile: missing }), [
    /^TLS_CERT_FILE names a file that cannot be read/,
    /^TLS_KEY_FILE names/,
    /^TLS_CLIENT_CA_FILE names/,
  ]);
  t.match(said({ ...good, tlsCertFile: one.keyFile }), [/^TLS_CERT_FILE holds no certificate/]);
  t.match(said({ ...good, tlsKeyFile: one.certFile }), [/^TLS_KEY_FILE holds no private key/]);
  t.match(said(good, Date.now() + 10 * 86_400_000), [
    /^TLS_CERT_FILE .* has ended/,
    /^TLS_CLIENT_CA_FILE .* has ended/,
  ]);
  t.match(said(good, Date.now() - 10 * 86_400_000), [/^TLS_CERT_FILE .* not valid yet/, /^TLS_CLIENT_CA_FILE .* not/]);
  t.same(tlsFaults({ tlsCertFile: missing, tlsKeyFile: missing }, null, Date.now()), [], 'a command that only looks');
});
