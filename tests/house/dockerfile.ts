/** The instructions of a Dockerfile, and what a .dockerignore lets through, as far as ours use them. */

export interface Instruction {
  readonly name: string;
  /** Options (`--from=build`), then words, or the elements of a JSON array. */
  readonly options: readonly string[];
  readonly words: readonly string[];
  /** Everything after the name, continued lines joined. */
  readonly text: string;
  readonly line: number;
}

export interface Stage {
  readonly base: string;
  readonly name: string | null;
  readonly instructions: readonly Instruction[];
}

const NAMES = new Set(
  'FROM RUN CMD LABEL EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG STOPSIGNAL HEALTHCHECK SHELL'.split(' '),
);

/** Throws for a line that is no instruction. */
export function stagesOf(dockerfile: string): Stage[] {
  const stages: { base: string; name: string | null; instructions: Instruction[] }[] = [];
  const lines = dockerfile.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const first = at;
    let line = lines[at] ?? '';
    if (/^\s*(#|$)/.test(line)) continue;
    while (line.endsWith('\\')) {
      at += 1;
      // a comment between continued lines is none of them
      if (/^\s*#/.test(lines[at] ?? '')) continue;
      line = `${line.slice(0, -1).trimEnd()} ${(lines[at] ?? '').trim()}`;
    }
    const [, name = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (!NAMES.has(name)) throw new Error(`line ${first + 1}: no instruction: ${line}`);
    const instruction = { name, text, line: first + 1, ...wordsOf(text) };
    if (name === 'FROM') {
      const [base = '', as, stage] = instruction.words;
      stages.push({ base, name: as === 'AS' ? (stage ?? null) : null, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`line ${first + 1}: ${name} before FROM`);
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

function wordsOf(text: string): { options: string[]; words: string[] } {
  const array = /\[.*\]$/.exec(text)?.[0];
  const before = array === undefined ? text : text.slice(0, -array.length);
  const all = before.split(/\s+/).filter((word) => word !== '');
  const options = all.filter((word) => word.startsWith('--'));
  const words = array === undefined ? all : [...all, ...(JSON.parse(array) as string[])];
  return { options, words: words.filter((word) => !word.startsWith('--') || !options.includes(word)) };
}

/** Whether a path of the repository goes to the build: the last pattern that fits it or a folder above it decides. */
export function goesToBuild(dockerignore: string, path: string): boolean {
  const parts = path.split('/');
  const above = parts.map((_, n) => parts.slice(0, n + 1).join('/'));
  let goes = true;
  for (const line of dockerignore.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const lets = line.startsWith('!');
    const pattern = lets ? line.slice(1) : line;
    if (pattern === '*' || above.includes(pattern)) goes = lets;
  }
  return goes;
}
