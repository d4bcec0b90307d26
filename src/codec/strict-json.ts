/** JSON as another's program sends it, read so that no two readers can differ over what it said; and bounded. */
import { bad, ok, type Result } from '../domain/result.js';

export interface JsonBounds {
  /** Objects and lists within each other. */
  readonly depthMax: number;
  readonly membersPerObjectMax: number;
  readonly elementsPerListMax: number;
  /** Members and elements in all. */
  readonly valuesMax: number;
}

export type JsonRefusal =
  | 'not_utf8'
  | 'not_json'
  | 'too_deep'
  | 'too_many_values'
  /** RFC 8259 §4 leaves open which of the two counts: a proxy that checks one and we who take the other would differ. */
  | 'member_twice'
  /** Names that every JavaScript object has. */
  | 'member_refused'
  /** Control characters, which a terminal may obey, and halves of surrogate pairs, which no store keeps as they are. */
  | 'character_refused';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const refusedMembers = new Set(['__proto__', 'constructor', 'prototype']);
/** Tabs and line ends stand in prose. */
const refusedCharacter = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/** The value, or why not; a scan finds what `JSON.parse` passes over (duplicates, depth, characters) before it parses. */
export function parseStrictJson(bytes: Uint8Array, bounds: JsonBounds): Result<unknown, JsonRefusal> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return bad('not_utf8');
  }
  const refused = scan(text, bounds);
  if (refused !== null) return bad(refused);
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return bad('not_json');
  }
}

interface Open {
  /** Null: a list. */
  readonly names: Set<string> | null;
  count: number;
  /** The next text is a member's name. */
  nameNext: boolean;
}

/** Trusts no grammar: of a text that is no JSON it may say anything, for `JSON.parse` refuses that afterwards. */
function scan(text: string, bounds: JsonBounds): JsonRefusal | null {
  const open: Open[] = [];
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const top = open.at(-1);
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: {
        // [
        if (open.length === bounds.depthMax) return 'too_deep';
        const isObject = text.charCodeAt(at) === 0x7b;
        open.push({ names: isObject ? new Set() : null, count: 1, nameNext: isObject });
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        break;
      case 0x2c: {
        // a comma
        if (top === undefined) return 'not_json';
        top.count++;
        values++;
        top.nameNext = top.names !== null;
        const most = top.names === null ? bounds.elementsPerListMax : bounds.membersPerObjectMax;
        if (top.count > most || values > bounds.valuesMax) return 'too_many_values';
        break;
      }
      case 0x22: {
        // a text
        const end = endOfText(text, at);
        if (end < 0) return 'not_json';
        const raw = text.slice(at, end + 1);
        const written = raw.includes('\\') ? unescaped(raw) : raw.slice(1, -1);
        if (written === null) return 'not_json';
        if (refusedCharacter.test(written)) return 'character_refused';
        if (top?.names != null && top.nameNext) {
          if (refusedMembers.has(written)) return 'member_refused';
          if (top.names.has(written)) return 'member_twice';
          top.names.add(written);
          top.nameNext = false;
        }
        at = end;
        break;
      }
      default:
    }
  }
  return null;
}

/** Where the text that begins at `from` has its closing quote; below 0: nowhere. */
function endOfText(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

function unescaped(raw: string): string | null {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return null;
  }
}
