/** The laws of money played with the parties of `deal-papers`, one call after the other. */

import type { Account, HotSigner } from '../../src/connectivity/index.ts';
import type { LedgerCall, LedgerNews, Terms } from '../../src/resource/ledger.ts';
import { stepLedger } from '../../src/resource/ledger-machine.ts';
import { LedgerState } from '../../src/resource/ledger-state.ts';
import { DealCalls } from './deal-calls.ts';
import { domain, GENESIS, provider, requester, seconds, signerOf, terms, worker } from './deal-papers.ts';

/** The calls of the usual deal. */
export const calls = new DealCalls(domain, terms);

export const registry = signerOf(10).account;

export class LedgerWorld {
  readonly state: LedgerState;
  readonly news: LedgerNews[] = [];
  time = GENESIS;

  constructor(holders: readonly HotSigner[] = [requester, provider], tokens = 10_000n) {
    this.state = new LedgerState({
      domain,
      registry,
      tokens: new Map(holders.map(({ account }) => [account, tokens])),
    });
  }

  /** The name of the error, or `ok`. */
  call(from: HotSigner, call: LedgerCall): string {
    const { refusal, news } = stepLedger(this.state, from.account, call, seconds(this.time));
    this.news.push(...news);
    return refusal ?? 'ok';
  }

  /** Everything up to an open deal with a provider that may take part. */
  prepare(given: Terms = terms): void {
    this.must(requester, { type: 'approve', spender: 'market', amount: 10_000n });
    this.must(requester, { type: 'deposit', amount: 5_000n });
    this.must(requester, new DealCalls(domain, given).open());
    this.join(provider, [worker]);
  }

  join(owner: HotSigner, workers: readonly HotSigner[], stake = 500n): void {
    this.must(owner, {
      type: 'register',
      payout: owner.account,
      workers: workers.map(({ account }) => account),
    });
    if (stake === 0n) return;
    this.must(owner, { type: 'approve', spender: 'registry', amount: stake });
    this.must(owner, { type: 'stake', amount: stake });
  }

  must(from: HotSigner, call: LedgerCall): void {
    const said = this.call(from, call);
    if (said !== 'ok') throw new TypeError(`${call.type} was refused: ${said}`);
  }

  /** Tokens everywhere; burnt ones are gone. */
  total(accounts: readonly Account[]): bigint {
    const holders = [...accounts, this.state.market, this.state.registry];
    return holders.reduce((sum, account) => sum + this.state.tokens.get(account), 0n);
  }
}
