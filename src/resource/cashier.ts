/**
 * Turns what a provider was promised into what it has: redeems vouchers, brings its own commitments where a
 * voucher asks for them, and has its stake released. What is worth doing when, `redemption.ts` says.
 *
 * It shares nothing with the desk but the journal, where vouchers are before they are relied on, and looks
 * there and at the chain from time to time: a call is never urgent. An intent is named by what it is for, so
 * what this process and the one before it both want is done once. A call that was refused is wanted again
 * later, under another name: what hindered it may have passed.
 */

import { type BehaviourFactory, type Context, type Fault, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { Journal, Milliseconds } from '../actors/index.ts';
import type { Account } from '../connectivity/index.ts';
import { owedIn } from './account-book.ts';
import { type DealRecord, forgetDeal, loadDealRows, type OwnCommitment } from './deal-store.ts';
import type { DealId, Intent, IntentId, IntentOutcome, Ledger, LedgerHealth } from './ledger.ts';
import type { Seconds, ShareView, StakeView } from './ledger.ts';
import { type Claim, type ClaimStep, claimSteps, isOver, type RedemptionRules } from './redemption.ts';

export type CashierMail = { readonly type: 'show'; readonly reply: (view: EarningsView) => void };

/** As of the last look; before the first, nothing is known. */
export interface EarningsView {
  readonly deals: readonly DealEarnings[];
  readonly stake: StakeView | null;
  /** In the market, to be withdrawn by the payout account. */
  readonly balance: bigint | null;
  readonly chain: LedgerHealth | null;
}

export interface DealEarnings {
  readonly deal: DealId;
  readonly requester: Account;
  /** What the work was worth, what is promised of it, what the chain has set aside, and what it has paid. */
  readonly owed: bigint;
  readonly vouchered: bigint;
  readonly allocated: bigint;
  readonly redeemed: bigint;
  /** Bundles that have to be opened on the chain before the promise is paid; 0: none. */
  readonly bundles: number;
  readonly share: ShareView['state'];
  readonly workUntil: Seconds;
  readonly redeemUntil: Seconds;
}

export interface CashierOptions {
  readonly journal: Journal;
  readonly ledger: Pick<Ledger, 'intend' | 'outcome' | 'health' | 'share' | 'stake' | 'balance' | 'payoutOf'>;
  /** Whose stake and pay are shown. */
  readonly provider: Account;
  /** Sends the calls and pays for them; all of them are open to anyone, so a worker's key will do. */
  readonly from: Account;
  readonly rules: RedemptionRules;
  /** How often it looks; 30 s unless given. */
  readonly lookMs?: Milliseconds;
}

/** One deal as it stands on disk and on the chain. */
interface Part {
  readonly record: DealRecord;
  readonly commitments: readonly OwnCommitment[];
  readonly share: ShareView;
}

interface Look {
  readonly health: LedgerHealth;
  readonly parts: readonly Part[];
  readonly stake: StakeView;
  readonly balance: bigint;
}

export type CashierInternal =
  | { readonly type: 'look' }
  | { readonly type: 'looked'; readonly look: Look }
  | { readonly type: 'unread'; readonly fault: Fault }
  | { readonly type: 'ended'; readonly id: IntentId; readonly wish: string; readonly outcome: IntentOutcome }
  | { readonly type: 'unheard'; readonly id: IntentId; readonly fault: Fault }
  | { readonly type: 'forgotten' };

/** Deadlines are minutes apart at least (`WINDOW_S_MIN`): each is seen a dozen times over. */
const LOOK_MS: Milliseconds = 30 * SECOND_MS;

/** What was refused is seldom possible a minute later; within the shortest phase it is wanted again. */
const AGAIN_MS: Milliseconds = 5 * MINUTE_MS;

export function cashier(options: CashierOptions): BehaviourFactory<CashierMail | CashierInternal> {
  return () => {
    let own: Cashier;
    return {
      start(context) {
        own = new Cashier(options, context);
      },
      receive: (mail) => own.receive(mail),
      stop: () => own.stop(),
    };
  };
}

class Cashier {
  readonly #options: CashierOptions;
  readonly #context: Context<CashierMail | CashierInternal>;
  /** Ends the waiting for outcomes with the process; the intents go on. */
  readonly #ending = new AbortController();
  /** Wanted by this process, and not refused: under way or done. */
  readonly #wanted = new Set<IntentId>();
  /** By what was wanted: how often it was refused, and when it is wanted again. */
  readonly #refused = new Map<string, { readonly times: number; readonly until: Milliseconds }>();
  #look: Look | undefined;

  constructor(options: CashierOptions, context: Context<CashierMail | CashierInternal>) {
    this.#options = options;
    this.#context = context;
    this.#read();
  }

  stop() {
    this.#ending.abort();
  }

  receive(mail: CashierMail | CashierInternal) {
    switch (mail.type) {
      case 'show':
        return mail.reply(viewOf(this.#look));
      case 'look':
        return this.#read();
      case 'looked':
        return this.#looked(mail.look);
      case 'unread':
        this.#context.inspect({ topic: 'cashier.unread', level: 'warn', fault: mail.fault.toWire() });
        return this.#later();
      case 'ended':
        return this.#ended(mail.id, mail.wish, mail.outcome);
      case 'unheard':
        this.#wanted.delete(mail.id);
        return this.#context.inspect({
          topic: 'cashier.unheard',
          level: 'warn',
          fault: mail.fault.toWire(),
        });
      case 'forgotten':
        return;
    }
  }

  #read() {
    this.#context.pipe(
      readLook(this.#options),
      (look) => ({ type: 'looked', look }),
      (fault) => ({ type: 'unread', fault }),
    );
  }

  #later() {
    this.#context.schedule(this.#options.lookMs ?? LOOK_MS, { type: 'look' });
  }

  /** A chain that cannot be relied on is not acted on: its clock and its shares may be old. */
  #looked(look: Look) {
    this.#look = look;
    this.#later();
    if (!look.health.healthy) return;
    const { time } = look.health;
    for (const part of look.parts) {
      const claim = claimOf(part);
      for (const step of claimSteps(claim, part.share, time, this.#options.rules)) this.#want(claim, step);
      if (isOver(claim, part.share, time)) this.#forget(part);
    }
  }

  #want({ deal, provider }: Claim, { step, call }: ClaimStep) {
    const wish = `${deal} ${provider} ${step}`;
    const { times = 0, until = 0 } = this.#refused.get(wish) ?? {};
    const id = (times === 0 ? wish : `${wish} ${times}`) as IntentId;
    if (this.#wanted.has(id) || this.#context.clock.now() < until) return;
    this.#wanted.add(id);
    this.#context.pipe(
      this.#carryOut({ id, from: this.#options.from, call }),
      (outcome) => ({ type: 'ended', id, wish, outcome }),
      (fault) => ({ type: 'unheard', id, fault }),
    );
  }

  async #carryOut(intent: Intent): Promise<IntentOutcome> {
    const { ledger } = this.#options;
    await ledger.intend(intent);
    return ledger.outcome(intent.id, this.#ending.signal);
  }

  #ended(id: IntentId, wish: string, outcome: IntentOutcome) {
    if (outcome.type === 'done') {
      const { transaction, gasUsed } = outcome;
      const details = { id, transaction, gasUsed: String(gasUsed) };
      return this.#context.inspect({ topic: 'cashier.done', details });
    }
    this.#wanted.delete(id);
    const times = (this.#refused.get(wish)?.times ?? 0) + 1;
    this.#refused.set(wish, { times, until: this.#context.clock.now() + AGAIN_MS });
    const details = { id, error: outcome.error };
    this.#context.inspect({ topic: 'cashier.refused', level: 'warn', details });
  }

  #forget({ record, commitments }: Part) {
    const { deal, provider } = record;
    const isOfIt = (name: string) => name.startsWith(`${deal} ${provider} `);
    for (const wish of this.#refused.keys()) if (isOfIt(wish)) this.#refused.delete(wish);
    for (const id of this.#wanted) if (isOfIt(id)) this.#wanted.delete(id);
    const numbers = commitments.map(({ paper }) => paper.number);
    this.#context.pipe(
      this.#options.journal.commit(forgetDeal(deal, numbers)),
      () => ({ type: 'forgotten' }),
      (fault) => ({ type: 'unread', fault }),
    );
  }
}

async function readLook({ journal, ledger, provider }: CashierOptions): Promise<Look> {
  const { records, commitments } = await loadDealRows(journal);
  const payout = (await ledger.payoutOf(provider)) ?? provider;
  const [health, stake, balance] = await Promise.all([
    ledger.health(),
    ledger.stake(provider),
    ledger.balance(payout),
  ]);
  const parts: Part[] = [];
  for (const record of records) {
    const share = await ledger.share(record.deal, record.provider);
    parts.push({ record, commitments: commitments.get(record.deal) ?? [], share });
  }
  return { health, parts, stake, balance };
}

function claimOf({ record, commitments }: Part): Claim {
  const { deal, terms, provider, voucher } = record;
  return { deal, terms, provider, voucher, commitments: commitments.map(({ paper }) => paper) };
}

function viewOf(look: Look | undefined): EarningsView {
  if (look === undefined) return { deals: [], stake: null, balance: null, chain: null };
  const { health: chain, parts, stake, balance } = look;
  return { deals: parts.map(earningsOf), stake, balance, chain };
}

function earningsOf({ record, share }: Part): DealEarnings {
  const { deal, terms, book, voucher } = record;
  const { requester, workUntil, redeemUntil } = terms;
  return {
    deal,
    requester,
    owed: owedIn(book),
    vouchered: voucher?.voucher.amount ?? 0n,
    allocated: share.allocated,
    redeemed: share.paid,
    bundles: voucher?.voucher.bundles ?? 0,
    share: share.state,
    workUntil,
    redeemUntil,
  };
}
