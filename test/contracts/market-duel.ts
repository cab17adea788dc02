/**
 * One history on both sides, the contracts and their model: after every call both have said the same, made
 * the same news, and read the same to the last unit. A difference ends it, and tells all calls up to there.
 */

import type { LedgerNews, Seconds } from '../../src/resource/ledger.ts';
import { stepLedger } from '../../src/resource/ledger-machine.ts';
import { LedgerState } from '../../src/resource/ledger-state.ts';
import { GENESIS } from '../resource/deal-papers.ts';
import type { ChainEvent, MarketChain } from './market-chain.ts';
import { CAST, type Move, Play, TOKENS, type Turn } from './market-play.ts';
import { Sights } from './market-sights.ts';

export class Duel {
  readonly #chain: MarketChain;
  readonly #play: Play;
  readonly #sights: Sights;
  readonly #state: LedgerState;
  readonly #count: (what: string) => void;
  readonly #told: string[] = [];
  #time = GENESIS;

  /** `count` hears of each call that was taken, of each error, and of the news. */
  constructor(chain: MarketChain, count: (what: string) => void) {
    this.#chain = chain;
    this.#play = new Play(chain.domain);
    this.#sights = new Sights(chain, this.#play);
    this.#state = new LedgerState({
      domain: chain.domain,
      registry: chain.at.ProviderRegistry,
      tokens: new Map(CAST.map(({ account }) => [account, TOKENS])),
    });
    this.#count = count;
  }

  async open(): Promise<void> {
    for (const turn of this.#play.opening()) await this.#turn(turn);
  }

  /** The chain has opened already: the model follows. */
  catchUp(): void {
    for (const turn of this.#play.opening()) {
      this.#time += 1;
      stepLedger(this.#state, turn[0].account, turn[1], this.#time as Seconds);
      this.#play.remember(turn, this.#time);
    }
  }

  async move(move: Move): Promise<void> {
    const { name, dice } = move;
    if (name !== 'wait' && name !== 'cool') return this.#turn(this.#play.turn(name, dice));
    // The call that follows comes a second later.
    this.#time = Math.max(this.#time, this.#play.waitUntil(move, this.#time) - 1);
  }

  async #turn(turn: Turn): Promise<void> {
    const [from, call] = turn;
    this.#time += 1;
    const time = this.#time as Seconds;
    const before = this.#sights.inModel(this.#state, time);
    const { refusal, news } = stepLedger(this.#state, from.account, call, time);
    const attempt = await this.#chain.attempt(from.account, call, time);
    const [inModel, onChain] = [refusal ?? 'taken', attempt.refusal ?? 'taken'];
    this.#told.push(`${time} ${from.account} ${call.type}: ${inModel} in the model, ${onChain} on the chain`);
    if (inModel !== onChain) this.#fail('they answer differently');
    this.#count(refusal ?? call.type);
    if (refusal !== undefined) {
      if (this.#sights.inModel(this.#state, time) !== before) this.#fail('the refused call left a trace');
      return;
    }
    this.#play.remember(turn, time);
    for (const { type } of news) this.#count(`${type} by ${call.type}`);
    const [told, logged] = [newsOf(news), eventsOf(attempt.events)];
    if (told !== logged) this.#fail(`news: ${told} in the model, ${logged} on the chain`);
    const differences = await this.#sights.differences(this.#state, time);
    if (differences.length > 0) this.#fail(differences.join('\n'));
  }

  #fail(why: string): never {
    throw new TypeError(`${why}\n${this.#told.join('\n')}`);
  }
}

/** News, and which of their words are in the contracts' events. */
const NEWS: Readonly<Record<LedgerNews['type'], readonly string[]>> = {
  dealOpened: ['deal'],
  allocated: ['deal', 'provider', 'allocated'],
  redeemed: ['deal', 'provider', 'amount'],
  committed: ['deal', 'provider', 'number'],
  settled: ['deal', 'unit', 'digest'],
  slashed: ['deal', 'provider', 'stake'],
  released: ['deal', 'provider', 'stake'],
  dealClosed: ['deal', 'refund'],
};

function newsOf(news: readonly LedgerNews[]): string {
  return news.map((each) => line(each.type, { ...each })).join('; ');
}

function eventsOf(events: readonly ChainEvent[]): string {
  const typed = events.map(
    ({ name, words }) => [`${name[0]!.toLowerCase()}${name.slice(1)}`, words] as const,
  );
  return typed.flatMap(([type, words]) => (isNews(type) ? [line(type, words)] : [])).join('; ');
}

function isNews(type: string): type is LedgerNews['type'] {
  return type in NEWS;
}

function line(type: LedgerNews['type'], words: Readonly<Record<string, unknown>>): string {
  return [type, ...NEWS[type].map((name) => String(words[name]))].join(' ');
}
