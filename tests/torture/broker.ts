/** A Mosquitto of the run's own, as the wire's contract wants it: persistent sessions, long queues, saved on every change. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Its configuration is written into `folder`. */
export function brokerProcess(folder: string, port: number): { command: string; args: string[]; ready: RegExp } {
  const file = join(folder, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'autosave_on_changes true',
    'autosave_interval 1',
    'max_queued_messages 100000',
    'max_inflight_messages 0',
    'log_dest stdout',
    'log_type error',
    'log_type warning',
    'log_type notice',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return { command: 'mosquitto', args: ['-c', file], ready: /mosquitto version .* running/ };
}
