import t from 'tap';
import { type ActorRef, type Inspection, type MemoryJournal, memoryJournal } from '../../src/actors/index.ts';
import type { System } from '../../src/actors/index.ts';
import { earn, openBook } from '../../src/resource/account-book.ts';
import { type CashierInternal, type CashierMail, cashier } from '../../src/resource/cashier.ts';
import type { CashierOptions, EarningsView } from '../../src/resource/cashier.ts';
import { commitTo } from '../../src/resource/bundle-commitment.ts';
import { commitmentRows, type DealRecord, loadDealRows, recordRows } from '../../src/resource/deal-store.ts';
import type { LeaseId, Return } from '../../src/resource/lease-wire.ts';
import type { Ledger, Terms } from '../../src/resource/ledger.ts';
import { signVoucher } from '../../src/resource/voucher.ts';
import { DealCalls } from './deal-calls.ts';
import * as papers from './deal-papers.ts';
import { returnFor } from './lease-model.ts';
import { outputOf, tasksNamed } from './lease-world.ts';
import { PaidWorld } from './paid-world.ts';

const HOUR_MS = 3_600_000;
const lease = 'l1.x' as LeaseId;

/** A ledger that behaves otherwise in some respect. */
function otherwise(ledger: Ledger, change: Partial<CashierOptions['ledger']>): CashierOptions['ledger'] {
  return {
    intend: (intent) => ledger.intend(intent),
    outcome: (id, signal) => ledger.outcome(id, signal),
    health: () => ledger.health(),
    share: (deal, provider) => ledger.share(deal, provider),
    stake: (provider) => ledger.stake(provider),
    balance: (account) => ledger.balance(account),
    payoutOf: (provider) => ledger.payoutOf(provider),
    ...change,
  };
}

/** A provider that holds a voucher, and a cashier beside its journal. */
class Till {
  readonly paid: PaidWorld;
  readonly journal: MemoryJournal = memoryJournal();
  readonly events: Inspection[] = [];
  readonly #vendor;
  #system: System | undefined;
  #ref: ActorRef<CashierMail | CashierInternal> | undefined;

  constructor(change: Partial<Terms> = {}) {
    this.paid = new PaidWorld(change);
    this.#vendor = this.paid.vendors[0]!;
  }

  async open(): Promise<this> {
    const { paid } = this;
    await paid.open();
    const calls = new DealCalls(papers.domain, paid.terms);
    await paid.call(papers.agent, calls.allocate(50_000n, this.#vendor.account, this.#vendor.worker));
    return this;
  }

  async keep(amount: bigint, bundles = 0): Promise<void> {
    const { deal, terms } = this.paid;
    const provider = this.#vendor.account.account;
    const book = earn(openBook(10n ** 12n, 0n), amount);
    const voucher = signVoucher({ deal, provider, amount, bundles }, papers.agent, papers.domain);
    const own = { deal, terms, provider, lease, voucherMs: 1, speed: 1, committed: bundles };
    const record: DealRecord = { ...own, book, voucher };
    await this.journal.commit(recordRows(record));
  }

  async commitment(): Promise<void> {
    const { deal } = this.paid;
    const [task] = tasksNamed('a', 1);
    const digest = 'ab'.repeat(32) as Return['digest'];
    const returns: Return[] = [
      { ...returnFor(task!.id), status: 'succeeded', digest, output: outputOf(task!) },
    ];
    const { account, worker } = this.#vendor;
    const committer = { deal, provider: account.account, worker, domain: papers.domain };
    const sealed = { number: 1, salt: papers.word(9) };
    const paper = commitTo({ number: 1, returns }, [papers.word(3)], sealed, committer)!;
    await this.journal.commit(commitmentRows(deal, { lease, paper }));
  }

  start(ledger: CashierOptions['ledger'] = this.paid.chain.connect('till')): void {
    this.#system = this.paid.world.systemOf('till', (event) => void this.events.push(event));
    const { account, worker } = this.#vendor;
    const own = { provider: account.account, from: worker.account, rules: { cost: 3n } };
    this.#ref = this.#system.spawn('cashier', cashier({ journal: this.journal, ledger, ...own }));
  }

  async restart(): Promise<void> {
    const stopped = this.#system?.stop();
    await this.paid.world.pass(0);
    await stopped;
    this.start();
  }

  async until(time: number): Promise<void> {
    await this.paid.world.pass(time * 1_000 - this.paid.world.clock.now());
  }

  async show(): Promise<EarningsView> {
    let view: EarningsView | undefined;
    this.#ref!.tell({ type: 'show', reply: (it) => (view = it) });
    await this.paid.world.pass(0);
    return view!;
  }

  /** What the cashier did, by step. */
  steps(topic: 'cashier.done' | 'cashier.refused' = 'cashier.done'): string[] {
    const ids = this.events.filter((it) => it.topic === topic).map((it) => String(it.details?.['id']));
    return ids.map((id) => id.split(' ').slice(2).join(' '));
  }
}

t.test('a small sum waits for the end of the work, is redeemed once, and the stake is free', async (t) => {
  const till = await new Till({ stakeLock: 100n }).open();
  await till.keep(200n);
  till.start();
  await till.paid.world.pass(10 * 60_000);
  t.same(till.steps(), []);
  t.match(await till.show(), {
    deals: [{ owed: 200n, vouchered: 200n, redeemed: 0n, allocated: 50_000n, share: 'locked' }],
    stake: { staked: 500n, locked: 100n },
    balance: 0n,
    chain: { healthy: true },
  });
  await till.until(till.paid.terms.workUntil + 120);
  t.same(till.steps(), ['redeem 200', 'release']);
  t.match(await till.show(), {
    deals: [{ redeemed: 200n, share: 'released' }],
    stake: { locked: 0n },
    balance: 200n,
  });
});

t.test('a large sum is redeemed while work goes on, and later only what came to it', async (t) => {
  const till = await new Till().open();
  await till.keep(1_000n);
  till.start();
  await till.paid.world.pass(60_000);
  t.same(till.steps(), ['redeem 1000']);
  await till.keep(1_004n);
  await till.until(till.paid.terms.workUntil + 60);
  t.same(till.steps(), ['redeem 1000', 'redeem 1004']);
  t.equal((await till.show()).balance, 1_004n);
});

t.test('a cashier that is killed after it intended has it done once', async (t) => {
  const till = await new Till().open();
  await till.keep(1_000n);
  let intended = 0;
  const ledger = till.paid.chain.connect('till');
  const silent = otherwise(ledger, {
    intend: (intent) => {
      intended += 1;
      return ledger.intend(intent);
    },
    outcome: () => new Promise(() => undefined),
  });
  till.start(silent);
  await till.paid.world.pass(120_000);
  t.equal(intended, 1, 'and not at each look');
  await till.restart();
  await till.paid.world.pass(120_000);
  t.equal((await till.show()).balance, 1_000n);
  t.match((await till.show()).deals, [{ redeemed: 1_000n }]);
});

t.test('on a chain that stands still nothing is wanted, and the reason shows', async (t) => {
  const till = await new Till().open();
  await till.keep(1_000n);
  till.paid.chain.halt();
  const ledger = till.paid.chain.connect('till');
  let intended = 0;
  const counting = otherwise(ledger, {
    intend: (intent) => {
      intended += 1;
      return ledger.intend(intent);
    },
  });
  till.start(counting);
  await till.paid.world.pass(120_000);
  t.equal(intended, 0);
  t.match((await till.show()).chain, { healthy: false, reason: /stopped/ });
  till.paid.chain.resume();
  await till.paid.world.pass(60_000);
  t.same(till.steps(), ['redeem 1000']);
});

t.test('a ledger that cannot be read is read again', async (t) => {
  const till = await new Till().open();
  await till.keep(1_000n);
  const ledger = till.paid.chain.connect('till');
  let fails = 1;
  const flaky = otherwise(ledger, {
    health: () => (fails-- > 0 ? Promise.reject(new TypeError('no route')) : ledger.health()),
  });
  till.start(flaky);
  await till.paid.world.pass(1_000);
  t.same(await till.show(), { deals: [], stake: null, balance: null, chain: null });
  await till.paid.world.pass(60_000);
  t.same(till.steps(), ['redeem 1000']);
});

t.test(
  'where a voucher has a condition the own bundles are committed, opened, and then paid for',
  async (t) => {
    const till = await new Till({ stakeLock: 100n }).open();
    await till.keep(900n, 1);
    await till.commitment();
    till.start();
    const { workUntil, revealUntil, disputeUntil } = till.paid.terms;
    await till.until(workUntil);
    t.same(till.steps(), ['commit 1']);
    await till.until(revealUntil);
    t.same(till.steps(), ['commit 1', 'reveal 1']);
    await till.until(disputeUntil + 120);
    t.same(till.steps().slice(2).toSorted(), ['redeem 900', 'release']);
    t.equal((await till.show()).balance, 900n);
  },
);

t.test('what was refused is wanted again later, under another name', async (t) => {
  const till = await new Till().open();
  await till.keep(1_000n);
  const ledger = till.paid.chain.connect('till');
  let refusals = 1;
  const grudging = otherwise(ledger, {
    intend: async (intent) => {
      if (refusals === 0) await ledger.intend(intent);
    },
    outcome: async (id, signal) => {
      if (refusals === 0) return ledger.outcome(id, signal);
      refusals -= 1;
      return { type: 'refused', error: 'ConditionUnmet' };
    },
  });
  till.start(grudging);
  await till.paid.world.pass(4 * 60_000);
  t.same(till.steps('cashier.refused'), ['redeem 1000']);
  t.same(till.steps(), []);
  await till.paid.world.pass(3 * 60_000);
  t.same(till.steps(), ['redeem 1000 1']);
});

t.test('a deal of which nothing can come any more is forgotten', async (t) => {
  const till = await new Till().open();
  await till.keep(200n);
  till.start();
  await till.until(till.paid.terms.redeemUntil - 60);
  t.equal((await loadDealRows(till.journal)).records.length, 1);
  await till.paid.world.pass(HOUR_MS);
  t.equal((await loadDealRows(till.journal)).records.length, 0);
  t.match(await till.show(), { deals: [], balance: 200n });
});
