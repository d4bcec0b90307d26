/** The people of the story, each with a token of their own, and a gateway whose clock they all see. */
import type { Answer, TestGateway } from '../support/gateway.js';

export type Role =
  | 'monitoring_officer'
  | 'supervising_officer'
  | 'data_controller'
  | 'auditor'
  | 'police_liaison'
  | 'device_engineer';

export interface Said extends Answer {
  readonly text: string;
}

export class Somebody {
  private constructor(
    readonly name: string,
    private readonly gateway: TestGateway,
    private readonly token: string,
  ) {}

  static async with(gateway: TestGateway, name: string, role: Role, agency: string): Promise<Somebody> {
    const { out, err, code } = await gateway.command('token', '--role', role, '--agency', agency, '--user', name);
    if (code !== 0) throw new Error(`no token for ${name}: ${err}`);
    return new Somebody(name, gateway, out.trim());
  }

  /** Asks the gateway; `purpose` is the header that says what for. */
  async asks(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    o: { body?: unknown; purpose?: string; accept?: string } = {},
  ) {
    const response = await fetch(`${this.gateway.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(o.purpose === undefined ? {} : { 'fairwatch-purpose': o.purpose }),
        ...(o.accept === undefined ? {} : { accept: o.accept }),
        ...(o.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(o.body === undefined ? {} : { body: JSON.stringify(o.body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(\w+\+)?json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, json: isJson ? JSON.parse(text) : {}, text } satisfies Said;
  }
}
