/**
 * The provider's side of all its leases, as one actor: it offers what this machine has to brokers that have
 * work, runs what they assign through the executor, and returns it under its signature.
 *
 * Each lease is a pure machine (`lease-at-provider.ts`); this shell has the hands. A bundle of returns is
 * durable before it is sent and kept until the broker has it for good. All leases share one capacity, so what
 * is promised never exceeds what is here.
 *
 * A crash of this actor is like a crash of the process: kept bundles are offered again, running tasks are
 * lost.
 */

import { Alarm, CommitSettled, createCommitPipeline, encode, SECOND_MS } from '../actors/index.ts';
import type { ActorRef, BehaviourFactory, Bytes, CommitPipeline, Context } from '../actors/index.ts';
import type { Fault, Milliseconds } from '../actors/index.ts';
import type { PeerId } from '../connectivity/index.ts';
import type { ExecutorMail, Task, TaskId, TaskOutcome } from '../fabric/index.ts';
import { BrokerCalls, type Granted } from './broker-calls.ts';
import { dialBroker } from './broker-dial.ts';
import { type Capacity, createCapacity } from './capacity.ts';
import { type DealRows, loadDealRows } from './deal-store.ts';
import { DeskDeals, type DeskHands } from './desk-deals.ts';
import type { DeskInternal, DeskMail, DeskOptions, DeskOwnMail, ProviderLink } from './desk-mail.ts';
import { acknowledgedRows, bundleRows, type DeskRows, endedRows, loadDesk, takenRows } from './desk-store.ts';
import type { DeskDealMail } from './desk-payments.ts';
import { providerLeaseMachine } from './lease-at-provider.ts';
import type { ProviderLeaseEffect, ProviderLeaseEvent } from './lease-at-provider.ts';
import { isGathering, TICK_MS_MAX, TICK_MS_MIN, tickDueAt } from './lease-times.ts';
import type { AssignBundle, BrokerSays, Return } from './lease-wire.ts';
import { createMeter, type Meter } from './meter.ts';
import { Outbox } from './outbox.ts';
import { judge } from './policy.ts';
import { survivingLease, takenLease } from './provider-lease.ts';
import { signBundle } from './receipt.ts';
import { returnsByPrefix } from './return-draft.ts';
import { type Taken, viewOf } from './taken-lease.ts';
import { takeIn } from './task-intake.ts';
import { executorName, freshPrefix, partsOf } from './task-names.ts';

/**
 * Long enough to bridge the gap between two batches of one researcher, short enough to free a slot for
 * another.
 */
const LINGER_MS: Milliseconds = 30 * SECOND_MS;

/** The actor; it throws (and is restarted) only when the journal fails. */
export function leaseDesk(options: DeskOptions): BehaviourFactory<DeskMail | DeskInternal> {
  return () => {
    let desk: LeaseDesk;
    return {
      start(context) {
        desk = new LeaseDesk(options, context);
      },
      receive: (mail) => desk.receive(mail),
      turnEnd: () => desk.turnEnd(),
      stop: () => desk.stop(),
    };
  };
}

class LeaseDesk {
  readonly #options: DeskOptions;
  readonly #context: Context<DeskMail | DeskInternal>;
  readonly #pipeline: CommitPipeline<() => void>;
  readonly #executor: Outbox<ExecutorMail>;
  readonly #capacity: Capacity;
  readonly #memoryBytesPerSlot: Bytes;
  readonly #calls: BrokerCalls;
  readonly #taken = new Map<PeerId, Taken>();
  readonly #byPrefix = new Map<string, Taken>();
  readonly #deals: DeskDeals | undefined;
  #meter: Meter = createMeter();
  #suspended = false;
  #drained: (() => void) | undefined;
  /** Absent until everything is restored. */
  #alarm: Alarm<DeskMail | DeskInternal> | undefined;

  constructor(options: DeskOptions, context: Context<DeskMail | DeskInternal>) {
    const { journal, config } = options;
    this.#options = options;
    this.#context = context;
    this.#pipeline = createCommitPipeline({ journal, perform: (effect) => effect() });
    const executor: ActorRef<ExecutorMail> = options.spawnExecutor(context);
    this.#executor = new Outbox(executor);
    this.#capacity = createCapacity({ slots: config.slots, memoryBytes: config.memoryBytes });
    this.#memoryBytesPerSlot = Math.floor(config.memoryBytes / Math.max(1, config.slots));
    this.#calls = new BrokerCalls({
      ...options,
      context,
      capacity: this.#capacity,
      memoryBytesPerSlot: this.#memoryBytesPerSlot,
      leases: () => this.#taken.size,
      granted: (granted) => this.#granted(granted),
    });
    this.#deals = options.payments && new DeskDeals(options.payments, context, this.#hands());
    const release = context.hold();
    context.pipe(
      Promise.all([loadDesk(journal), options.payments && loadDealRows(journal)]),
      ([rows, deals]) => ({ type: 'restored', rows, deals, release }),
      (fault) => ({ type: 'failed', fault }),
    );
  }

  #hands(): DeskHands {
    return {
      pipeline: this.#pipeline,
      taken: () => this.#taken.values(),
      execute: (tasks) => this.#run(tasks),
      step: (taken, event) => this.#step(taken, event),
    };
  }

  receive(mail: DeskMail | DeskInternal) {
    if (mail instanceof CommitSettled) this.#pipeline.settle(mail);
    else this.#handle(mail);
  }

  turnEnd() {
    const now = this.#context.clock.now();
    for (const taken of this.#taken.values()) {
      if (taken.state.ended.length === 0 || isGathering(taken, now)) continue;
      taken.gatheringSince = undefined;
      this.#step(taken, { type: 'flush' });
    }
    this.#executor.flush();
    this.#pipeline.flush(this.#context);
    let dueAt = Math.min(now + TICK_MS_MAX, this.#calls.dueAt);
    for (const taken of this.#taken.values()) dueAt = Math.min(dueAt, tickDueAt(taken));
    this.#alarm?.by(Math.max(now + TICK_MS_MIN, dueAt));
  }

  stop() {
    this.#calls.close();
    this.#deals?.stop();
    for (const { link } of this.#taken.values()) link?.close();
    this.#pipeline.save(this.#context);
  }

  #handle(mail: Exclude<DeskMail | DeskInternal, CommitSettled>) {
    switch (mail.type) {
      case 'outcomes':
        return this.#outcomes(mail.outcomes);
      case 'heard':
        return this.#heard(mail.link, mail.messages);
      case 'invite':
        if (this.#drained === undefined) this.#calls.invite(mail);
        return this.#calls.tick();
      case 'dialled':
        return this.#dialled(mail.link);
      case 'undialled':
      case 'closed':
        return this.#closed(mail.link);
      case 'progress':
        return this.#progress(mail.id, mail.fraction);
      case 'governed':
        this.#suspended = mail.suspended;
        return this.#stepAll({ type: 'governed', suspended: mail.suspended });
      case 'policy':
        this.#calls.policy = mail.policy;
        return;
      case 'show':
        return mail.reply(viewOf([...this.#taken.values()], this.#meter.total()));
      case 'drain':
        this.#drained = mail.done;
        this.#calls.close();
        this.#stepAll({ type: 'drain' });
        return this.#checkDrained();
      default:
        return this.#handleOwn(mail);
    }
  }

  #handleOwn(mail: Extract<DeskOwnMail, { type: 'restored' | 'failed' | 'tick' } | DeskDealMail>) {
    switch (mail.type) {
      case 'restored':
        this.#restore(mail.rows, mail.deals);
        return mail.release();
      case 'deal-facts':
      case 'deal-unread':
      case 'deal-news':
        return this.#deals?.handle(mail);
      case 'tick':
        return this.#tick();
      case 'failed':
        throw mail.fault;
    }
  }

  #restore({ leases, metered }: DeskRows, deals: DealRows | undefined) {
    const now = this.#context.clock.now();
    if (deals !== undefined) this.#deals?.restore(deals);
    this.#meter = createMeter(metered);
    for (const { grant, number, addresses, kept } of leases) {
      const own = kept.filter(({ bundle }) => bundle.lease === grant.lease);
      const newest = own.at(-1)?.bundle.number ?? number;
      const state = survivingLease(grant, newest, own, now);
      const deal = deals && this.#deals?.survived(grant, own, deals);
      const here = { link: undefined, reservation: undefined };
      this.#take({ grant, addresses, state, ...here, acknowledged: number, deal });
      this.#calls.served({ broker: grant.broker, addresses });
    }
    this.#alarm = new Alarm(this.#context, { type: 'tick' });
    this.#tick();
  }

  #granted({ grant, invitation, link, reservation, paper, speed }: Granted) {
    const deal = paper && this.#deals?.taken(grant, paper, speed);
    const state = takenLease(grant, this.#context.clock.now());
    const { addresses } = invitation;
    const taken = this.#take({ grant, addresses, state, link, reservation, acknowledged: 0, deal });
    this.#inspect('lease.taken', taken);
    this.#pipeline.write(takenRows({ grant, number: 0, addresses }));
    this.#pipeline.effect(() => this.#step(taken, { type: 'kept' }));
  }

  #take(
    lease: Pick<Taken, 'grant' | 'addresses' | 'state' | 'link' | 'reservation' | 'acknowledged' | 'deal'>,
  ): Taken {
    const prefix = freshPrefix(this.#context.random);
    const fractions = new Map<TaskId, number>();
    const taken: Taken = { ...lease, prefix, fractions, gatheringSince: undefined, returned: 0 };
    taken.state.suspended = this.#suspended;
    taken.state.withheld = taken.deal !== undefined;
    this.#taken.set(lease.grant.broker, taken);
    this.#byPrefix.set(prefix, taken);
    return taken;
  }

  #dialled(link: ProviderLink) {
    if (this.#calls.dialled(link)) return;
    const taken = this.#takenBy(link);
    if (taken === undefined) link.close();
    else this.#step(taken, { type: 'dialled' });
  }

  #heard(link: ProviderLink, messages: readonly BrokerSays[]) {
    for (const message of messages) {
      if (this.#calls.heard(link, message)) continue;
      const taken = this.#takenBy(link);
      if (taken === undefined || message.type === 'grant' || message.type === 'decline') link.close();
      else if (message.type !== 'voucher') this.#step(taken, { type: 'said', message });
      else if (taken.deal !== undefined) this.#deals?.said(taken, taken.deal, message);
    }
  }

  #closed(link: ProviderLink) {
    if (this.#calls.closed(link)) return;
    const taken = this.#takenBy(link);
    if (taken === undefined) return;
    taken.link = undefined;
    this.#step(taken, { type: 'broke', chance: this.#context.random.fraction() });
  }

  #outcomes(outcomes: readonly TaskOutcome[]) {
    for (const [prefix, returns] of returnsByPrefix(outcomes)) {
      const taken = this.#byPrefix.get(prefix);
      if (taken === undefined) continue;
      for (const { task } of returns) taken.fractions.delete(task);
      this.#step(taken, { type: 'ended', returns });
    }
  }

  #progress(id: TaskId, fraction: number) {
    const { prefix, task } = partsOf(id);
    const taken = this.#byPrefix.get(prefix);
    if (taken?.state.running.has(task)) taken.fractions.set(task, fraction);
  }

  #stepAll(event: ProviderLeaseEvent) {
    for (const taken of [...this.#taken.values()]) this.#step(taken, event);
  }

  #step(taken: Taken, event: ProviderLeaseEvent) {
    const { state, effects } = providerLeaseMachine.step(taken.state, event, this.#context.clock.now());
    taken.state = state;
    for (const effect of effects) this.#perform(taken, effect);
  }

  #perform(taken: Taken, effect: ProviderLeaseEffect) {
    const { broker } = taken.grant;
    switch (effect.type) {
      case 'say':
        if (taken.deal !== undefined) this.#deals?.beforeSaying(taken, taken.deal, effect.message);
        return taken.link?.say(effect.message);
      case 'execute':
        return this.#execute(taken, effect.bundle);
      case 'cancel':
        return this.#cancel(taken, effect.tasks);
      case 'seal':
        return this.#seal(taken, effect.number, effect.returns);
      case 'forget': {
        taken.acknowledged = effect.numbers.at(-1)!;
        if (taken.deal !== undefined) this.#deals?.acknowledged(taken, taken.deal, effect.numbers);
        const { grant, addresses, acknowledged: number } = taken;
        return this.#pipeline.write(acknowledgedRows({ grant, addresses, number }, effect.numbers));
      }
      case 'dial': {
        const addresses = this.#calls.find(broker)?.addresses ?? taken.addresses;
        taken.link = dialBroker(this.#options.network, broker, addresses, this.#context);
        return;
      }
      case 'hang-up':
        return taken.link?.close(effect.fault);
      case 'reserve':
        return this.#reserve(taken);
      case 'unreserve':
        taken.reservation?.release();
        taken.reservation = undefined;
        return;
      case 'end':
        return this.#ended(taken, effect.fault, effect.tasks);
    }
  }

  #execute(taken: Taken, bundle: AssignBundle) {
    const now = this.#context.clock.now();
    const { accepted, refused } = takeIn(bundle, taken.prefix, taken.grant.broker, ({ sandbox, limits }) =>
      judge(this.#calls.policy, { sandbox, taskMemoryBytes: limits.memoryBytesMax }, now),
    );
    if (taken.deal !== undefined) this.#deals?.execute(taken, taken.deal, accepted);
    else this.#run(accepted);
    if (refused.length > 0) this.#step(taken, { type: 'ended', returns: refused });
  }

  #run(tasks: readonly Task[]) {
    if (tasks.length > 0) this.#executor.tell({ type: 'execute', tasks });
  }

  #cancel(taken: Taken, tasks: readonly TaskId[]) {
    if (tasks.length === 0) return;
    if (taken.deal !== undefined) this.#deals?.cancel(taken, taken.deal, tasks);
    const ids = tasks.map((task) => executorName(taken.prefix, task));
    this.#executor.tell({ type: 'cancel', ids });
  }

  #seal(taken: Taken, number: number, returns: readonly Return[]) {
    const { lease, epoch, broker } = taken.grant;
    const bundle = signBundle({ lease, epoch, number }, returns, this.#options.signer);
    const encoded = encode(bundle);
    const kept = { bundle, bytes: encoded.byteLength };
    this.#meter.add(returns, this.#options.capability().speed);
    taken.returned += returns.length;
    if (taken.deal !== undefined) this.#deals?.seal(taken, taken.deal, number, returns);
    this.#pipeline.write(bundleRows(broker, kept, encoded, this.#meter.total()));
    this.#pipeline.effect(() => this.#step(taken, { type: 'sealed', kept }));
  }

  #reserve(taken: Taken) {
    const { slots } = taken.grant;
    const outcome = this.#capacity.reserve({ slots, memoryBytes: slots * this.#memoryBytesPerSlot });
    if ('reservation' in outcome) taken.reservation = outcome.reservation;
    this.#step(taken, { type: 'reserved', held: taken.reservation !== undefined });
  }

  #ended(taken: Taken, fault: Fault, tasks: readonly TaskId[]) {
    const { broker } = taken.grant;
    this.#cancel(taken, tasks);
    taken.reservation?.release();
    this.#taken.delete(broker);
    this.#byPrefix.delete(taken.prefix);
    const { kept, sealing, number } = taken.state;
    const numbers = kept.map(({ bundle }) => bundle.number);
    if (sealing.length > 0) numbers.push(number);
    this.#pipeline.write(endedRows(broker, numbers));
    this.#inspect('lease.left', taken, fault);
    if (this.#drained === undefined) this.#calls.ended(broker);
    this.#checkDrained();
  }

  #tick() {
    this.#alarm?.rang();
    if (this.#drained === undefined) this.#calls.tick();
    const usualMs = this.#options.config.lingerMs ?? LINGER_MS;
    for (const taken of [...this.#taken.values()]) {
      const { link, deal } = taken;
      if (link?.gone) this.#closed(link);
      if (deal !== undefined) this.#deals?.tick(taken, deal);
      const lingerMs = (deal && this.#deals?.lingerMs(deal, usualMs)) ?? usualMs;
      this.#step(taken, { type: 'tick', heardAt: link?.heardAt ?? 0, lingerMs });
    }
  }

  #checkDrained() {
    if (this.#taken.size === 0) this.#drained?.();
  }

  #takenBy(link: ProviderLink): Taken | undefined {
    for (const taken of this.#taken.values()) if (taken.link === link) return taken;
    return undefined;
  }

  #inspect(topic: string, { grant }: Taken, fault?: Fault) {
    const { lease, epoch, broker, slots } = grant;
    const details = { lease, epoch, broker, slots };
    this.#context.inspect({ topic, details, ...(fault && { fault: fault.toWire() }) });
  }
}
