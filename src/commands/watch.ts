/** `fairwatch watch`: a dead man's alarm for a gateway, run elsewhere: it speaks when nothing is heard, and when it is well again. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { checkAddress, readToken } from './cli-api.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { Blocks, stallIn, words } from './watch-lines.js';
import { WatchState } from './watch-state.js';

interface Flags {
  readonly api?: string;
  readonly tokenFile?: string;
  readonly silence: string;
  readonly every: string;
  readonly exec?: string;
  readonly once?: boolean;
  readonly json?: boolean;
}

interface Watched {
  readonly api: string;
  readonly tokenFile: string;
  readonly state: WatchState;
  readonly ending: AbortSignal;
}

export function register(program: Command): void {
  program
    .command('watch')
    .description('an alarm when a gateway falls silent, stands still or is not ready; run it on another machine')
    .option('--api <url>', 'gateway to watch, e.g. http://127.0.0.1:8080')
    .option('--token-file <file>', 'file that holds a bearer token; read anew at each connection')
    .option(
      '--silence <seconds>',
      'hearing nothing for so long is an alarm (the stream says something every 15 s)',
      '45',
    )
    .option('--every <seconds>', 'how often it is asked whether it is ready', '10')
    .option(
      '--exec <command>',
      'run by the shell at each change, with FAIRWATCH_STATE (alarm, ok) and FAIRWATCH_CAUSES',
    )
    .option('--once', 'look until it has been heard, or for --silence seconds, and end: 0 well, 1 alarm')
    .option('--json', 'a line of JSON at each change')
    .addHelpText(
      'after',
      '\nOne line at the start and at each change; it runs until it is ended (exit 0, or 1 while there is an alarm).\n' +
        'Causes: no_answer, stream_silent, token_refused, and the words of /readyz.\n' +
        '\nExample:\n  fairwatch watch --api https://gateway:8080 --token-file watch.token --exec "page-the-duty-officer"\n',
    )
    .action(runs(watch));
}

async function watch(flags: Flags): Promise<void> {
  const { api, tokenFile } = flags;
  if (api === undefined || tokenFile === undefined) {
    throw new CommandFailed('watch needs --api URL and --token-file FILE', 2);
  }
  checkAddress(api);
  readToken(tokenFile);
  const silenceMs = secondsOf('--silence', flags.silence);
  const everyMs = secondsOf('--every', flags.every);
  const notReadyMs = flags.once === true ? 0 : silenceMs;
  const state = new WatchState({ silenceMs, notReadyMs }, performance.now());
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());

  const watched: Watched = { api, tokenFile, state, ending: ending.signal };
  const heard = { stream: false, ready: false };
  const following = follow(watched, () => {
    heard.stream = true;
  });
  const asking = ask(watched, everyMs, () => {
    heard.ready = true;
  });

  let told: string | null = null;
  let alarm = false;
  const startedMs = performance.now();
  while (!ending.signal.aborted) {
    const causes = state.causes(performance.now());
    const known = (heard.stream && heard.ready) || causes.length > 0 || performance.now() - startedMs > silenceMs;
    if (known && told !== causes.join(',')) {
      told = causes.join(',');
      alarm = causes.length > 0;
      tell(causes, flags);
    }
    if (flags.once === true && known) ending.abort();
    else await pause(LOOK_EVERY_MS, ending.signal);
  }
  await Promise.all([following, asking]);
  if (alarm) process.exitCode = 1;
}

function tell(causes: readonly string[], { json, exec }: Flags): void {
  const state = causes.length === 0 ? 'ok' : 'alarm';
  const time = new Date().toISOString();
  if (json === true) printJson({ time, state, causes });
  else print(`${time} ${state.toUpperCase()}${causes.length === 0 ? '' : ` ${causes.join(', ')}`}`);
  if (exec === undefined) return;
  const env = { ...process.env, FAIRWATCH_STATE: state, FAIRWATCH_CAUSES: causes.join(',') };
  const child = spawn('/bin/sh', ['-c', exec], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', () => process.stderr.write('fairwatch: the command of --exec could not be run\n'));
  child.on('exit', (code) => {
    if (code !== 0) process.stderr.write(`fairwatch: the command of --exec ended with ${code ?? 'a signal'}\n`);
  });
}

/** Asks whether it is ready, for as long as it is watched. */
async function ask({ api, state, ending }: Watched, everyMs: number, onAnswer: () => void): Promise<void> {
  while (!ending.aborted) {
    try {
      const signal = AbortSignal.any([ending, AbortSignal.timeout(ANSWER_MS)]);
      const response = await fetch(new URL('/readyz', api), { signal });
      const body = (await response.json()) as { ready?: unknown; reasons?: unknown };
      const reasons = words(body.reasons);
      state.answered(performance.now(), response.status === 200, reasons.length === 0 ? ['not_ready'] : reasons);
      onAnswer();
    } catch {
      // what does not answer is told by its silence
    }
    await pause(everyMs, ending);
  }
}

/** Listens to the alert stream, for as long as it is watched; what comes is not looked at but for the gateway's own word. */
async function follow(watched: Watched, onHeard: () => void): Promise<void> {
  while (!watched.ending.aborted) {
    try {
      await listen(watched, onHeard);
    } catch {
      // cut off, or not there: it is tried again
    }
    await pause(RETRY_MS, watched.ending);
  }
}

async function listen({ api, tokenFile, state, ending }: Watched, onHeard: () => void): Promise<void> {
  const headers = { authorization: `Bearer ${readToken(tokenFile)}`, accept: 'text/event-stream' };
  const response = await fetch(new URL('/v1/alerts/stream', api), { headers, signal: ending });
  if (response.status === 401 || response.status === 403) state.refused();
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    return;
  }
  const blocks = new Blocks();
  const decoder = new TextDecoder();
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    state.heard(performance.now());
    onHeard();
    for (const block of blocks.take(decoder.decode(piece, { stream: true }))) {
      const stall = stallIn(block);
      if (stall !== null) state.stalled(stall.reasons);
    }
  }
}

function secondsOf(flag: string, text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}(\.\d{1,3})?$/.test(text) || seconds <= 0) {
    throw new CommandFailed(`${flag} ${text}: expected a number of seconds, e.g. 45`, 2);
  }
  return seconds * 1_000;
}

function pause(ms: number, ending: AbortSignal): Promise<void> {
  if (ending.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      ending.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ending.addEventListener('abort', done);
  });
}

const LOOK_EVERY_MS = 250;
const ANSWER_MS = 5_000;
const RETRY_MS = 2_000;
