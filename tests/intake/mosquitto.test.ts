/** The real mosquitto clients against the gateway: an implementation of the protocol that is not ours. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import t from 'tap';
import { temporaryFolder } from '../support/folder.js';
import { heartbeat } from '../support/mqtt-device.js';
import { NOW_MS, testIntake } from './harness.js';

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number>;
}

function run(command: string, args: readonly string[]): Run {
  // line by line: into a pipe its output would come all at the end
  const child = spawn('stdbuf', ['-oL', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exit = once(child, 'close').then(([code]) => Number(code));
  return { child, output: () => output, exit };
}

t.test('mosquitto_pub uploads as a device, mosquitto_sub hears as an agency', async (t) => {
  const { port, device, intake, journalled } = await testIntake(t);
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const file = `${folder.path}/upload`;
  await writeFile(file, device.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }));
  const at = ['-h', '127.0.0.1', '-p', String(port), '-V', '311'];
  const as = ['-i', device.deviceId, '-u', device.deviceId];
  const pub = [...at, ...as, '-t', device.topic, '-f', file, '-q', '1'];

  const good = run('mosquitto_pub', [...pub, '-P', device.password]);
  t.equal(await good.exit, 0, good.output());
  t.match(await journalled(), [{ kind: 'upload', deviceId: 'TAG-1', sequence: 1n }]);

  const refused = run('mosquitto_pub', [...pub, '-P', 'wrong']);
  t.equal(await refused.exit, 5, 'the return code of CONNACK');
  t.match(refused.output(), /not authori[sz]ed/i);

  const newer = run('mosquitto_pub', [...pub, '-V', 'mqttv5', '-P', device.password]);
  t.not(await newer.exit, 0);
  t.match(newer.output(), /protocol version/i, 'MQTT 5 is told that it is not served');
  t.equal((await journalled()).length, 1);

  const agency = ['-i', 'centre', '-u', 'agency:north', '-P', 'token of north'];
  const sub = run('mosquitto_sub', [...at, ...agency, '-t', 'em/v1/alerts/north', '-q', '1', '-C', '2', '-d']);
  while (!/SUBACK/.test(sub.output())) await new Promise((resolve) => setTimeout(resolve, 5));
  await intake.endpoint.publish('em/v1/alerts/north', Buffer.from('{"alert":1}'), 1);
  await intake.endpoint.publish('em/v1/alerts/north', Buffer.from('{"alert":2}'), 1);
  t.equal(await sub.exit, 0);
  t.match(sub.output(), /\{"alert":1\}[\s\S]*\{"alert":2\}/, 'in order');

  const other = run('mosquitto_sub', [...at, ...agency, '-t', 'em/v1/alerts/south', '-q', '1', '-C', '1']);
  await other.exit;
  t.match(other.output(), /denied/, "another agency's alerts are refused in SUBACK");
});
