/** A broker over fake leases, in simulated time, that can be killed and started again on the same disk. */

import {
  type ActorRef,
  createSystem,
  Fault,
  type Inspection,
  type Journal,
  type MemoryJournal,
  memoryJournal,
  type SimulatedClock,
  type SimulatedDispatcher,
  type System,
  seededRandom,
  simulatedClock,
  simulatedDispatcher,
} from '../../../src/actors/index.ts';
import type {
  BatchId,
  BatchSpec,
  BatchView,
  Comparator,
  Merger,
  UnitDraft,
  UnitIndex,
  UnitResult,
  UnitSource,
} from '../../../src/collective/batch.ts';
import { broker } from '../../../src/collective/broker-actor.ts';
import type { AnnouncerMail } from '../../../src/collective/announcer.ts';
import type { BatchNews, BrokerMail } from '../../../src/collective/broker-mail.ts';
import { readResults } from '../../../src/collective/result-rows.ts';
import type { TreasuryMail } from '../../../src/collective/treasury.ts';
import type { Task } from '../../../src/fabric/index.ts';
import type { HolderMail } from '../../../src/resource/index.ts';
import { type FakeProvider, FakeLeases } from './leases.ts';
import { digest, drafts, leaseView, output, USAGE } from './samples.ts';

export interface WorldOptions {
  readonly seed?: string;
  /** Units of every batch. */
  readonly units?: number;
  readonly source?: UnitSource;
  readonly comparator?: Comparator;
  readonly merger?: Merger;
  readonly treasury?: ActorRef<TreasuryMail>;
  /** What making a commit durable takes. */
  readonly sync?: (clock: SimulatedClock) => Promise<void>;
}

export class BrokerWorld {
  readonly clock: SimulatedClock = simulatedClock(1_000_000);
  readonly leases = new FakeLeases();
  readonly news: BatchNews[] = [];
  readonly inspected: Inspection[] = [];
  /** Batches that the world was told of, in order. */
  readonly announced: BatchId[] = [];
  readonly merged: UnitResult[][] = [];
  journal: MemoryJournal;
  broker!: ActorRef<BrokerMail>;
  /** Commits so far, and the one at which the process freezes: just before it is durable, or just after. */
  commits = 0;
  freeze: { readonly at: number; readonly durable: boolean } | undefined;
  readonly #options: WorldOptions;
  #system!: System;
  #dispatcher!: SimulatedDispatcher;
  #lives = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    const { sync } = options;
    this.journal = memoryJournal(sync ? { sync: () => sync(this.clock) } : {});
    this.start();
  }

  start(): void {
    this.#lives += 1;
    const random = seededRandom(`${this.#options.seed ?? 'world'}/${this.#lives}`);
    this.#dispatcher = simulatedDispatcher(this.clock, random);
    this.#system = createSystem({
      name: 'world',
      clock: this.clock,
      random,
      dispatcher: this.#dispatcher,
      inspectors: [(event) => this.inspected.push(event)],
    });
    this.broker = this.#system.spawn(
      'broker',
      broker({
        journal: this.#freezing(this.journal),
        source: this.#options.source ?? counting(this.#options.units ?? 1),
        comparator: this.#options.comparator ?? { classify: async () => undefined },
        merger: this.#options.merger ?? { merge: (_spec, units) => this.#merge(units) },
        announcer: this.#announcer(),
        ...(this.#options.treasury && { treasury: () => this.#options.treasury! }),
        holder: (context) => context.spawn<HolderMail>('leases', this.leases.holder(context.self) as never),
      }),
    );
    const follower = this.#system.spawn<BatchNews>('follower', () => ({
      receive: (news) => {
        this.news.push(news);
      },
    }));
    this.broker.tell({ type: 'follow', follower });
  }

  #announcer(): ActorRef<AnnouncerMail> {
    return {
      path: '/announcer',
      tell: (mail) => {
        if (mail.type === 'announce') this.announced.push(mail.spec.batch);
        return 'accepted';
      },
    };
  }

  /** What a process sees of its disk when it dies at a commit: nothing from then on. */
  #freezing(disk: MemoryJournal): Journal {
    const never = () => new Promise<void>(() => {});
    return {
      replay: (stream) => disk.replay(stream),
      streams: (prefix) => disk.streams(prefix),
      get: (key) => disk.get(key),
      scan: (prefix, options) => disk.scan(prefix, options),
      close: () => disk.close(),
      commit: (commit) => {
        this.commits += 1;
        const { freeze } = this;
        if (freeze === undefined || this.commits < freeze.at) return disk.commit(commit);
        if (this.commits > freeze.at || !freeze.durable) return never();
        return disk.commit(commit).then(never);
      },
    };
  }

  /** As if the process had died now, and was started again. */
  crash(): void {
    this.freeze = undefined;
    this.journal = this.journal.crash();
    // What the dead process had scheduled must not touch the world; its journal answers nobody any more.
    void this.#system.stop();
    this.start();
  }

  run(): Promise<void> {
    return this.#dispatcher.run();
  }

  wait(ms: number): Promise<void> {
    return this.#dispatcher.runUntil(this.clock.now() + ms);
  }

  provide(name: string, changes: Partial<FakeProvider> & { slots?: number; owner?: string } = {}): void {
    const { slots = 2, owner = name, ...rest } = changes;
    const view = leaseView(name, slots, owner);
    this.leases.add({ view, credit: 2 * slots, run: honest(10), ...rest });
  }

  /** Answers after the turn in which the broker does. */
  async ask<Answer>(mail: (reply: (answer: Answer | Fault) => void) => BrokerMail): Promise<Answer> {
    let answer: Answer | Fault | undefined;
    this.broker.tell(
      mail((given) => {
        answer = given;
      }),
    );
    await this.run();
    if (answer instanceof Fault) throw answer;
    return answer as Answer;
  }

  submit(spec: BatchSpec): Promise<BatchView> {
    return this.ask((reply) => ({ type: 'submit', spec, reply }));
  }

  show(spec: BatchSpec): Promise<BatchView> {
    return this.ask((reply) => ({ type: 'show', batch: spec.batch, reply }));
  }

  async results(spec: BatchSpec): Promise<UnitResult[]> {
    const results: UnitResult[] = [];
    for await (const result of readResults(this.journal, spec.batch)) results.push(result);
    return results;
  }

  async #merge(units: AsyncIterable<UnitResult>): Promise<[]> {
    const all: UnitResult[] = [];
    for await (const unit of units) all.push(unit);
    this.merged.push(all);
    return [];
  }
}

/** Yields `total` units, a few at a time. */
export function counting(total: number, chunk = 3): UnitSource {
  return {
    async *draw(_spec: BatchSpec, from: UnitIndex) {
      for (let at: number = from; at < total; at += chunk) {
        const units: UnitDraft[] = drafts(total).slice(at, at + chunk);
        yield units;
      }
    },
  };
}

/** What every honest provider computes of a task. */
export function truth(task: Pick<Task, 'seed'>): string {
  return `result of ${task.seed}`;
}

export function honest(afterMs: number): FakeProvider['run'] {
  return (task) => ({ said: said(truth(task)), afterMs });
}

export function lying(name: string, afterMs: number): FakeProvider['run'] {
  return (task) => ({ said: said(`${name} invents ${task.id}`), afterMs });
}

export function failing(afterMs: number): FakeProvider['run'] {
  const failure = { code: 'FABRIC_TASK_TRAPPED', message: 'unreachable', stderr: 'at main' };
  return () => ({ said: { status: 'failed', digest: '', usage: USAGE, failure }, afterMs });
}

export function silent(): FakeProvider['run'] {
  return () => undefined;
}

function said(text: string) {
  return { status: 'succeeded' as const, digest: digest(text), usage: USAGE, output: output(text) };
}
