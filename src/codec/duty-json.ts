/** Documents of lawful business as JSON for clients: snake_case names, `…Ms` as RFC 3339 times without that ending. */

/** Numbers whose name ends in `LeftMs` are spans and stay numbers: seconds, rounded down. */
export function dutyJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dutyJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => entryOf(name, member)));
}

function entryOf(name: string, member: unknown): [string, unknown] {
  const span = /^(.*)LeftMs$/.exec(name);
  if (span !== null) {
    return [`${snake(span[1] ?? '')}_left_s`, typeof member === 'number' ? Math.floor(member / 1_000) : null];
  }
  const time = /^(.*[a-z])Ms$/.exec(name);
  if (time !== null) return [snake(time[1] ?? ''), typeof member === 'number' ? new Date(member).toISOString() : null];
  return [snake(name), dutyJson(member)];
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
