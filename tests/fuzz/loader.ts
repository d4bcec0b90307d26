/** Module hooks: compiled files of `src` that a target judges are loaded with a counter at each of their stretches. */
import type { LoadHook } from 'node:module';
import { counted, REACHED } from '../mutation/regions.js';
import { syntaxOf } from '../mutation/syntax.js';
import { FILES, type LoaderData } from './counters.js';

let prefixes: readonly string[] = [];
/** The next free counter; all files are loaded by this one thread. */
let next = 0;

export function initialize(data: LoaderData): void {
  prefixes = data.prefixes;
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (loaded.format !== 'module' || !prefixes.some((prefix) => url.startsWith(prefix))) return loaded;
  const text = String(loaded.source);
  const offset = next;
  // one byte each, so that loops show how often they turned
  const { text: source, regions } = counted(syntaxOf(text), offset, (region) => `${REACHED}[${region}]++`);
  next += regions.length;
  const registered = `globalThis.${FILES}.push(${JSON.stringify({ url, offset, count: regions.length })});`;
  return { ...loaded, source: registered + source };
};
