/** A real `fairwatch serve` under strace, and what strace wrote of it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GatewayOptions, type Teardown, TestGateway } from '../support/gateway.js';
import { judge, type Verdict } from './judge.js';
import { straceArguments } from './syscalls.js';

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
    private readonly redisPort: number | null,
  ) {}

  static async start(t: Teardown, o: GatewayOptions & { readonly redisPort?: number } = {}): Promise<TracedGateway> {
    const under: string[] = [];
    const gateway = await TestGateway.prepare(t, { ...o, under });
    const file = join(gateway.folder, 'trace');
    // -D: the gateway stays our own child, which signals reach; strace goes when it has written everything
    under.push('strace', '-D', ...straceArguments(file), '--');
    await gateway.start();
    return new TracedGateway(gateway, file, o.redisPort ?? null);
  }

  /** Stops the gateway and judges what it did. */
  async judged(): Promise<Verdict> {
    const { code, err } = await this.gateway.stop();
    if (code !== 0) throw new Error(`the gateway ended with code ${code}: ${err}`);
    return this.verdict();
  }

  verdict(): Promise<Verdict> {
    const { mqttPort: mqtt, httpPort: http, folder } = this.gateway;
    const ports = { mqtt, http, ...(this.redisPort === null ? {} : { redis: this.redisPort }) };
    return judge(readFileSync(this.file, 'latin1'), ports, join(folder, 'durable'));
  }
}
