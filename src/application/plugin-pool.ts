/**
 * The plugin processes of a node: at most a few, whatever the number of batches. A batch keeps its process
 * while it is used and a while longer; when another one needs the place, the one that was idle longest gives
 * way, and opens again where it was. A merge is one long conversation, so it has a process to itself.
 *
 * A process whose batch needs nothing more is taken over by the next batch of the same plugin: starting one
 * takes a hundred times as long as everything else that happens to a batch of one unit.
 */

import { type Bytes, type Clock, type Milliseconds, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { BatchSpec } from '../collective/index.ts';
import type { Cid, ContentStore } from '../fabric/index.ts';
import { readApplication } from './batch-spec.ts';
import { withinTime } from './deadline.ts';
import { applicationErrors } from './errors.ts';
import { PLUGIN_BYTES_MAX } from './manifest.ts';
import { PluginSession } from './plugin-session.ts';
import { INPUTS_BYTES_MAX } from './plugin-wire.ts';

export interface PluginPoolOptions {
  readonly content: ContentStore;
  readonly clock: Clock;
  /** At least 2. A process takes 60 to 120 MB. Default: 4. */
  readonly processesMax?: number;
}

export type Purpose = 'units' | 'merge';

interface Place {
  readonly plugin: Cid;
  readonly session: Promise<PluginSession>;
  users: number;
  /** Nobody will come back to it. */
  spent: boolean;
  /** Stops the clock that would close it. */
  keep: () => void;
}

/** The next bundle of a batch that is worked on is asked for well within this. */
const IDLE_MS: Milliseconds = 30 * SECOND_MS;
/** Plugin and inputs come from this node or from a peer of the batch. */
const FETCH_MS: Milliseconds = MINUTE_MS;
/** Callers ask one thing a batch at a time. */
const WAITING_MAX = 256;

export class PluginPool {
  readonly #content: ContentStore;
  readonly #clock: Clock;
  readonly #processesMax: number;
  /** Least recently used first. */
  readonly #places = new Map<string, Place>();
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor({ content, clock, processesMax = 4 }: PluginPoolOptions) {
    this.#content = content;
    this.#clock = clock;
    this.#processesMax = processesMax;
  }

  /** Runs `work` on the batch's process. Rejects with what opening it or `work` rejects with. */
  async use<Value>(
    spec: BatchSpec,
    purpose: Purpose,
    work: (session: PluginSession) => Promise<Value>,
  ): Promise<Value> {
    const name = `${spec.batch}/${purpose}`;
    const place = await this.#take(name, spec);
    try {
      return await work(await place.session);
    } finally {
      await this.#leave(name, place);
    }
  }

  /** Whatever is asked now or later rejects with `APPLICATION_STOPPED`. Resolves when no process is left. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const go of this.#waiting.splice(0)) go();
    await Promise.all([...this.#places.keys()].map((name) => this.#end(name)));
  }

  async #take(name: string, spec: BatchSpec): Promise<Place> {
    for (;;) {
      if (this.#closed) throw applicationErrors.APPLICATION_STOPPED();
      const known = this.#places.get(name);
      if (known !== undefined) return this.#enter(name, known);
      const { plugin } = readApplication(spec);
      const session = this.#takeOver(plugin, spec) ?? (this.#makeRoom() ? this.#open(spec) : undefined);
      if (session !== undefined) {
        return this.#enter(name, { plugin, session, users: 0, spent: false, keep: () => {} });
      }
      if (this.#waiting.length >= WAITING_MAX) {
        throw applicationErrors.APPLICATION_PLUGIN_BUSY({ processes: this.#processesMax });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #enter(name: string, place: Place): Place {
    place.keep();
    place.users++;
    this.#places.delete(name);
    this.#places.set(name, place);
    return place;
  }

  async #leave(name: string, place: Place): Promise<void> {
    place.users--;
    if (place.users > 0) return;
    const session = await place.session.catch(() => undefined);
    if (place.users > 0 || this.#places.get(name) !== place) return;
    place.spent = session?.spent ?? false;
    if (session?.alive) place.keep = this.#clock.after(IDLE_MS, () => void this.#end(name));
    else await this.#end(name);
    this.#waiting.shift()?.();
  }

  /** The process of a batch that needs it no more, opened for this one. */
  #takeOver(plugin: Cid, spec: BatchSpec): Promise<PluginSession> | undefined {
    for (const [name, place] of this.#places) {
      if (place.users > 0 || !place.spent || place.plugin !== plugin) continue;
      place.keep();
      this.#places.delete(name);
      return place.session.then((before) => this.#open(spec, before));
    }
    return undefined;
  }

  /** Whether one more process may be started; closes the longest idle one if that helps. */
  #makeRoom(): boolean {
    if (this.#places.size < this.#processesMax) return true;
    for (const [name, { users }] of this.#places) {
      if (users > 0) continue;
      void this.#end(name);
      return true;
    }
    return false;
  }

  async #end(name: string): Promise<void> {
    const place = this.#places.get(name);
    this.#places.delete(name);
    place?.keep();
    await place?.session.then(
      (session) => session.close(),
      () => {},
    );
  }

  async #open(spec: BatchSpec, before?: PluginSession): Promise<PluginSession> {
    const { app, plugin, parameters, inputs } = readApplication(spec);
    const bytes = inputs.reduce((sum, input) => sum + input.bytes, 0);
    if (bytes > INPUTS_BYTES_MAX) {
      throw applicationErrors.APPLICATION_INPUTS_TOO_LARGE({ bytes, bytesMax: INPUTS_BYTES_MAX });
    }
    const files = await this.#fetch(inputs.map(({ cid, bytes: bytesMax }) => ({ cid, bytesMax })));
    const named = inputs.map(({ name }, at) => ({ path: name, bytes: files[at] ?? new Uint8Array() }));
    const batch = { parameters, inputs: named, now: spec.submittedAt };
    if (before?.alive) return before.next(batch);
    const [source = new Uint8Array()] = await this.#fetch([{ cid: plugin, bytesMax: PLUGIN_BYTES_MAX }]);
    return PluginSession.open({ app, plugin: source, ...batch }, this.#clock);
  }

  #fetch(wanted: readonly { readonly cid: Cid; readonly bytesMax: Bytes }[]): Promise<readonly Uint8Array[]> {
    return withinTime(this.#clock, FETCH_MS, (signal) =>
      Promise.all(wanted.map(({ cid, bytesMax }) => this.#content.get(cid, { bytesMax, signal }))),
    );
  }
}
