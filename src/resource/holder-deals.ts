/**
 * The hands of a holder in money: it believes accounts, puts leases under deals, counts what is owed, keeps
 * commitments, and signs vouchers with the agent's key. How much is allocated the customer decides; here it
 * only bounds what is promised.
 *
 * An account works for one node at a time in a deal: vouchers are cumulative, and two nodes could not tell
 * which of them was paid. What is counted is durable before the provider may forget the bundle.
 */

import { type CommitPipeline, type Context, type Fault, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { Account, PeerId, TypedSignature } from '../connectivity/index.ts';
import type { Task } from '../fabric/index.ts';
import { openBook, owedIn } from './account-book.ts';
import { checkCommitment, unitKeyOf } from './bundle-commitment.ts';
import { acknowledgedDeal, examined, heldDeal, isPaidUp, reattached } from './deal-at-broker.ts';
import { vouchered, voucherDue } from './deal-at-broker.ts';
import { accountPaper, type DealPaper, dealPaper, type Encoded } from './deal-paper.ts';
import { voucherPaper } from './deal-paper.ts';
import { resourceErrors } from './errors.ts';
import { type HeldDeal, type HeldDealRecord, heldRecordOf } from './held-deal.ts';
import type { Liar } from './examiner.ts';
import type { Held, HeldLeases } from './held-lease.ts';
import { forgetHeldDeals, heldDealKey, heldDealRows, keptCommitmentRows } from './holder-deal-store.ts';
import type { HolderPayments, OfferMessage, Under, VouchedMail } from './holder-payments.ts';
import type { HeldRow } from './holder-store.ts';
import type { BrokerLeaseEvent } from './lease-at-broker.ts';
import type { HolderDealMail, LeaseNews } from './lease-holder.ts';
import type { LeaseId, ProviderDealTalk, Return, ReturnBundle } from './lease-wire.ts';
import type { DealId, Seconds, Terms } from './ledger.ts';
import { payableOperations } from './meter.ts';
import { signVoucher } from './voucher.ts';
import { linkFlaw } from './worker-link.ts';

export interface HolderHands<Link> {
  readonly pipeline: CommitPipeline<() => void>;
  readonly leases: HeldLeases;
  readonly tell: (news: LeaseNews) => void;
  /** Of the lease's machine. */
  step(held: Held, event: BrokerLeaseEvent): void;
  accuse(liar: Liar): void;
  offered(link: Link, message: OfferMessage): void;
}

/** What is used of a stream. */
interface DealLink {
  readonly lease: LeaseId | undefined;
  close(): void;
}

/** Signing takes about a millisecond: a thousand providers cost a tenth of a processor. */
const VOUCHER_MS: Milliseconds = 10 * SECOND_MS;

/** Registrations change seldom; a worker that was removed is believed for so long at most. */
const REGISTERED_MS: Milliseconds = MINUTE_MS;
/** More workers than one broker has providers; beyond it all are asked for anew. */
const REGISTERED_MAX = 16_384;

/** Bundles that may be announced by their commitments ahead of their coming. */
const CLAIMED_MAX = 64;

/** The chain's clock is not ours: a deal is forgotten when it is over on any clock. */
const FORGET_SECONDS = 86_400;

export class HolderDeals<Link extends DealLink> {
  readonly #payments: HolderPayments;
  readonly #context: Context<VouchedMail<Link>>;
  readonly #hands: HolderHands<Link>;
  readonly #voucherMs: Milliseconds;
  /** Open for new leases, and those of them under which work waits, in the order of asking. */
  readonly #funded = new Map<DealId, Terms>();
  #wanted: readonly DealId[] = [];
  /** Of those that somebody works under: they take no more work. */
  readonly #over = new Set<DealId>();
  readonly #records = new Map<string, HeldDealRecord>();
  readonly #registered = new Map<
    Account,
    { readonly provider: Account | undefined; readonly at: Milliseconds }
  >();

  constructor(payments: HolderPayments, context: Context<VouchedMail<Link>>, hands: HolderHands<Link>) {
    this.#payments = payments;
    this.#context = context;
    this.#hands = hands;
    this.#voucherMs = payments.voucherMs ?? VOUCHER_MS;
  }

  restore(records: readonly HeldDealRecord[]) {
    for (const record of records) this.#records.set(heldDealKey(record.deal, record.provider), record);
  }

  recalled({ grant }: HeldRow): HeldDeal | undefined {
    const record = [...this.#records.values()].find(({ lease }) => lease === grant.lease);
    return record && this.#held(record);
  }

  /** Under which deals work waits. */
  demand(deals: readonly DealId[]) {
    this.#wanted = deals;
  }

  handle(mail: HolderDealMail | VouchedMail<Link>) {
    switch (mail.type) {
      case 'vouched':
        if (this.#isVouched(mail)) return this.#hands.offered(mail.link, mail.message);
        return mail.link.close();
      case 'fund':
        this.#funded.set(mail.deal, mail.terms);
        this.#over.delete(mail.deal);
        // Whoever funds it again has been restarted, and may have missed these.
        for (const record of this.#records.values()) if (record.deal === mail.deal) this.#retell(record);
        return;
      case 'unfund':
        this.#funded.delete(mail.deal);
        for (const { deal } of this.#records.values()) if (deal === mail.deal) this.#over.add(deal);
        return;
      case 'allocated':
        return this.#allocated(mail.deal, mail.provider, mail.allocated);
      case 'promise': {
        const held = this.#hands.leases.get(mail.lease);
        if (held?.deal !== undefined) this.#promise(held, held.deal, mail.amount, mail.bundles);
        return;
      }
    }
  }

  get wanted(): boolean {
    return this.#wanted.some((deal) => this.#funded.has(deal));
  }

  /**
   * What an offer with an account can be granted under; a fault if that account is not believed or has a node
   * at work already; `asked` while the registry is asked, whose answer brings the offer back.
   */
  under(link: Link, peer: PeerId, message: OfferMessage, now: Milliseconds): Under | Fault | 'asked' {
    const { domain } = this.#payments;
    const account = accountPaper.decode(message.account!);
    const { provider, worker } = account.link;
    const invalid = (reason: string) =>
      resourceErrors.RESOURCE_ACCOUNT_INVALID({ account: provider, reason });
    const flaw = linkFlaw(account.link, peer, Math.floor(now / SECOND_MS) as Seconds, domain);
    if (flaw !== undefined) return invalid(flaw);
    const known = this.#registered.get(worker);
    if (known === undefined || now - known.at > REGISTERED_MS) {
      this.#ask(link, message, worker);
      return 'asked';
    }
    if (known.provider !== provider) return invalid('the registry does not know its worker');
    const open = this.#wanted.filter((deal) => this.#funded.has(deal));
    const deal = open.find((it) => !this.#isInUse(it, provider, peer));
    if (deal !== undefined) return { deal, terms: this.#funded.get(deal)!, account };
    return resourceErrors.RESOURCE_ACCOUNT_IN_USE({ account: provider, deal: open[0] ?? '' });
  }

  /** Whether the offer that asked can go on. */
  #isVouched({ worker, provider, fault }: VouchedMail<Link>): boolean {
    if (fault !== undefined) return false;
    if (this.#registered.size >= REGISTERED_MAX) this.#registered.clear();
    this.#registered.set(worker, { provider, at: this.#context.clock.now() });
    return true;
  }

  /** Counts on from what the account had earned under the deal before. */
  granted(lease: LeaseId, { deal, terms, account }: Under): HeldDeal {
    const { provider, worker } = account.link;
    const before = this.#records.get(heldDealKey(deal, provider));
    const record: HeldDealRecord = {
      deal,
      terms,
      provider,
      worker,
      lease,
      unpaidMax: account.unpaidMax,
      book: openBook(account.tariff, before === undefined ? 0n : owedIn(before.book)),
      allocated: before?.allocated ?? 0n,
      counted: 0,
      committed: before?.committed ?? 0,
      ...(before?.acceptance && { acceptance: before.acceptance }),
      ...(before?.conditional && { conditional: before.conditional }),
    };
    this.#write(record);
    return this.#held(record);
  }

  paperOf({ record, state }: HeldDeal): Encoded<DealPaper> {
    const { chainId, verifyingContract: market } = this.#payments.domain;
    const { terms, committed } = record;
    const voucherMs = this.#voucherMs;
    return dealPaper.encode({ chainId, market, terms, voucherMs, owed: owedIn(state.book), committed });
  }

  /** Words about no deal of theirs end the stream. */
  heard(link: Link, message: ProviderDealTalk) {
    const held = this.#hands.leases.get(link.lease);
    const { lease, epoch } = message;
    const isTheirs = held?.row.grant.lease === lease && held.row.grant.epoch === epoch;
    if (held?.deal === undefined || !isTheirs) return link.close();
    if (message.type === 'acceptance') return this.#accepted(held.deal, message.signature);
    if (held.deal.claimed.size < CLAIMED_MAX) {
      held.deal.claimed.set(message.commitment.bundle, message.commitment);
      return;
    }
    const fault = resourceErrors.RESOURCE_PROTOCOL_BROKEN({ lease, reason: 'commitments without bundles' });
    this.#hands.step(held, { type: 'end', fault });
  }

  sent({ record, tasks }: HeldDeal, sent: readonly Task[]) {
    const isCommitted = record.terms.stakeLock > 0n;
    for (const task of sent) {
      const { runMsMax } = task.common.limits;
      tasks.set(task.id, { unit: isCommitted ? unitKeyOf(task) : undefined, runMsMax });
    }
  }

  /** Where stake is locked, its worker's word has to come with a bundle; else its provider is accused. */
  isFlawed(deal: HeldDeal, bundle: ReturnBundle): boolean {
    const reason = this.#flawOf(deal, bundle);
    if (reason === undefined) return false;
    const { lease, number } = bundle;
    const fault = resourceErrors.RESOURCE_COMMITMENT_WRONG({ bundle: number, lease, reason });
    this.#hands.accuse({ lease, fault });
    return true;
  }

  #flawOf(deal: HeldDeal, { number, returns }: ReturnBundle): string | undefined {
    const paper = deal.claimed.get(number);
    for (const bundle of deal.claimed.keys()) if (bundle <= number) deal.claimed.delete(bundle);
    const { deal: id, provider, worker, terms } = deal.record;
    const isNeeded = terms.stakeLock > 0n && returns.some(({ status }) => status === 'succeeded');
    if (number <= deal.state.counted || !isNeeded) return undefined;
    if (paper === undefined) return 'it is missing';
    if (paper.number <= this.#newestNumber(deal)) return 'its number was used before';
    const committer = { deal: id, provider, worker, domain: this.#payments.domain };
    const kept = checkCommitment(paper, returns, committer);
    if (typeof kept === 'string') return kept;
    const units = [...kept.units];
    for (const { task, status } of returns) {
      if (status !== 'succeeded') continue;
      const unit = units.shift();
      const known = deal.tasks.get(task)?.unit;
      if (known !== undefined && known !== unit) return `it calls ${task} another unit`;
    }
    deal.checked.set(number, kept);
    return undefined;
  }

  /** A bundle goes to the customer; with its acknowledgement it will count. */
  reported(held: Held, deal: HeldDeal, number: number, returns: readonly Return[]) {
    const { grant, capability } = held.row;
    const limitOf = (task: Task['id']) => deal.tasks.get(task)?.runMsMax;
    const operations = payableOperations(returns, limitOf, capability.speed);
    for (const { task } of returns) deal.tasks.delete(task);
    const kept = deal.checked.get(number);
    deal.checked.delete(number);
    if (kept !== undefined) this.#hands.pipeline.write(keptCommitmentRows(grant.lease, number, kept));
    const committed = kept?.commitment.number ?? 0;
    deal.state = examined(deal.state, number, { operations, committed });
  }

  /** Whether it is for here: what was counted is durable before the provider learns it. */
  acknowledged(lease: LeaseId, number: number): boolean {
    const held = this.#hands.leases.get(lease);
    if (held?.deal === undefined) return false;
    const { deal } = held;
    const { counted } = deal.state;
    deal.state = acknowledgedDeal(deal.state, number);
    if (deal.state.counted > counted) this.#keep(deal);
    this.#hands.pipeline.effect(() => {
      this.#hands.step(held, { type: 'acknowledge', number });
      this.pay(held, deal);
    });
    const { deal: id, provider } = deal.record;
    this.#hands.tell({ type: 'owed', deal: id, provider, amount: owedIn(deal.state.book) });
    return true;
  }

  /** Says the voucher that is due, if the provider can hear it. */
  pay(held: Held, deal: HeldDeal) {
    const now = this.#context.clock.now();
    if (held.state.phase !== 'active' || deal.record.conditional) return;
    // Nothing more is earned under a deal that takes no work: its vouchers need not be spared.
    const due = voucherDue(deal.state, this.#isOver(deal) ? Number.POSITIVE_INFINITY : now);
    if (due === undefined) return;
    deal.state = vouchered(deal.state, due, now);
    this.#say(held, deal, due.amount, 0);
  }

  /** A lease under a deal that takes no more work ends when it is paid: its slots can serve another. */
  tick(held: Held, deal: HeldDeal) {
    this.pay(held, deal);
    const { phase, assigned, waiting, grant } = held.state;
    if (!this.#isOver(deal) || phase !== 'active' || assigned.size + waiting.length > 0) return;
    if (!deal.record.conditional && !isPaidUp(deal.state, this.#context.clock.now())) return;
    const why = { lease: grant.lease, reason: 'its deal takes no more work' };
    this.#hands.step(held, { type: 'end', fault: resourceErrors.RESOURCE_LEASE_RELEASED(why) });
  }

  attached(held: Held, deal: HeldDeal) {
    deal.state = reattached(deal.state);
    deal.claimed.clear();
    this.pay(held, deal);
  }

  /** Deals that are over for everybody. */
  forget(now: Milliseconds) {
    const inUse = new Set([...this.#hands.leases].map(({ row }) => row.grant.lease));
    const isOver = ({ terms, lease }: HeldDealRecord) =>
      !inUse.has(lease) && now / SECOND_MS > terms.redeemUntil + FORGET_SECONDS;
    const over = [...this.#records.values()].filter(isOver);
    if (over.length === 0) return;
    for (const { deal, provider } of over) {
      this.#records.delete(heldDealKey(deal, provider));
      this.#over.delete(deal);
    }
    this.#hands.pipeline.write(forgetHeldDeals(over));
  }

  #accepted(deal: HeldDeal, signature: TypedSignature) {
    this.#keep(deal, { acceptance: signature });
    this.#hands.pipeline.effect(() => this.#joined(deal.record, signature));
  }

  #ask(link: Link, message: OfferMessage, worker: Account) {
    this.#context.pipe(
      this.#payments.ledger.providerOf(worker),
      (provider) => ({ type: 'vouched', link, message, worker, ...(provider && { provider }) }),
      (fault) => ({ type: 'vouched', link, message, worker, fault }),
    );
  }

  #isInUse(deal: DealId, provider: Account, peer: PeerId): boolean {
    for (const held of this.#hands.leases) {
      const isTheirs = held.deal?.record.deal === deal && held.deal.record.provider === provider;
      if (isTheirs && held.row.grant.provider !== peer) return true;
    }
    return false;
  }

  #isOver({ record }: HeldDeal): boolean {
    return this.#over.has(record.deal);
  }

  #held(record: HeldDealRecord): HeldDeal {
    const state = heldDeal(record, { unpaidMax: record.unpaidMax, voucherMs: this.#voucherMs });
    return { record, state, tasks: new Map(), claimed: new Map(), checked: new Map() };
  }

  #newestNumber({ state, checked }: HeldDeal): number {
    const pending = [...state.pending.values()].map(({ committed }) => committed);
    const examining = [...checked.values()].map(({ commitment }) => commitment.number);
    return Math.max(state.committed, ...pending, ...examining);
  }

  #allocated(deal: DealId, provider: Account, allocated: bigint) {
    for (const held of this.#hands.leases) {
      if (held.deal?.record.deal !== deal || held.deal.record.provider !== provider) continue;
      if (allocated > held.deal.state.allocated) held.deal.state = { ...held.deal.state, allocated };
      this.#keep(held.deal);
      return this.pay(held, held.deal);
    }
    const record = this.#records.get(heldDealKey(deal, provider));
    if (record !== undefined && allocated > record.allocated) this.#write({ ...record, allocated });
  }

  /** That no other voucher may follow is durable before it is said. */
  #promise(held: Held, deal: HeldDeal, amount: bigint, bundles: number) {
    this.#keep(deal, { conditional: true });
    this.#hands.pipeline.effect(() => this.#say(held, deal, amount, bundles));
  }

  #say(held: Held, deal: HeldDeal, amount: bigint, bundles: number) {
    const { deal: id, provider } = deal.record;
    const { agent, domain } = this.#payments;
    const { signature } = signVoucher({ deal: id, provider, amount, bundles }, agent, domain);
    const { lease, epoch } = held.row.grant;
    const voucher = voucherPaper.encode({ covers: deal.state.counted, amount, bundles, signature });
    held.link?.say({ type: 'voucher', lease, epoch, voucher });
  }

  #retell(record: HeldDealRecord) {
    if (record.acceptance !== undefined) this.#joined(record, record.acceptance);
    const { deal, provider, book } = record;
    this.#hands.tell({ type: 'owed', deal, provider, amount: owedIn(book) });
  }

  #joined({ lease, deal, provider }: HeldDealRecord, acceptance: TypedSignature) {
    this.#hands.tell({ type: 'joined', lease, deal, provider, acceptance });
  }

  #keep(deal: HeldDeal, change: Partial<HeldDealRecord> = {}) {
    deal.record = { ...heldRecordOf(deal), ...change };
    this.#write(deal.record);
  }

  #write(record: HeldDealRecord) {
    this.#records.set(heldDealKey(record.deal, record.provider), record);
    this.#hands.pipeline.write(heldDealRows(record));
  }
}
