/** Everything that can be read of a play, on the chain and in the model, in the same form. */

import type { Account } from '../../src/connectivity/index.ts';
import type { Seconds } from '../../src/resource/ledger.ts';
import { type LedgerState, NOTHING } from '../../src/resource/ledger-state.ts';
import { workerOf } from '../../src/resource/registry-laws.ts';
import { scoreOf } from '../../src/resource/reputation-laws.ts';
import { word } from '../resource/deal-papers.ts';
import type { MarketChain, Question } from './market-chain.ts';
import { CAST, NUMBERS, OWNERS, type Play, UNITS } from './market-play.ts';

/** One view, and what the model has to say to it. */
interface Sight {
  readonly question: Question;
  readonly inModel: (state: LedgerState, time: Seconds) => readonly unknown[];
}

export class Sights {
  readonly #sights: readonly Sight[];
  readonly #read: (time: number) => Promise<readonly (readonly unknown[])[]>;

  constructor(chain: MarketChain, play: Play) {
    this.#sights = [...accountSights(chain), ...providerSights(), ...dealSights(play)];
    this.#read = chain.reader(this.#sights.map(({ question }) => question));
  }

  /** Empty where they agree. */
  async differences(state: LedgerState, time: Seconds): Promise<readonly string[]> {
    const onChain = await this.#read(time);
    return this.#sights.flatMap(({ question, inModel }, place) => {
      const [chain, model] = [textOf(onChain[place]), textOf(inModel(state, time))];
      return chain === model ? [] : [`${question.join(' ')}: ${model} in the model, ${chain} on the chain`];
    });
  }

  inModel(state: LedgerState, time: Seconds): string {
    return this.#sights.map(({ inModel }) => textOf(inModel(state, time))).join('\n');
  }
}

function accountSights({ at }: MarketChain): readonly Sight[] {
  const contracts = [at.JobMarket, at.ProviderRegistry];
  const accounts = CAST.map(({ account }) => account);
  return [
    ...[...accounts, ...contracts].map((account) =>
      sight(['GridToken', 'balanceOf', account], (state) => [state.tokens.get(account)]),
    ),
    ...accounts.flatMap((account) => [
      sight(['JobMarket', 'balanceOf', account], (state) => [state.balances.get(account)]),
      sight(['ProviderRegistry', 'providerOf', account], (state) => [workerOf(state, account) ?? NOBODY]),
      ...contracts.map((spender) =>
        sight(['GridToken', 'allowance', account, spender], (state) => [
          state.allowances.get(account, spender),
        ]),
      ),
      ...[0, 1].map((subject) =>
        sight(['ResultAnchor', 'rootOf', account, word(subject)], (state) => [
          state.anchors.get(account, word(subject)) ?? NOTHING,
        ]),
      ),
    ]),
  ];
}

function providerSights(): readonly Sight[] {
  return OWNERS.flatMap(({ account }) => [
    sight(['ProviderRegistry', 'payoutOf', account], (state) => [
      state.providers.get(account).payout ?? NOBODY,
    ]),
    sight(['ProviderRegistry', 'stakeOf', account], (state) => {
      const { staked, locked } = state.providers.get(account);
      return [[staked, locked]];
    }),
    sight(['ProviderRegistry', 'unbondingOf', account], (state) => {
      const { unbonding, readyAt } = state.providers.get(account);
      return [[unbonding, readyAt]];
    }),
    sight(['Reputation', 'scoreOf', account], (state, time) => [scoreOf(state, account, time)]),
  ]);
}

function dealSights({ deals }: Play): readonly Sight[] {
  return deals.flatMap((calls) => [
    sight(['JobMarket', 'dealOf', calls.deal], (state) => {
      const row = state.deals.get(calls.deal);
      return [[row.remaining, row.promised, row.openedAt, DEAL_STATES.indexOf(row.state)]];
    }),
    ...OWNERS.flatMap(({ account }) => [
      sight(['JobMarket', 'shareOf', calls.deal, account], (state) => {
        const row = state.shares.get(calls.deal, account);
        const counts = [row.committed, row.revealed, row.openCases];
        return [[row.allocated, row.paid, ...counts, SHARE_STATES.indexOf(row.state)]];
      }),
      ...NUMBERS.map((number) =>
        sight(['JobMarket', 'bundleOf', calls.deal, account, number], (state) => [
          state.bundles.get(calls.deal, account, number)?.seal ?? NOTHING,
        ]),
      ),
    ]),
    ...UNITS.map((index) =>
      sight(['JobMarket', 'caseOf', calls.deal, calls.unit(index)], (state) => {
        const { testimonies, settled } = state.cases.get(calls.deal, calls.unit(index));
        const providers = testimonies.map(({ provider }) => provider);
        return [providers, testimonies.map(({ digest }) => digest), settled];
      }),
    ),
  ]);
}

/** As the contracts number them. */
const DEAL_STATES = ['none', 'open', 'closed'];
const SHARE_STATES = ['none', 'joined', 'locked', 'released', 'slashed'];
const NOBODY = `0x${'0'.repeat(40)}` as Account;

function sight(question: Question, inModel: Sight['inModel']): Sight {
  return { question, inModel };
}

/** Numbers as texts, whether they were bigints or not. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (['bigint', 'number'].includes(typeof inner) ? `${inner}` : inner));
