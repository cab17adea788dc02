/** A broker and providers that work for money: `lease-world` with a chain in memory beside it. */

import type { HotSigner, PeerId } from '../../src/connectivity/index.ts';
import { dealIdOf } from '../../src/resource/deal.ts';
import type { DeskPayments, HolderPayments, LeaseNews } from '../../src/resource/index.ts';
import type { DealId, IntentId, Ledger, LedgerCall, Terms } from '../../src/resource/ledger.ts';
import { createMemoryChain, type MemoryChain } from '../../src/resource/ledger-memory.ts';
import { linkWorker } from '../../src/resource/worker-link.ts';
import { DealCalls } from './deal-calls.ts';
import * as papers from './deal-papers.ts';
import { type Broker, createWorld, type ExecutorHabits, type Provider, START_MS } from './lease-world.ts';
import type { World } from './lease-world.ts';

const NOW = START_MS / 1_000;

/** A task of 10 ms on the machines of `lease-world` earns 10, and may cost 1 000 at its limit. */
export const TARIFF = 10n ** 9n;
export const UNPAID_MAX = 4_000n;
const TOKENS = 1_000_000n;

export const paidTerms = papers.termsOf({
  budget: 100_000n,
  stakeLock: 0n,
  workUntil: papers.seconds(NOW + 3_600),
  revealUntil: papers.seconds(NOW + 7_200),
  disputeUntil: papers.seconds(NOW + 10_800),
  redeemUntil: papers.seconds(NOW + 14_400),
});

/** Each provider's own account and worker. */
const vendorOf = (seed: number) => ({
  account: papers.signerOf(100 + seed),
  worker: papers.signerOf(150 + seed),
});
export type Vendor = ReturnType<typeof vendorOf>;

export class PaidWorld {
  readonly world: World = createWorld('paid');
  readonly chain: MemoryChain;
  readonly terms: Terms;
  readonly deal: DealId;
  /** How much is allocated when somebody joins, in all. */
  allocation = 50_000n;
  readonly vendors = [0, 1].map(vendorOf);
  readonly #ledger: Ledger;
  #intents = 0;

  constructor(change: Partial<Terms> = {}) {
    this.terms = { ...paidTerms, ...change };
    this.deal = dealIdOf(this.terms, papers.domain);
    const keys = [papers.requester, ...this.vendors.map(({ account }) => account)];
    this.chain = createMemoryChain({
      clock: this.world.clock,
      domain: papers.domain,
      registry: papers.signerOf(10).account,
      tokens: new Map(keys.map(({ account }) => [account, TOKENS])),
    });
    this.#ledger = this.chain.connect('people');
  }

  /** The deal is open, and all vendors are registered with stake. */
  async open(stake = 500n): Promise<this> {
    const calls = new DealCalls(papers.domain, this.terms);
    await this.call(papers.requester, { type: 'approve', spender: 'market', amount: TOKENS });
    await this.call(papers.requester, { type: 'deposit', amount: TOKENS });
    await this.call(papers.requester, calls.open());
    for (const { account, worker } of this.vendors) {
      const payout = account.account;
      await this.call(account, { type: 'register', payout, workers: [worker.account] });
      await this.call(account, { type: 'approve', spender: 'registry', amount: TOKENS });
      if (stake > 0n) await this.call(account, { type: 'stake', amount: stake });
    }
    return this;
  }

  /** Throws when the contracts say no. */
  async call(from: HotSigner, call: LedgerCall): Promise<void> {
    this.#intents += 1;
    const id = `intent ${this.#intents}` as IntentId;
    await this.#ledger.intend({ id, from: from.account, call });
    const outcome = await this.#ledger.outcome(id, new AbortController().signal);
    if (outcome.type === 'refused') throw new TypeError(`${call.type}: ${outcome.error}`);
  }

  async allocate(broker: Broker, vendor: Vendor, amount: bigint): Promise<void> {
    const { deal } = this;
    const provider = vendor.account.account;
    const joined = broker.news.find((it) => it.type === 'joined' && it.provider === provider);
    const acceptance = (joined as Extract<LeaseNews, { type: 'joined' }>).acceptance;
    const allocations = [{ provider, amount, acceptance }];
    await this.call(papers.agent, { type: 'allocate', terms: this.terms, allocations });
    const { allocated } = await this.#ledger.share(deal, provider);
    broker.holder.tell({ type: 'allocated', deal, provider, allocated });
  }

  /** Its customer acknowledges everything, and allocates when a provider joins. */
  broker(payments: Partial<HolderPayments> = {}): Broker {
    const ledger = this.chain.connect('broker');
    const paid = { domain: papers.domain, agent: papers.agent, ledger, voucherMs: 1_000, ...payments };
    const broker = this.world.broker({}, this.answer, paid);
    this.want(broker);
    return broker;
  }

  restartBroker(broker: Broker): void {
    this.world.restartBroker(broker, {}, this.answer);
    this.want(broker);
  }

  /** Work waits under the deal, and none beside it. */
  want({ holder }: Broker): void {
    holder.tell({ type: 'fund', deal: this.deal, terms: this.terms });
    holder.tell({ type: 'demand', wanted: false, deals: [this.deal] });
  }

  provider(
    change: Partial<DeskPayments> = {},
    vendor = this.vendors[0]!,
    habits: Partial<ExecutorHabits> = {},
  ) {
    const paid = (peer: PeerId) => this.paymentsOf(peer, vendor, change);
    return this.world.provider(habits, {}, paid) as Provider;
  }

  paymentsOf(peer: PeerId, vendor: Vendor, change: Partial<DeskPayments> = {}): DeskPayments {
    const { account, worker } = vendor;
    const linked = { provider: account.account, peer, expiresAt: papers.seconds(NOW + 1e6) };
    const link = linkWorker(linked, worker, papers.domain);
    return {
      domain: papers.domain,
      worker,
      account: { link, tariff: TARIFF, unpaidMax: UNPAID_MAX },
      rules: { stakeLockMax: 500n, workSecondsMin: 60 },
      vouchersMissedMax: 3,
      volunteers: false,
      ledger: this.chain.connect(`provider ${peer}`),
      ...change,
    };
  }

  readonly answer = (news: LeaseNews, holder: Broker['holder']): void => {
    if (news.type === 'returned') {
      holder.tell({ type: 'acknowledge', lease: news.lease, bundle: news.bundle });
    } else if (news.type === 'joined' && this.allocation > 0n) {
      const { deal, provider, acceptance } = news;
      const amount = this.allocation;
      const call: LedgerCall = {
        type: 'allocate',
        terms: this.terms,
        allocations: [{ provider, amount, acceptance }],
      };
      this.allocation = 0n;
      void this.call(papers.agent, call).then(() => {
        holder.tell({ type: 'allocated', deal, provider, allocated: amount });
      });
    }
  };
}
