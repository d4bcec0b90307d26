/** Modules of the tests and of what they test, made anew for each mutant: nothing that one leaves behind is met by the next. */
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import type { Sources } from './sources.js';

/** A module that stands in for a package. */
export type StandIn = Readonly<Record<string, unknown>>;

export class ModuleGraph {
  readonly #sources: Sources;
  /** Modules that no change has touched: they stay, warm, from round to round. */
  readonly #lasting = new Map<string, vm.Module>();
  readonly #packages = new Map<string, Promise<vm.Module>>();
  #round = new Map<string, vm.Module>();
  #fresh: ReadonlySet<string> = new Set();
  #texts: ReadonlyMap<string, string> = new Map();
  #standIns: Readonly<Record<string, StandIn>> = {};

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /**
   * Begins anew, with other texts for some paths and stand-ins for some packages. The `fresh` paths are made again; with
   * a path, all that import it must be among them.
   */
  begin(
    fresh: ReadonlySet<string>,
    texts: ReadonlyMap<string, string>,
    standIns: Readonly<Record<string, StandIn>>,
  ): void {
    this.#round = new Map();
    this.#fresh = fresh;
    this.#texts = texts;
    this.#standIns = standIns;
  }

  /** Evaluates a file with all it imports. Rejects with what it throws. */
  async load(path: string): Promise<void> {
    const module = this.#moduleOf(path);
    if (module.status === 'unlinked') await module.link((specifier, from) => this.#resolve(specifier, from.identifier));
    await module.evaluate();
  }

  #moduleOf(path: string): vm.Module {
    const modules = this.#fresh.has(path) ? this.#round : this.#lasting;
    const known = modules.get(path);
    if (known !== undefined) return known;
    const text = this.#texts.get(path) ?? this.#sources.get(path)?.text;
    if (text === undefined) throw new Error(`${path} was not read`);
    const module = new vm.SourceTextModule(text, {
      identifier: path,
      initializeImportMeta: (meta) => {
        meta.url = pathToFileURL(path).href;
        meta.filename = path;
        meta.dirname = dirname(path);
      },
    });
    modules.set(path, module);
    return module;
  }

  #resolve(specifier: string, from: string): vm.Module | Promise<vm.Module> {
    if (specifier.startsWith('.')) return this.#moduleOf(join(dirname(from), specifier));
    const standIn = this.#standIns[specifier];
    if (standIn === undefined) return this.#package(specifier);
    const key = `package ${specifier}`;
    const module = this.#round.get(key) ?? synthetic(key, standIn);
    this.#round.set(key, module);
    return module;
  }

  #package(specifier: string): Promise<vm.Module> {
    let module = this.#packages.get(specifier);
    if (module === undefined) {
      module = import(specifier).then((exports: StandIn) => synthetic(specifier, exports));
      this.#packages.set(specifier, module);
    }
    return module;
  }
}

function synthetic(identifier: string, exports: StandIn): vm.Module {
  const names = Object.keys(exports);
  const module: vm.SyntheticModule = new vm.SyntheticModule(
    names,
    () => {
      for (const name of names) module.setExport(name, exports[name]);
    },
    { identifier },
  );
  return module;
}
