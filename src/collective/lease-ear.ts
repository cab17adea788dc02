/** What the leases tell, as events of the batches and entries of the directory. */

import type { CommitPipeline, Milliseconds } from '../actors/index.ts';
import { encode } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { LeaseId, LeaseNews, LeaseView, Return } from '../resource/index.ts';
import type { UnitIndex } from './batch.ts';
import { outReplicas, type UnitReturn } from './batch-state.ts';
import type { Book, BookEffect, KeptBatch } from './book.ts';
import { providerKey } from './broker-recovery.ts';
import type { Directory } from './directory.ts';
import { receiptKey } from './evidence.ts';
import { parseTaskId, taskId } from './task-name.ts';

/** Providers remembered for people; more work just as well. */
const PROVIDERS_MAX = 10_000;

/** For the author, who looks at one unit: enough to see what happened, too little to fill the disk. */
const MESSAGE_CHARS_MAX = 512;
const STDERR_CHARS_MAX = 1_024;

export class LeaseEar {
  readonly #book: Book;
  readonly #directory: Directory;
  readonly #pipeline: CommitPipeline<BookEffect>;
  readonly #providers: Map<PeerId, OwnerId>;

  constructor(
    book: Book,
    directory: Directory,
    pipeline: CommitPipeline<BookEffect>,
    providers: Map<PeerId, OwnerId>,
  ) {
    this.#book = book;
    this.#directory = directory;
    this.#pipeline = pipeline;
    this.#providers = providers;
  }

  hear(news: Exclude<LeaseNews, { type: 'joined' | 'owed' }>): void {
    const { now } = this.#book;
    switch (news.type) {
      case 'opened':
        this.#directory.opened(news.lease, news.free, now);
        this.#remember(news.lease);
        break;
      case 'credit':
        this.#directory.credit(news.lease, news.free, now);
        break;
      case 'returned':
        this.#returned(news);
        break;
      case 'attached':
        this.#attached(news);
        break;
      case 'lapsed': {
        const heardAt = this.#directory.get(news.lease)?.heardAt ?? now;
        this.#directory.lapsed(news.lease);
        this.lapse(news.lease, heardAt);
        break;
      }
    }
  }

  /** Nothing comes back under this lease any more. `heardAt`: when its provider last said anything. */
  lapse(lease: LeaseId, heardAt: Milliseconds): void {
    for (const kept of this.#book.live) {
      for (const { replica } of outReplicas(kept.state)) {
        if (replica.place.lease !== lease) continue;
        this.#book.lose(kept, { type: 'lapsed', lease }, replica.place.provider, heardAt);
        break;
      }
    }
  }

  #returned(news: Extract<LeaseNews, { type: 'returned' }>): void {
    const { lease, bundle, receipt } = news;
    this.#directory.heard(lease, this.#book.now);
    const byBatch = new Map<KeptBatch, UnitReturn[]>();
    for (const said of news.returns) {
      const name = parseTaskId(said.task);
      const kept = name && this.#book.batches.get(name.batch);
      if (!kept) continue;
      const returns = byBatch.get(kept);
      const one = unitReturn(said, name.unit, name.ordinal, bundle);
      if (returns) returns.push(one);
      else byBatch.set(kept, [one]);
    }
    for (const [kept, returns] of byBatch) this.#book.apply(kept, { type: 'returned', lease, returns });
    if (byBatch.size > 0)
      this.#pipeline.write({ puts: [{ key: receiptKey(lease, bundle), value: receipt }] });
    this.#book.effect({ type: 'tell', mail: { type: 'acknowledge', lease, bundle } });
  }

  /**
   * Both sides put down what they believe: what only we have is lost, what only the provider has is not
   * wanted.
   */
  #attached({ lease, tasks, free }: Extract<LeaseNews, { type: 'attached' }>): void {
    const { now } = this.#book;
    const held = new Set<string>(tasks);
    const untold = this.#book.untold(lease);
    const wanted = new Set<string>();
    for (const kept of this.#book.live) {
      const { batch } = kept.state.spec;
      const missing: [UnitIndex, number][] = [];
      let provider: PeerId | undefined;
      for (const { unit, replica } of outReplicas(kept.state)) {
        if (replica.place.lease !== lease) continue;
        const id = taskId(batch, unit.unit, replica.ordinal);
        if (replica.state === 'running' && unit.verdict === 'pending') wanted.add(id);
        if (held.has(id) || untold.has(replica)) continue;
        missing.push([unit.unit, replica.ordinal]);
        provider = replica.place.provider;
      }
      if (!provider) continue;
      const heardAt = this.#directory.get(lease)?.heardAt ?? now;
      this.#book.lose(kept, { type: 'dropped', lease, replicas: missing }, provider, heardAt);
    }
    this.#directory.credit(lease, free, now);
    for (const task of tasks) if (!wanted.has(task)) this.#book.stop(lease, task);
  }

  /** Whose node a peer is outlives its leases and this process: people ask who did what. */
  #remember({ provider, owner }: LeaseView): void {
    if (this.#providers.get(provider) === owner || this.#providers.size >= PROVIDERS_MAX) return;
    this.#providers.set(provider, owner);
    this.#pipeline.write({ puts: [{ key: providerKey(provider), value: encode(owner) }] });
  }
}

function unitReturn(said: Return, unit: UnitIndex, ordinal: number, bundle: number): UnitReturn {
  const { status, digest, usage, output, failure } = said;
  return {
    unit,
    ordinal,
    status,
    digest,
    bundle,
    usage,
    ...(output && { output }),
    ...(failure && {
      failure: {
        code: failure.code,
        message: failure.message.slice(0, MESSAGE_CHARS_MAX),
        stderr: failure.stderr.slice(-STDERR_CHARS_MAX),
      },
    }),
  };
}
