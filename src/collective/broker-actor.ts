/**
 * All batches of one node, from submission to the merged result, over whatever leases there are.
 *
 * A turn takes in everything that has arrived, plans once, and ends in one commit; what must be told to
 * others is told when that is durable. What always holds: a batch is answered for only when it is in the
 * journal; a task is sent only when its assignment is; a bundle is acknowledged only when its results are. So
 * a crash at any point loses nothing that was accepted, and a replay knows all that anybody was told.
 *
 * The holder of the leases is spawned below the broker: when this actor starts anew, so do they, and every
 * lease that may return is announced again.
 */

import {
  Alarm,
  type ActorRef,
  type Behaviour,
  type BehaviourFactory,
  type CommitPipeline,
  CommitSettled,
  type Context,
  createCommitPipeline,
  type Journal,
  type Milliseconds,
  SECOND_MS,
  unreachable,
} from '../actors/index.ts';
import type { Holder } from '../resource/index.ts';
import type { AnnouncerMail } from './announcer.ts';
import type { BatchId, BatchSpec, Comparator, Merger, UnitSource } from './batch.ts';
import { Book, type BookEffect } from './book.ts';
import type { BrokerMail } from './broker-mail.ts';
import { type Recovered, recover } from './broker-recovery.ts';
import { Desk } from './desk.ts';
import { Directory } from './directory.ts';
import { Funding } from './funding.ts';
import { Followers, NEWS_INTERVAL_MS } from './followers.ts';
import { HolderLine } from './holder-line.ts';
import { LeaseEar } from './lease-ear.ts';
import { Ports, type PortsMail } from './ports.ts';
import { plan } from './scheduler.ts';
import { taskOf } from './task-name.ts';
import type { TreasuryMail } from './treasury.ts';

export interface BrokerComponents {
  readonly journal: Journal;
  readonly source: UnitSource;
  readonly comparator: Comparator;
  readonly merger: Merger;
  /** Spawns the holder of the leases below the broker. */
  readonly holder: (context: Context<BrokerMail>) => Holder;
  /** Is told what to announce, and follows all batches. */
  readonly announcer?: ActorRef<AnnouncerMail>;
  /** Spawns who pays for work; without one, work is for credit alone. */
  readonly treasury?: (context: Context<BrokerMail>) => ActorRef<TreasuryMail>;
}

/** Mail of the broker to itself. */
export type BrokerInternal =
  | CommitSettled
  | PortsMail
  | { readonly type: 'recovered'; readonly recovered: Recovered; readonly release: () => void }
  | { readonly type: 'failed'; readonly fault: Error }
  | { readonly type: 'tick' }
  | { readonly type: 'catchUp' }
  | { readonly type: 'retryHolder' }
  | { readonly type: 'unclaimed' };

type Mail = BrokerMail | BrokerInternal;

/**
 * After a start, how long a lease that the journal knows may stay unannounced: DESIGN's bound for a lost
 * provider.
 */
const CLAIM_MS: Milliseconds = 30 * SECOND_MS;

/** Delay bounds are minutes to days; looking more often than this finds nothing more. */
const TICK_MS_MIN: Milliseconds = 250;

export function broker(components: BrokerComponents): BehaviourFactory<BrokerMail> {
  return () => new Broker(components);
}

class Broker implements Behaviour<Mail> {
  readonly #components: BrokerComponents;
  readonly #pipeline: CommitPipeline<BookEffect>;
  readonly #directory = new Directory();
  readonly #followers = new Followers();
  /** All of these from `recovered` on; user mail waits until then. */
  #book!: Book;
  #desk!: Desk;
  #ear!: LeaseEar;
  #ports!: Ports<Mail>;
  #line!: HolderLine<Mail>;
  #funding!: Funding;
  #alarm!: Alarm<Mail>;
  #ready = false;
  #inTurn = false;
  #catchingUp = false;

  constructor(components: BrokerComponents) {
    this.#components = components;
    this.#pipeline = createCommitPipeline({
      journal: components.journal,
      perform: (effect) => this.#perform(effect),
    });
  }

  start(context: Context<Mail>): void {
    const release = context.hold();
    context.pipe(
      recover(this.#components.journal),
      (recovered) => ({ type: 'recovered', recovered, release }),
      (fault) => ({ type: 'failed', fault }),
    );
  }

  receive(mail: Mail, context: Context<Mail>): void {
    if (!this.#inTurn && this.#ready) {
      this.#inTurn = true;
      this.#book.now = context.clock.now();
    }
    if (mail instanceof CommitSettled) this.#pipeline.settle(mail);
    else this.#handle(mail, context);
  }

  turnEnd(context: Context<Mail>): void {
    if (!this.#ready) return;
    this.#inTurn = false;
    this.#book.judge();
    this.#assign();
    for (const kept of this.#book.write()) {
      this.#ports.attend(kept);
      const news = this.#followers.changed(kept.state, this.#book.now);
      if (news) this.#book.effect({ type: 'news', news });
    }
    this.#funding.demand();
    this.#setTimers(context);
    this.#pipeline.flush(context);
  }

  stop(context: Context<Mail>): void {
    if (!this.#ready) return;
    this.#book.judge();
    this.#book.write();
    this.#pipeline.save(context);
    this.#ports.close();
  }

  #handle(mail: Exclude<Mail, CommitSettled>, context: Context<Mail>): void {
    switch (mail.type) {
      case 'submit':
      case 'cancel':
      case 'list':
      case 'show':
      case 'explain':
      case 'directory':
      case 'follow':
        this.#desk.answer(mail);
        break;
      case 'opened':
      case 'credit':
      case 'returned':
      case 'lapsed':
      case 'attached':
        this.#ear.hear(mail);
        break;
      case 'joined':
      case 'owed':
      case 'funded':
      case 'unfunded':
      case 'delayed':
      case 'allocated':
        this.#funding.hear(mail);
        if (mail.type === 'funded') this.#funded(mail.batch);
        break;
      case 'drawn':
      case 'undrawn':
      case 'drawAgain':
      case 'compared':
      case 'uncompared':
      case 'merged':
      case 'unmerged':
      case 'mergeAgain':
      case 'answer':
        this.#ports.hear(mail satisfies PortsMail);
        break;
      case 'recovered':
        this.#begin(mail.recovered, context);
        mail.release();
        break;
      case 'failed':
        throw mail.fault;
      case 'tick':
        this.#alarm.rang();
        this.#book.tick();
        break;
      case 'catchUp':
        this.#catchingUp = false;
        this.#followers.catchUp(this.#book.now);
        break;
      case 'retryHolder':
        this.#line.retry();
        break;
      case 'unclaimed':
        for (const lease of this.#directory.unclaimed()) this.#ear.lapse(lease, this.#book.now - CLAIM_MS);
        break;
      default:
        unreachable(mail);
    }
  }

  #begin({ batches, standings, providers }: Recovered, context: Context<Mail>): void {
    const { journal, source, comparator, merger, holder, announcer, treasury } = this.#components;
    const book = new Book(this.#pipeline, this.#directory, standings);
    book.now = context.clock.now();
    this.#book = book;
    this.#line = new HolderLine<Mail>(context, holder(context), { type: 'retryHolder' });
    this.#ports = new Ports<Mail>(context, { journal, source, comparator, merger }, book);
    this.#ear = new LeaseEar(book, this.#directory, this.#pipeline, providers);
    const purse = treasury?.(context);
    this.#funding = new Funding(book, this.#line, purse);
    this.#alarm = new Alarm(context, { type: 'tick' });
    this.#desk = new Desk({
      journal,
      book,
      directory: this.#directory,
      followers: this.#followers,
      providers,
      reader: { ask: (action) => this.#ports.ask(action) },
      submitted: (spec) => {
        this.#funding.submitted(spec);
        if (spec.pay === undefined) this.#announce(spec);
      },
      canPay: (spec) => this.#funding.canPay(spec),
    });
    if (announcer) this.#followers.add(announcer);
    if (purse) this.#followers.add(purse);
    for (const [owner, { excluded }] of standings)
      if (excluded !== null) this.#line.tell({ type: 'exclude', owner, reason: excluded });
    for (const state of batches) {
      const kept = book.add(state);
      if (state.phase === 'open' && state.spec.pay === undefined) this.#announce(state.spec);
      this.#funding.found(state);
      this.#ports.resume(kept);
    }
    if (this.#directory.unclaimed().length > 0) context.schedule(CLAIM_MS, { type: 'unclaimed' });
    this.#ready = true;
  }

  /** Whoever came before there was a deal was sent away, and would not be back for seconds. */
  #funded(batch: BatchId): void {
    const state = this.#book.batches.get(batch)?.state;
    if (state?.phase === 'open') this.#announce(state.spec);
  }

  #announce(spec: BatchSpec): void {
    this.#components.announcer?.tell({ type: 'announce', spec });
  }

  #assign(): void {
    const leases = this.#directory.all();
    if (!leases.some((lease) => lease.free > 0)) return;
    const { standings } = this.#book;
    for (const line of plan({ demands: this.#book.demands(), leases, standings }).assignments)
      this.#book.assign(line);
  }

  #perform(effect: BookEffect): void {
    switch (effect.type) {
      case 'tell':
        this.#line.tell(effect.mail);
        break;
      case 'assign': {
        const { spec } = effect.kept.state;
        const tasks = this.#book
          .told(effect)
          .map(({ unit, replica }) => taskOf(spec, unit.unit, replica.ordinal, unit.draft));
        if (tasks.length > 0) this.#line.tell({ type: 'assign', lease: effect.lease, tasks });
        break;
      }
      case 'compare':
        this.#ports.compare(effect.kept, effect.asked);
        break;
      case 'news':
        this.#followers.tell(effect.news);
        break;
      case 'call':
        effect.action();
        break;
    }
  }

  #setTimers(context: Context<Mail>): void {
    if (this.#followers.late && !this.#catchingUp) {
      this.#catchingUp = true;
      context.schedule(NEWS_INTERVAL_MS, { type: 'catchUp' });
    }
    this.#alarm.by(Math.max(this.#book.now + TICK_MS_MIN, this.#book.dueAt()));
  }
}
