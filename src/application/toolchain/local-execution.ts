/** Units of a batch in a sandbox on this machine, without a grid: same program, files, limits and seeds. */

import { type Clock, type Milliseconds, MINUTE_MS } from '../../actors/index.ts';
import { type BatchSpec, type UnitDraft, type UnitIndex, unitSeed } from '../../collective/index.ts';
import type {
  ContentStore,
  ProgramLoader,
  Sandbox,
  SandboxFactory,
  StagedTask,
  TaskFile,
  TaskId,
  TaskOutcome,
} from '../../fabric/index.ts';
import { withinTime } from '../deadline.ts';
import { applicationErrors } from '../errors.ts';
import { PROGRAM_BYTES_MAX } from '../manifest.ts';

export type Succeeded = Extract<TaskOutcome, { status: 'succeeded' }>;

export interface LocalExecutionOptions {
  readonly sandbox: SandboxFactory;
  readonly content: ContentStore;
  readonly clock: Clock;
}

const FETCH_MS: Milliseconds = MINUTE_MS;

export class LocalExecution {
  readonly #spec: BatchSpec;
  readonly #sandbox: Sandbox & ProgramLoader;
  readonly #shared: StagedTask['files'];
  readonly #waiting: Map<TaskId, (outcome: TaskOutcome) => void>;
  #started = 0;

  private constructor(
    spec: BatchSpec,
    sandbox: Sandbox & ProgramLoader,
    shared: StagedTask['files'],
    waiting: Map<TaskId, (outcome: TaskOutcome) => void>,
  ) {
    this.#spec = spec;
    this.#sandbox = sandbox;
    this.#shared = shared;
    this.#waiting = waiting;
  }

  /** Loads the program and the shared files from `content`. */
  static async open(
    spec: BatchSpec,
    { sandbox, content, clock }: LocalExecutionOptions,
  ): Promise<LocalExecution> {
    const waiting = new Map<TaskId, (outcome: TaskOutcome) => void>();
    const opened = sandbox({
      outcomes(outcomes) {
        for (const outcome of outcomes) {
          waiting.get(outcome.id)?.(outcome);
          waiting.delete(outcome.id);
        }
      },
    });
    const { program, files } = spec.common;
    const bytes = await withinTime(clock, FETCH_MS, (signal) =>
      content.get(program, { bytesMax: PROGRAM_BYTES_MAX, signal }),
    );
    await opened.load(program, bytes);
    const shared = await Promise.all(files.map((file) => staged(content, clock, file)));
    return new LocalExecution(spec, opened, shared, waiting);
  }

  /** Units that may be under way at the same time. */
  get depthMax(): number {
    return this.#sandbox.depthMax;
  }

  /** Rejects with `APPLICATION_UNIT_FAILED`, which carries the end of standard error. */
  async run(unit: UnitIndex, draft: UnitDraft): Promise<Succeeded> {
    const outcome = await new Promise<TaskOutcome>((resolve) => {
      const id = `${this.#spec.batch}/${unit}.${this.#started++}` as TaskId;
      this.#waiting.set(id, resolve);
      this.#sandbox.start([this.#task(id, unit, draft)]);
    });
    if (outcome.status === 'succeeded') return outcome;
    const failed = outcome.status === 'failed';
    const reason = failed ? `${outcome.message} ${outcome.stderr}`.trim() : 'the sandbox was closed';
    const code = failed ? outcome.code : 'cancelled';
    throw applicationErrors.APPLICATION_UNIT_FAILED({ unit, label: draft.label, code, reason });
  }

  close(): Promise<void> {
    return this.#sandbox.close();
  }

  #task(id: TaskId, unit: UnitIndex, { args, files }: UnitDraft): StagedTask {
    const { program, limits } = this.#spec.common;
    const own = files.flatMap(({ path, content }) =>
      'inline' in content ? [{ path, bytes: content.inline }] : [],
    );
    const seed = unitSeed(this.#spec, unit);
    return { id, program, files: [...this.#shared, ...own], args, seed, limits };
  }
}

async function staged(store: ContentStore, clock: Clock, { path, content }: TaskFile) {
  if ('inline' in content) return { path, bytes: content.inline };
  const { cid, bytes: bytesMax } = content;
  return { path, bytes: await withinTime(clock, FETCH_MS, (signal) => store.get(cid, { bytesMax, signal })) };
}
