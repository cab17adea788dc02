/**
 * The public door for authors: `import { definePlugin } from 'conun/plugin'`.
 *
 * A plugin says how a batch is split into workunits, how two results are compared, and how all results become
 * files for the researcher. It never sees a peer, a lease or a replica. It runs in a process of its own,
 * without network and without the host's files; what it yields is checked against schemas.
 */

/** A named piece of bytes: an input of the batch, of one unit, or an output. */
export interface FileBytes {
  /** Relative, `/`-separated; a unit finds it under `/in`, and leaves its own under `/out`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Unit {
  /** `argv[1…]` of the program. */
  readonly args?: readonly string[];
  /**
   * Files of this unit alone, under `/in`, beside those that all units of the batch share. At most 32 KiB
   * each.
   */
  readonly files?: readonly FileBytes[];
  /** A few words for people: `tile 3,4`. */
  readonly label?: string;
}

/** What a program left: `stdout`, and the files below `/out`, sorted by path. */
export interface Output {
  readonly stdout: Uint8Array;
  readonly files: readonly FileBytes[];
}

/** What one verified unit left. */
export interface Result extends Output {
  /** Position of the unit in the order of `split`, from 0. */
  readonly index: number;
  readonly label: string;
}

export interface BatchInputs<Parameters> {
  readonly parameters: Parameters;
  /** The batch file's `inputs`, by name. */
  readonly inputs: Readonly<Record<string, Uint8Array>>;
}

export interface Plugin<Parameters> {
  /**
   * Completes and checks the batch file's `parameters`. Throw an `Error` whose message tells the researcher
   * what to change. Must be pure.
   */
  parameters(given: Readonly<Record<string, unknown>>): Parameters;
  /** Files that every unit finds under `/in`. Default: the inputs as they are. */
  share?(batch: BatchInputs<Parameters>): readonly FileBytes[] | Promise<readonly FileBytes[]>;
  /** Lazily, in a fixed order: the same inputs must always give the same units. */
  split(batch: BatchInputs<Parameters>): Iterable<Unit> | AsyncIterable<Unit>;
  /**
   * Whether two results mean the same. Only for apps whose manifest says `compare: plugin`; the default is
   * equal bytes.
   */
  compare?(one: Output, other: Output): boolean;
  /** Results come in the order of `split`, failed units left out. Yields the files the researcher gets. */
  merge(
    batch: BatchInputs<Parameters>,
    results: AsyncIterable<Result>,
  ): Iterable<FileBytes> | AsyncIterable<FileBytes>;
}

/** Names the type; returns its argument. A plugin module's default export. */
export function definePlugin<Parameters>(plugin: Plugin<Parameters>): Plugin<Parameters> {
  return plugin;
}
