/** A bug that people make, as a change of the compiled code, and where it is to be noticed. */

export interface Edit {
  /** Must occur exactly once in the file; how it is broken into lines does not matter. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  /** One word or a few, for the command line. */
  readonly id: string;
  /** What goes wrong, as a sentence. */
  readonly name: string;
  /** Below `dist/`. */
  readonly file: string;
  readonly edits: readonly [Edit, ...Edit[]];
  /** Whether the simulator runs this code, so that its seeds are asked first. */
  readonly simulated: boolean;
  /** Test files below `dist/tests/`, asked when no seed has noticed it. */
  readonly tests: readonly string[];
}

/** The file with the bug in it. Throws when a text that is to be changed is not there, or there more than once. */
export function planted(bug: PlantedBug, code: string): string {
  return bug.edits.reduce((text, { find, replace }) => {
    const places = [...text.matchAll(anyLines(find))];
    const [place] = places;
    if (place === undefined || places.length > 1) {
      throw new Error(`${bug.id}: "${find}" occurs ${places.length} times in ${bug.file}; it must occur once`);
    }
    return text.slice(0, place.index) + replace + text.slice(place.index + place[0].length);
  }, code);
}

const anyLines = (text: string): RegExp =>
  new RegExp(
    text
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('\\s+'),
    'g',
  );
