/**
 * The hands of a desk in money: it shows the account, reads the chain, takes vouchers, seals commitments, and
 * lets through to the executor what the machine of the deal (`deal-at-provider.ts`) admits.
 *
 * A voucher is durable before it is relied on. The ledger is asked in the background; its answers come back
 * as mail, and one question about a deal is under way at a time.
 */

import { type CommitPipeline, type Context, type Fault, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { TypedSignature } from '../connectivity/index.ts';
import type { Task, TaskId } from '../fabric/index.ts';
import { follow, openBook, owedIn } from './account-book.ts';
import { commitTo, unitKeyOf } from './bundle-commitment.ts';
import { acceptanceData, dealIdOf } from './deal.ts';
import { type ProviderDealEffect, type ProviderDealEvent, providerDealMachine } from './deal-at-provider.ts';
import { takenDeal, unpaidIn } from './deal-at-provider.ts';
import { type DealFacts, type DealObjection, dealObjection } from './deal-check.ts';
import { type DealPaper, dealPaper, type Encoded, voucherPaper } from './deal-paper.ts';
import type { VoucherPaper } from './deal-paper.ts';
import {
  commitmentRows,
  type DealRecord,
  type DealRows,
  forgetCommitments,
  recordRows,
} from './deal-store.ts';
import { type DeskDealMail, type DeskPayments, readFacts } from './desk-payments.ts';
import { resourceErrors } from './errors.ts';
import type { ProviderLeaseEvent } from './lease-at-provider.ts';
import type { BrokerDealTalk, Grant, ProviderSays, Return } from './lease-wire.ts';
import type { Bytes32, DealId, LedgerNews } from './ledger.ts';
import { operations, payableOperations } from './meter.ts';
import type { KeptBundle } from './provider-lease.ts';
import { cancelledReturn, failedReturn } from './return-draft.ts';
import { recordOf, type TakenDeal } from './taken-deal.ts';
import type { Taken } from './taken-lease.ts';
import { partsOf } from './task-names.ts';
import { voucherFlaw } from './voucher.ts';

/** What the desk does for them. */
export interface DeskHands {
  readonly pipeline: CommitPipeline<() => void>;
  readonly taken: () => Iterable<Taken>;
  execute(tasks: readonly Task[]): void;
  /** Of the lease's machine. */
  step(taken: Taken, event: ProviderLeaseEvent): void;
}

/** A chain makes a block every few seconds: what is not there yet may be with the next one or two. */
const SOON_MS: Milliseconds = 5 * SECOND_MS;
/** News of the deal come by themselves; this is for what no news tells, such as a chain that stands still. */
const LATER_MS: Milliseconds = 30 * SECOND_MS;
/** Commitments of one account in one deal (`IJobMarket`). */
const COMMITMENTS_MAX = 4_096;
/** Kept free of these for what is under way when the last is near. */
const COMMITMENTS_SPARE = 64;
const SALT_BYTES = 32;
/** An allocation takes a minute on Ethereum with five confirmations; there is one on the way at a time. */
const UNPAID_LINGER_MS: Milliseconds = 3 * MINUTE_MS;
const NO_SIGNATURE = '0x' as TypedSignature;

export class DeskDeals {
  readonly #payments: DeskPayments;
  readonly #context: Context<DeskDealMail>;
  readonly #hands: DeskHands;
  readonly #records = new Map<DealId, DealRecord>();
  readonly #unfollow: () => void;

  constructor(payments: DeskPayments, context: Context<DeskDealMail>, hands: DeskHands) {
    this.#payments = payments;
    this.#context = context;
    this.#hands = hands;
    this.#unfollow = payments.ledger.follow((news) => void context.self.tell({ type: 'deal-news', news }));
  }

  stop() {
    this.#unfollow();
  }

  handle(mail: DeskDealMail) {
    if (mail.type === 'deal-news') return this.#heardOf(mail.news);
    const taken = [...this.#hands.taken()].find(({ grant }) => grant.lease === mail.lease);
    if (taken?.deal === undefined) return;
    taken.deal.checking = false;
    if (mail.type === 'deal-facts') this.#checked(taken, taken.deal, mail.facts);
    else this.#unchecked(taken, taken.deal, mail.fault);
  }

  restore({ records }: DealRows) {
    for (const record of records) this.#records.set(record.deal, record);
  }

  /** The deal of a lease that survived a crash, if it is under one. */
  survived(grant: Grant, bundles: readonly KeptBundle[], rows: DealRows): TakenDeal | undefined {
    const record = [...this.#records.values()].find(({ lease }) => lease === grant.lease);
    if (record === undefined) return undefined;
    const own = (rows.commitments.get(record.deal) ?? []).filter(({ lease }) => lease === grant.lease);
    const kept = bundles.map(({ bundle }) => bundle.number);
    return this.#deal(record, kept, new Map(own.map(({ paper }) => [paper.bundle, paper])));
  }

  /** The deal that a new lease is under. What was owed before is what either side still knows of. */
  taken({ lease }: Grant, encoded: Encoded<DealPaper>, speed: number): TakenDeal {
    const { terms, owed, committed, voucherMs } = dealPaper.decode(encoded);
    const { domain, account } = this.#payments;
    const deal = dealIdOf(terms, domain);
    const before = this.#records.get(deal);
    const base = before === undefined ? owed : larger(owed, owedIn(before.book));
    const record: DealRecord = {
      deal,
      terms,
      provider: account.link.provider,
      lease,
      voucherMs,
      book: openBook(account.tariff, base),
      speed,
      committed: Math.max(committed, before?.committed ?? 0),
      ...(before?.voucher && { voucher: before.voucher }),
    };
    this.#records.set(deal, record);
    this.#hands.pipeline.write(recordRows(record));
    return this.#deal(record, [], new Map());
  }

  said(taken: Taken, deal: TakenDeal, { lease, epoch, voucher }: BrokerDealTalk) {
    const { grant } = taken;
    if (lease === grant.lease && epoch === grant.epoch) {
      return this.#voucher(taken, deal, voucherPaper.decode(voucher));
    }
    const fault = resourceErrors.RESOURCE_PROTOCOL_BROKEN({ lease, reason: 'another lease' });
    this.#hands.step(taken, { type: 'leave', fault });
  }

  /** Instead of the executor: what may run now goes there, the rest waits. */
  execute(taken: Taken, deal: TakenDeal, tasks: readonly Task[]) {
    const { speed } = deal.record;
    const assigned = tasks.map((task) => {
      const id = partsOf(task.id).task;
      deal.tasks.set(id, { task, unit: unitKeyOf(task) });
      return { task: id, operations: operations(task.common.limits.runMsMax, speed) };
    });
    this.#step(taken, deal, { type: 'assigned', tasks: assigned });
  }

  /** Those that wait here the executor does not know of. */
  cancel(taken: Taken, deal: TakenDeal, tasks: readonly TaskId[]) {
    const waiting = tasks.filter((task) => deal.state.waiting.has(task));
    const dropped = tasks.filter((task) => !taken.state.running.has(task));
    this.#drop(taken, deal, [...waiting, ...dropped]);
    const returns = waiting.filter((task) => taken.state.running.has(task)).map(cancelledReturn);
    if (returns.length > 0) this.#hands.step(taken, { type: 'ended', returns });
  }

  /** A bundle is on its way to the disk: what it is worth, and the word on it, go with it. */
  seal(taken: Taken, deal: TakenDeal, number: number, returns: readonly Return[]) {
    const limitOf = (task: TaskId) => deal.tasks.get(task)?.task.common.limits.runMsMax;
    const worth = payableOperations(returns, limitOf, deal.record.speed);
    if (deal.record.terms.stakeLock > 0n) this.#commit(taken, deal, number, returns);
    const tasks = returns.map(({ task }) => task);
    for (const task of tasks) deal.tasks.delete(task);
    this.#step(taken, deal, { type: 'sealed', number, tasks, operations: worth });
    this.#keep(deal);
  }

  /** Before this message leaves: the commitment to a bundle travels ahead of it. */
  beforeSaying({ grant, link }: Taken, { commitments }: TakenDeal, message: ProviderSays) {
    if (message.type !== 'returns') return;
    const commitment = commitments.get(message.bundle.number);
    const { lease, epoch } = grant;
    if (commitment !== undefined) link?.say({ type: 'commitment', lease, epoch, commitment });
  }

  /** Where a voucher has a condition, its commitments are needed until they are opened on the chain. */
  acknowledged(taken: Taken, deal: TakenDeal, bundles: readonly number[]) {
    const numbers = bundles.flatMap((bundle) => deal.commitments.get(bundle)?.number ?? []);
    for (const bundle of bundles) deal.commitments.delete(bundle);
    const isNeeded = (deal.voucher?.voucher.bundles ?? 0) > 0;
    if (!isNeeded) this.#hands.pipeline.write(forgetCommitments(deal.record.deal, numbers));
    this.#step(taken, deal, { type: 'acknowledged', number: bundles.at(-1)! });
  }

  tick(taken: Taken, deal: TakenDeal) {
    const { draining, running } = taken.state;
    if (draining)
      this.cancel(
        taken,
        deal,
        [...deal.state.waiting.keys()].filter((it) => running.has(it)),
      );
    this.#step(taken, deal, { type: 'tick' });
    if (this.#context.clock.now() >= deal.checkAt) this.#check(deal);
  }

  /** Vouchers come within a lease: whoever leaves before the last one works for nothing. */
  lingerMs({ state }: TakenDeal, lingerMs: Milliseconds): Milliseconds {
    return unpaidIn(state) > 0n ? Math.max(lingerMs, UNPAID_LINGER_MS) : lingerMs;
  }

  #deal(record: DealRecord, kept: readonly number[], commitments: TakenDeal['commitments']): TakenDeal {
    const { deal, voucherMs, committed, voucher } = record;
    const { unpaidMax } = this.#payments.account;
    const now = this.#context.clock.now();
    const amount = voucher?.voucher.amount ?? 0n;
    const book = voucher?.voucher.bundles === 0 ? follow(record.book, amount) : record.book;
    const patience = this.#payments.vouchersMissedMax;
    const state = takenDeal({ deal, book, vouchered: amount, unpaidMax, voucherMs, patience, kept, now });
    return {
      record,
      state,
      tasks: new Map(),
      commitments,
      committed,
      voucher,
      beyond: undefined,
      checking: false,
      checkAt: now,
      acceptedOn: undefined,
    };
  }

  #check(deal: TakenDeal) {
    if (deal.checking) return;
    const { ledger, worker } = this.#payments;
    const { deal: id, provider, lease } = deal.record;
    deal.checking = true;
    this.#context.pipe(
      readFacts(ledger, id, provider, worker.account),
      (facts) => ({ type: 'deal-facts', lease, facts }),
      (fault) => ({ type: 'deal-unread', lease, fault }),
    );
  }

  #checked(taken: Taken, deal: TakenDeal, facts: DealFacts) {
    const { deal: id, terms, provider } = deal.record;
    const objection = usedUp(deal) ?? dealObjection(id, terms, provider, facts, this.#payments.rules);
    const { allocated } = facts.share;
    const isSettled = objection === undefined && allocated > 0n;
    deal.checkAt = this.#context.clock.now() + (isSettled ? LATER_MS : SOON_MS);
    if (objection === undefined && allocated === 0n) this.#accept(taken, deal);
    this.#step(taken, deal, { type: 'checked', allocated, ...(objection && { objection }) });
    const { beyond } = deal;
    deal.beyond = undefined;
    if (beyond !== undefined) this.#take(taken, deal, beyond);
  }

  #unchecked(taken: Taken, deal: TakenDeal, cause: Fault) {
    deal.checkAt = this.#context.clock.now() + SOON_MS;
    const fault = resourceErrors.RESOURCE_CHAIN_UNHEALTHY({ reason: cause.message }, cause);
    this.#step(taken, deal, { type: 'unchecked', fault });
  }

  /** A changed share or a closed deal is looked at at once. */
  #heardOf(news: LedgerNews) {
    for (const { deal } of this.#hands.taken()) {
      if (deal !== undefined && deal.record.deal === news.deal) this.#check(deal);
    }
  }

  /** Only when the deal is found good: an acceptance lets stake be locked. */
  #accept({ grant, link }: Taken, deal: TakenDeal) {
    if (link === undefined || deal.acceptedOn === link) return;
    const { terms, provider, deal: id } = deal.record;
    const { worker, domain } = this.#payments;
    const acceptance = { deal: id, provider, lock: terms.stakeLock };
    const signature =
      terms.stakeLock > 0n ? worker.signTyped(acceptanceData(acceptance, domain)) : NO_SIGNATURE;
    const { lease, epoch } = grant;
    deal.acceptedOn = link;
    link.say({ type: 'acceptance', lease, epoch, signature });
  }

  #voucher(taken: Taken, deal: TakenDeal, paper: VoucherPaper) {
    if (paper.amount <= deal.state.allocated) return this.#take(taken, deal, paper);
    deal.beyond = paper;
    this.#check(deal);
  }

  #take(taken: Taken, deal: TakenDeal, { amount, bundles, covers, signature }: VoucherPaper) {
    const { terms, provider, deal: id } = deal.record;
    const signed = { voucher: { deal: id, provider, amount, bundles }, signature };
    const flaw = voucherFlaw(signed, {
      terms,
      domain: this.#payments.domain,
      provider,
      allocated: deal.state.allocated,
      // The condition is met by what is sealed already, and one more.
      bundlesMax: terms.stakeLock > 0n ? deal.committed + 1 : 0,
      previous: deal.voucher?.voucher,
    });
    if (flaw !== undefined) {
      const fault = resourceErrors.RESOURCE_VOUCHER_REFUSED({ deal: id, reason: flaw });
      return this.#context.inspect({ topic: 'deal.voucher-refused', level: 'warn', fault: fault.toWire() });
    }
    deal.voucher = signed;
    this.#keep(deal);
    this.#hands.pipeline.effect(() => this.#step(taken, deal, { type: 'paid', amount, bundles, covers }));
  }

  #commit(taken: Taken, deal: TakenDeal, bundle: number, returns: readonly Return[]) {
    const { deal: id, provider } = deal.record;
    const { worker, domain } = this.#payments;
    const units = returns.flatMap(({ task, status }) =>
      status === 'succeeded' ? [deal.tasks.get(task)!.unit] : [],
    );
    const salt = `0x${Buffer.from(this.#context.random.bytes(SALT_BYTES)).toString('hex')}` as Bytes32;
    const number = deal.committed + 1;
    const committer = { deal: id, provider, worker, domain };
    const paper = commitTo({ number: bundle, returns }, units, { number, salt }, committer);
    if (paper === undefined) return;
    deal.committed = number;
    deal.commitments.set(bundle, paper);
    if (number > COMMITMENTS_MAX - COMMITMENTS_SPARE) this.#hands.step(taken, { type: 'drain' });
    this.#hands.pipeline.write(commitmentRows(id, { lease: taken.grant.lease, paper }));
  }

  #drop(taken: Taken, deal: TakenDeal, tasks: readonly TaskId[]) {
    if (tasks.length === 0) return;
    for (const task of tasks) deal.tasks.delete(task);
    this.#step(taken, deal, { type: 'dropped', tasks });
  }

  #keep(deal: TakenDeal) {
    const record = recordOf(deal);
    this.#records.set(record.deal, record);
    this.#hands.pipeline.write(recordRows(record));
  }

  #step(taken: Taken, deal: TakenDeal, event: ProviderDealEvent) {
    const { state, effects } = providerDealMachine.step(deal.state, event, this.#context.clock.now());
    deal.state = state;
    for (const effect of effects) this.#perform(taken, deal, effect);
  }

  #perform(taken: Taken, deal: TakenDeal, effect: ProviderDealEffect) {
    switch (effect.type) {
      case 'admit':
        return this.#hands.execute(effect.tasks.map((task) => deal.tasks.get(task)!.task));
      case 'refuse': {
        const { code, message } = effect.fault;
        deal.tasks.delete(effect.task);
        const returns = [failedReturn(effect.task, { code, message, stderr: '' })];
        return this.#hands.step(taken, { type: 'ended', returns });
      }
      case 'withhold': {
        const { fault } = effect;
        const details = { lease: taken.grant.lease, deal: deal.record.deal };
        const topic = fault === undefined ? 'deal.working' : 'deal.withheld';
        this.#context.inspect({ topic, details, ...(fault && { fault: fault.toWire() }) });
        return this.#hands.step(taken, { type: 'withheld', withheld: fault !== undefined });
      }
      case 'leave':
        return this.#hands.step(taken, { type: 'leave', fault: effect.fault });
    }
  }
}

/** A lease that is on its way out has its own reason. */
function usedUp({ record, committed, state }: TakenDeal): DealObjection | undefined {
  if (state.phase !== 'checking' || committed <= COMMITMENTS_MAX - COMMITMENTS_SPARE) return undefined;
  const details = { deal: record.deal, reason: 'this account has no commitments left in it' };
  return { fault: resourceErrors.RESOURCE_DEAL_REFUSED(details), final: true };
}

function larger(one: bigint, other: bigint): bigint {
  return one < other ? other : one;
}
