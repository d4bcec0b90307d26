/** How the demo shows alerts on a terminal, one line each; colours only where someone looks. */

import type { AlertEvent } from '../sim/alert-subscriber.js';
import { alertWords } from '../sim/alert-words.js';

const STYLES = { violation: '\u001b[1;31m', alert: '\u001b[33m', dim: '\u001b[2m', plain: '\u001b[0m' } as const;

export class DemoLines {
  private readonly shownCodes = new Map<string, number>();
  private readonly clock: Intl.DateTimeFormat;
  private readonly colours: boolean;

  constructor(timeZone: string) {
    this.colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
    this.clock = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** A new alert, or a new code of one; the end of an alert that has no code of its own is no line. */
  alert(event: AlertEvent): void {
    const { data } = event;
    const shown = this.shownCodes.get(data.alert_id);
    this.shownCodes.set(data.alert_id, Math.max(shown ?? 0, data.codes.length));
    const withdrawn = data.state === 'withdrawn';
    if (!withdrawn && shown !== undefined && data.codes.length <= shown) return;
    const code = data.codes.at(-1) ?? null;
    const words = withdrawn ? `withdrawn: ${alertWords(data.type, code)}` : alertWords(data.type, code);
    const text = `${this.time(Date.parse(data.event_time))}  ${(code ?? '').padEnd(4)}  ${words.padEnd(30)}  ${data.order_id ?? data.device_id ?? ''}`;
    this.print(text, data.kind === 'violation' ? 'violation' : 'alert');
  }

  note(text: string): void {
    this.print(text, 'dim');
  }

  plain(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** `Fri 19:05:00`, in the orders' own time zone. */
  time(atMs: number): string {
    return this.clock.format(atMs).replace(',', '');
  }

  private print(text: string, style: keyof typeof STYLES): void {
    process.stdout.write(this.colours ? `${STYLES[style]}${text}${STYLES.plain}\n` : `${text}\n`);
  }
}
