/**
 * Draws units of one batch from the application's lazy source: one request under way at a time, and none
 * while the window is full.
 */

import type { BatchSpec, UnitDraft, UnitIndex, UnitSource } from './batch.ts';

/** Nothing more comes after `null`. */
export type Drawn = readonly UnitDraft[] | null;

export class UnitFeed {
  readonly #source: UnitSource;
  readonly #spec: BatchSpec;
  #units: AsyncIterator<readonly UnitDraft[]> | undefined;
  #asked = false;

  constructor(source: UnitSource, spec: BatchSpec) {
    this.#source = source;
    this.#spec = spec;
  }

  /** The next units from `cursor` on; nothing while an earlier request is under way. */
  ask(cursor: number): Promise<Drawn> | undefined {
    if (this.#asked) return undefined;
    this.#asked = true;
    return this.#next(cursor);
  }

  /** The request was answered. */
  answered(): void {
    this.#asked = false;
  }

  /** After a fault: the next request draws anew. */
  reset(): void {
    this.#units = undefined;
  }

  close(): void {
    const units = this.#units;
    this.#units = undefined;
    // The source is told that nobody reads on; how it takes that changes nothing here.
    units?.return?.().catch(() => {});
  }

  async #next(cursor: number): Promise<Drawn> {
    this.#units ??= this.#source.draw(this.#spec, cursor as UnitIndex)[Symbol.asyncIterator]();
    const drawn = await this.#units.next();
    return drawn.done ? null : drawn.value;
  }
}
