/** The lines of an event stream as they come, each block once it is whole; a watcher needs no more of the format. */

export interface Block {
  /** `''`: an alert, or nothing but a comment. */
  readonly event: string;
  readonly data: string;
}

const BLOCK_CHARS_MAX = 262_144;

export class Blocks {
  #rest = '';

  /** The blocks that this piece completes. What never ends is let go: it is no event of ours. */
  take(text: string): Block[] {
    const parts = (this.#rest + text).split('\n\n');
    this.#rest = (parts.pop() ?? '').slice(-BLOCK_CHARS_MAX);
    return parts.map(blockOf);
  }
}

function blockOf(text: string): Block {
  let event = '';
  let data = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim();
    else if (line.startsWith('data:')) data += line.slice(5).trim();
  }
  return { event, data };
}

/** The reasons of a standstill; null: it is over, or this is none of the gateway's own events. */
export function stallIn({ event, data }: Block): { readonly reasons: readonly string[] | null } | null {
  if (event !== 'gateway') return null;
  try {
    const { type, data: told } = JSON.parse(data) as { type?: unknown; data?: { reasons?: unknown } };
    if (type === 'uk.fairwatch.gateway.recovered') return { reasons: null };
    return type === 'uk.fairwatch.gateway.stalled' ? { reasons: words(told?.reasons) } : null;
  } catch {
    return null;
  }
}

/** What comes from elsewhere goes into an environment and onto a terminal: words alone. */
export function words(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [];
  return all.filter((word): word is string => typeof word === 'string' && /^[a-z_]{1,40}$/.test(word)).slice(0, 20);
}
