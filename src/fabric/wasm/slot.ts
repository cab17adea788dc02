/**
 * One slot: one host process and the tasks that were handed to it.
 *
 * A handing-over is called a flight. A flight ends when the host answers, or with the host. The pool may turn
 * its back on a flight (the task was cancelled, or given to an idle slot); the host still owes an answer, the
 * clock still runs against it, and only then does nobody listen. So a slot always knows all that its process
 * may do.
 *
 * The watchdog kills the process when the first flight exceeds its limit in processor time: a program that
 * runs uses its processor, and on a busy machine a host of the lowest priority may get none for seconds. Whom
 * to blame is read from the mark; when the mark is not exact, all flights come back to be flown alone, and
 * the culprit shows itself the second time.
 */

import type { Clock, Milliseconds } from '../../actors/index.ts';
import type { Cid, StagedTask } from '../task.ts';
import { packTasks, unpackOutcomes } from './host-bundle.ts';
import type { HostOptions } from './host-link.ts';
import { HostLink } from './host-link.ts';
import type { Bundle, HostOutcome, HostSays, HostTask } from './host-wire.ts';
import { GATHER_MS } from './host-wire.ts';
import type { ShapedModule } from './module-shape.ts';

/** Programs compiled at the same time in one host. A provider works for a handful of batches at once. */
const KEPT_MAX = 16;

/**
 * Compiling is no task's fault: it has its own limit, generous because a host compiles at the lowest
 * priority.
 */
export const COMPILE_LIMIT_MS: Milliseconds = 20_000;

/**
 * Longer than this many times its limit nobody waits, whether the system gave it a processor or not. The
 * outcomes before it may have waited for it, too.
 */
const STARVED_TIMES_MAX = 20;

/** Below that the system's account of processor time is too coarse. */
const WATCH_MS_MIN: Milliseconds = 10;

/** A handed-over task, as the pool knows it. The pool owns it. */
export interface Job {
  readonly task: StagedTask;
  /** Times that a host was lost with it and it was not to blame. */
  losses: number;
  /** Its host must know exactly what runs when. */
  alone: boolean;
}

/** A job and its host's answer. */
export interface Landed {
  readonly job: Job;
  readonly outcome: HostOutcome;
}

export type HostEnd = 'time' | 'cancel' | 'close' | 'crash';

export interface SlotListener {
  outcomes(landed: readonly Landed[]): void;
  progress(job: Job, fraction: number): void;
  /** The host has let go of tasks that the pool had turned its back on, or answered them. */
  eased(): void;
  /** The process is gone. `culprit` ran when it died; `others` did not, or nobody knows. */
  lost(slot: Slot, loss: Loss): void;
}

export interface Loss {
  readonly end: HostEnd;
  readonly reason: string;
  readonly culprit: Job | undefined;
  /** How long the culprit had run, suspended time left out, and the processor time it used. */
  readonly wallMs: Milliseconds;
  readonly cpuMs: Milliseconds;
  readonly others: readonly Job[];
  /** Whether it is known what it ran, even if nobody cares for that any more. */
  readonly isExplained: boolean;
  /** False: it died before it could do anything, and starting another one may be as futile. */
  readonly wasReady: boolean;
}

interface Flight {
  readonly job: Job;
  isAbandoned: boolean;
  /** Its program was sent with it and is not compiled yet. */
  isCompiling: boolean;
}

export class Slot {
  readonly #options: HostOptions;
  readonly #clock: Clock;
  readonly #listener: SlotListener;
  readonly #flights = new Map<number, Flight>();
  readonly #kept = new Set<Cid>();
  #link: HostLink | undefined;
  #isReady = false;
  #numbersUsed = 0;
  /** When the first flight became the first: it runs at most since then. */
  #headSinceMs: Milliseconds = 0;
  #suspendedAtMs: Milliseconds | undefined;
  /** Suspended time within what the host will report as the first flight's wall time. */
  #pausedMs: Milliseconds = 0;
  #end: HostEnd | undefined;
  /** Of the first flight, read before the process was killed: afterwards nobody knows. */
  #killedCpuMs: Milliseconds | undefined;
  #cancelWatch: (() => void) | undefined;

  constructor(options: HostOptions, clock: Clock, listener: SlotListener) {
    this.#options = options;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Tasks handed over and not answered, those of no more interest included. */
  get load(): number {
    return this.#flights.size;
  }

  get isDying(): boolean {
    return this.#end !== undefined;
  }

  /** Tasks that wait behind the first one. */
  get behind(): number {
    let wanted = 0;
    for (const flight of this.#flights.values()) if (!flight.isAbandoned) wanted += 1;
    return Math.max(0, wanted - 1);
  }

  /** How long the first flight has been the first. */
  headMs(): Milliseconds {
    return this.#flights.size === 0 ? 0 : this.#clock.monotonic() - this.#headSinceMs;
  }

  /**
   * Starts the process if there is none. `moduleOf` gives a program's shape, which the pool has made sure of.
   */
  assign(jobs: readonly Job[], moduleOf: (program: Cid) => ShapedModule): void {
    this.#link ??= this.#startHost();
    if (this.#flights.size === 0) this.#headSinceMs = this.#clock.monotonic();
    const tasks: HostTask[] = [];
    for (const job of jobs) {
      const { task } = job;
      const isCompiling = this.#keep(task.program, moduleOf);
      const number = ++this.#numbersUsed;
      const { program, args, files, seed, limits } = task;
      tasks.push({ number, alone: job.alone, program, args, files, seed, limits });
      this.#flights.set(number, { job, isAbandoned: false, isCompiling });
    }
    this.#link.send({ type: 'run', bundle: packTasks(tasks) });
    this.#watch();
  }

  /** Turns the back on a job; kills the process if that is surely what it runs now. */
  abandon(job: Job): void {
    const found = [...this.#flights].find(([, flight]) => flight.job === job && !flight.isAbandoned);
    if (found === undefined || this.#link === undefined) return;
    const [number, flight] = found;
    flight.isAbandoned = true;
    const mark = this.#link.mark();
    if (mark.isExact && mark.number === number) this.#kill('cancel');
    else this.#link.send({ type: 'revoke', numbers: [number] });
  }

  /**
   * Takes back the jobs that have not begun, as far as the mark tells: if one of them runs already, that run
   * is for nothing. Also those whose outcomes wait at the host, if what runs there keeps them from leaving.
   */
  recall(): Job[] {
    const wanted = [...this.#flights].filter(([, flight]) => !flight.isAbandoned);
    const { number: begun, isExact } = this.#link?.mark() ?? { number: 0, isExact: false };
    const isKept = this.headMs() > 2 * GATHER_MS;
    const behind =
      isExact && this.#flights.has(begun)
        ? wanted.filter(([number]) => number > begun || (isKept && number < begun))
        : wanted.slice(1);
    for (const [, flight] of behind) flight.isAbandoned = true;
    this.#link?.send({ type: 'revoke', numbers: behind.map(([number]) => number) });
    return behind.map(([, flight]) => flight.job);
  }

  suspend(): void {
    this.#suspendedAtMs ??= this.#clock.monotonic();
    this.#stopWatching();
    this.#link?.stop();
  }

  resume(): void {
    if (this.#suspendedAtMs === undefined) return;
    const pausedMs = this.#clock.monotonic() - this.#suspendedAtMs;
    this.#suspendedAtMs = undefined;
    this.#headSinceMs += pausedMs;
    this.#pausedMs += pausedMs;
    this.#link?.goOn();
    this.#watch();
  }

  async close(): Promise<void> {
    if (this.#link === undefined) return;
    this.#kill('close');
    await this.#link.ended;
  }

  #startHost(): HostLink {
    return new HostLink(this.#options, {
      received: (message) => this.#received(message),
      gone: (reason) => this.#gone(reason),
    });
  }

  /** Whether the host has yet to compile it. */
  #keep(program: Cid, moduleOf: (program: Cid) => ShapedModule): boolean {
    if (this.#kept.delete(program)) {
      this.#kept.add(program);
      return false;
    }
    if (this.#kept.size >= KEPT_MAX) this.#forgetOne();
    this.#kept.add(program);
    this.#link!.send({ type: 'keep', program, module: moduleOf(program) });
    return true;
  }

  /** The one that was named longest ago, unless a flight still needs it. */
  #forgetOne(): void {
    const needed = new Set([...this.#flights.values()].map((flight) => flight.job.task.program));
    for (const program of this.#kept) {
      if (needed.has(program)) continue;
      this.#kept.delete(program);
      this.#link!.send({ type: 'forget', program });
      return;
    }
  }

  #received(message: HostSays): void {
    if (this.#end !== undefined && message.type !== 'outcomes') return;
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        break;
      case 'kept':
        this.#compiled(message.program);
        break;
      case 'outcomes':
        this.#land(message.bundle);
        break;
      case 'dropped':
        for (const number of message.numbers)
          if (this.#flights.get(number)?.isAbandoned) this.#flights.delete(number);
        this.#listener.eased();
        break;
      case 'progress': {
        const flight = this.#flights.get(message.number);
        if (flight !== undefined && !flight.isAbandoned)
          this.#listener.progress(flight.job, message.fraction);
        break;
      }
    }
  }

  #compiled(program: Cid): void {
    const [first] = this.#flights.values();
    if (first?.isCompiling) this.#headSinceMs = this.#clock.monotonic();
    for (const flight of this.#flights.values())
      if (flight.job.task.program === program) flight.isCompiling = false;
    this.#stopWatching();
    this.#watch();
  }

  #land(bundle: Bundle): void {
    const landed: Landed[] = [];
    let outcomes: readonly HostOutcome[] = [];
    try {
      outcomes = unpackOutcomes(bundle);
    } catch {
      this.#kill('crash');
    }
    for (const outcome of outcomes) {
      const flight = this.#flights.get(outcome.number);
      this.#flights.delete(outcome.number);
      if (flight !== undefined && !flight.isAbandoned) {
        landed.push({ job: flight.job, outcome: this.#withoutPauses(outcome) });
      }
    }
    this.#pausedMs = 0;
    this.#headSinceMs = this.#clock.monotonic();
    if (this.#flights.size === 0) this.#stopWatching();
    if (landed.length > 0) this.#listener.outcomes(landed);
    else this.#listener.eased();
  }

  /** A host cannot know that it was stopped; the pool can. */
  #withoutPauses(outcome: HostOutcome): HostOutcome {
    if (this.#pausedMs === 0 || outcome.usage.wallMs < this.#pausedMs) return outcome;
    const wallMs = outcome.usage.wallMs - this.#pausedMs;
    this.#pausedMs = 0;
    return { ...outcome, usage: { ...outcome.usage, wallMs } };
  }

  #limitMs(): Milliseconds {
    const [first] = this.#flights.values();
    return first!.isCompiling ? COMPILE_LIMIT_MS : first!.job.task.limits.runMsMax;
  }

  /** One timer that is late rather than renewed: it looks again when the task it was set for is long done. */
  #watch(): void {
    if (this.#cancelWatch !== undefined || this.#flights.size === 0) return;
    if (this.#suspendedAtMs !== undefined || this.#end !== undefined) return;
    this.#cancelWatch = this.#clock.after(this.#leftMs(), () => {
      this.#cancelWatch = undefined;
      if (this.#flights.size > 0 && this.#leftMs() === 0) this.#kill('time');
      else this.#watch();
    });
  }

  /** The least time until the first flight can be over its limit; 0 when it is. */
  #leftMs(): Milliseconds {
    const [limitMs, wallMs] = [this.#limitMs(), this.headMs()];
    if (wallMs < limitMs) return limitMs - wallMs;
    const usedMs = this.#usedMs();
    const patienceMs = STARVED_TIMES_MAX * limitMs + GATHER_MS - wallMs;
    if (usedMs >= limitMs || patienceMs <= 0) return 0;
    return Math.min(patienceMs, Math.max(WATCH_MS_MIN, limitMs - usedMs));
  }

  /** Processor time of the first flight; its wall time where the system does not tell. */
  #usedMs(): Milliseconds {
    const wallMs = this.headMs();
    return Math.min(wallMs, this.#link?.processorMs() ?? wallMs);
  }

  #stopWatching(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }

  #kill(end: HostEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#killedCpuMs = this.#usedMs();
    this.#stopWatching();
    this.#link!.kill();
  }

  #gone(reason: string): void {
    const mark = this.#link!.mark();
    const flights = [...this.#flights];
    const culprit = mark.isExact ? this.#flights.get(mark.number) : undefined;
    const loss: Loss = {
      end: this.#end ?? 'crash',
      reason,
      culprit: culprit?.isAbandoned ? undefined : culprit?.job,
      wallMs: this.headMs(),
      cpuMs: this.#killedCpuMs ?? this.headMs(),
      others: flights
        .filter(([, flight]) => flight !== culprit && !flight.isAbandoned)
        .map(([, { job }]) => job),
      isExplained: culprit !== undefined,
      wasReady: this.#isReady,
    };
    this.#stopWatching();
    this.#flights.clear();
    this.#kept.clear();
    this.#link = undefined;
    this.#isReady = false;
    this.#pausedMs = 0;
    this.#end = undefined;
    this.#killedCpuMs = undefined;
    if (!loss.isExplained) for (const job of loss.others) job.alone = true;
    this.#listener.lost(this, loss);
  }
}
