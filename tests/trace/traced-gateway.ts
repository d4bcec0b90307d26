/** A real `fairwatch serve` under strace, and what strace wrote of it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GatewayOptions, type Teardown, TestGateway } from '../support/gateway.js';
import { type HeardAck, judge, type Ports, type Verdict } from './judge.js';
import { straceArguments } from './syscalls.js';

/** What is traced is slower, the more so on a machine that has other things to do. */
export const PATIENCE_MS = 60_000;

/** Null: a process can be traced here; else why not. */
export function whyNotTraced(): string | null {
  const { error, status, stderr } = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  if (error !== undefined) return 'there is no strace here: apt-get install strace';
  return status === 0 ? null : `strace may not trace here (in a container: --cap-add SYS_PTRACE): ${stderr.trim()}`;
}

export class TracedGateway {
  private constructor(
    readonly gateway: TestGateway,
    private readonly file: string,
    private readonly ports: Pick<Ports, 'redis' | 'broker'>,
  ) {}

  static async start(t: Teardown, o: GatewayOptions & Pick<Ports, 'redis' | 'broker'> = {}): Promise<TracedGateway> {
    const under: string[] = [];
    const gateway = await TestGateway.prepare(t, { patienceMs: PATIENCE_MS, ...o, under });
    const file = join(gateway.folder, 'trace');
    // -D: the gateway stays our own child, which signals reach; strace goes when it has written everything
    under.push('strace', '-D', ...straceArguments(file), '--');
    await gateway.start();
    const { redis, broker } = o;
    return new TracedGateway(gateway, file, {
      ...(redis === undefined ? {} : { redis }),
      ...(broker === undefined ? {} : { broker }),
    });
  }

  /** Stops the gateway and judges what it did; `heard`: what devices have read in downlinks. */
  async judged(heard: readonly HeardAck[] = []): Promise<Verdict> {
    const { code, err } = await this.gateway.stop();
    if (code !== 0) throw new Error(`the gateway ended with code ${code}: ${err}`);
    return this.verdict(heard);
  }

  verdict(heard: readonly HeardAck[] = []): Promise<Verdict> {
    const { mqttPort: mqtt, httpPort: http, folder } = this.gateway;
    return judge(readFileSync(this.file, 'latin1'), { mqtt, http, ...this.ports }, join(folder, 'durable'), heard);
  }
}
