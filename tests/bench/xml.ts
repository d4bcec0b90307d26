/** A strict reader of the XML that our plots are: elements, attributes, text, the five entities, and nothing else. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of itself and all within. */
  readonly text: string;
  /** Itself and all within that are called so, in the document's order. */
  all(name: string): Element[];
}

class Node implements Element {
  readonly children: (Node | string)[] = [];
  constructor(
    readonly name: string,
    readonly attributes: ReadonlyMap<string, string>,
  ) {}

  get text(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.text)).join('');
  }

  all(name: string): Element[] {
    const within = this.children.flatMap((child) => (typeof child === 'string' ? [] : child.all(name)));
    return this.name === name ? [this, ...within] : within;
  }
}

const NAME = /^[A-Za-z_][\w-]*/;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Throws, with the place, on what is not well-formed (XML 1.0 §2.1), on a second `id`, and on what plots never use. */
export function parseXml(source: string): Element {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(source)) throw new Error('a control character');
  const ids = new Set<string>();
  let at = 0;
  const fail = (why: string): never => {
    throw new Error(`${why} at ${at}: ${source.slice(at, at + 40)}`);
  };
  const take = (pattern: RegExp): string => {
    const found = pattern.exec(source.slice(at))?.[0];
    if (found === undefined) return fail(`expected ${pattern}`);
    at += found.length;
    return found;
  };
  const plain = (text: string): string => {
    if (text.includes('<')) return fail('a bare <');
    return text.replace(/&([^;]*);?/g, (whole, name: string) => {
      const known = whole.endsWith(';') ? ENTITIES[name] : undefined;
      return known ?? fail(`an unknown entity ${whole}`);
    });
  };
  const element = (): Node => {
    take(/^</);
    const name = take(NAME);
    const attributes = new Map<string, string>();
    while (/^\s+[A-Za-z]/.test(source.slice(at, at + 20))) {
      take(/^\s+/);
      const key = take(/^[A-Za-z_][\w:-]*/);
      take(/^="/);
      const value = plain(take(/^[^"]*/));
      take(/^"/);
      if (attributes.has(key)) fail(`${key} twice`);
      attributes.set(key, value);
      if (key === 'id' && ids.has(value)) fail(`id ${value} twice`);
      if (key === 'id') ids.add(value);
    }
    const node = new Node(name, attributes);
    if (take(/^\s*\/?>/).endsWith('/>')) return node;
    for (;;) {
      if (source[at] !== '<') node.children.push(plain(take(/^[^<]+/)));
      else if (source[at + 1] === '/') break;
      else node.children.push(element());
    }
    take(/^<\//);
    if (take(NAME) !== name) fail(`</${name}> expected`);
    take(/^>/);
    return node;
  };
  const root = element();
  if (source.slice(at).trim() !== '') fail('more than one root');
  return root;
}
