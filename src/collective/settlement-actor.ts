/**
 * Carries out the settlement of one batch: brings its calls to the ledger, and tells it what became of them
 * and what time it is on the chain.
 *
 * A child of the treasury, one for each paid batch. Its events are in the journal before any call is
 * intended; after a crash all calls without an outcome are intended again under the same names, which the
 * ledger does once.
 */

import {
  type ActorRef,
  type BehaviourFactory,
  type Context,
  type Fault,
  type Journal,
  machineBehaviour,
  type Milliseconds,
  SECOND_MS,
} from '../actors/index.ts';
import type {
  Account,
  AccountSigner,
  HotSigner,
  TypedDomain,
  TypedSignature,
} from '../connectivity/index.ts';
import {
  type Bytes32,
  dealIdOf,
  type IntentId,
  type IntentOutcome,
  type Ledger,
  type LedgerCall,
  type LedgerHealth,
  type Seconds,
  type Terms,
  termsData,
} from '../resource/index.ts';
import type { BatchId, BatchPay } from './batch.ts';
import {
  newSettlement,
  type Settlement,
  type SettlementEffect,
  type SettlementEvent,
  settlementMachine,
  type SettlementNewsEffect,
  settlementTold,
} from './settlement.ts';
import { decodeSettlementEvent, encodeSettlementEvent } from './settlement-codec.ts';

export type SettlementMail =
  | Extract<SettlementEvent, { type: 'joined' | 'owed' | 'disputed' | 'ended' }>
  | { readonly type: 'outcome'; readonly step: string; readonly outcome: IntentOutcome }
  /** The intent is durable at the ledger or not at all; it is said again. */
  | { readonly type: 'unheard'; readonly step: string; readonly call: LedgerCall; readonly fault: Fault }
  | { readonly type: 'again'; readonly step: string; readonly call: LedgerCall }
  | { readonly type: 'signed'; readonly terms: Terms; readonly signature: TypedSignature }
  | { readonly type: 'unsigned'; readonly fault: Fault }
  | { readonly type: 'healthy'; readonly health: LedgerHealth }
  | { readonly type: 'unhealthy'; readonly fault: Fault }
  | { readonly type: 'look' };

/** What the treasury learns. */
export interface SettlementNews {
  readonly type: 'settling';
  readonly batch: BatchId;
  readonly effect:
    | SettlementNewsEffect
    /** It is not open yet, for this reason. */
    | { readonly type: 'delayed'; readonly reason: string };
}

export interface SettlementOptions {
  readonly batch: BatchId;
  readonly spec: Bytes32;
  readonly pay: BatchPay;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly domain: TypedDomain;
  /** Has the deposit, and signs the terms; it may be asked again and again until it does. */
  readonly requester: AccountSigner;
  /** Sends the calls and pays for them. */
  readonly agent: HotSigner;
  /** How often the chain's clock is looked at; 5 s unless given. */
  readonly lookMs?: Milliseconds;
  readonly treasury: ActorRef<SettlementNews>;
}

/** Blocks come every twelve seconds; deadlines are minutes. */
const LOOK_MS: Milliseconds = 5 * SECOND_MS;
/** After a ledger that could not be reached. */
const RETRY_MS: Milliseconds = 2 * SECOND_MS;

export function settlementActor(options: SettlementOptions): BehaviourFactory<SettlementMail> {
  return () => {
    const hands = new Hands(options);
    return machineBehaviour<Settlement, SettlementEvent, SettlementEffect, SettlementMail>({
      machine: settlementMachine,
      journal: options.journal,
      stream: settlementStream(options.batch),
      initial: newSettlement,
      encodeEvent: encodeSettlementEvent,
      decodeEvent: decodeSettlementEvent,
      toEvent: (mail, state, context) => hands.eventOf(mail, state, context),
      perform: (effect, context) => hands.perform(effect, context),
      resumed: (state, context) => hands.resumed(state, context),
    });
  };
}

export function settlementStream(batch: BatchId): string {
  return `settlement/${batch}`;
}

type Hold = Context<SettlementMail>;

class Hands {
  readonly #options: SettlementOptions;
  /** Ends the waiting for outcomes with the process; the intents go on. */
  readonly #never = new AbortController().signal;
  readonly #lookMs: Milliseconds;
  #signing = false;

  constructor(options: SettlementOptions) {
    this.#options = options;
    this.#lookMs = options.lookMs ?? LOOK_MS;
  }

  eventOf(mail: SettlementMail, state: Settlement, context: Hold): SettlementEvent | undefined {
    switch (mail.type) {
      case 'joined':
        return state.shares.has(mail.provider) ? undefined : mail;
      case 'owed':
        return matters(state, mail.provider, mail.amount) ? mail : undefined;
      case 'disputed':
      case 'ended':
        return mail;
      case 'outcome': {
        const { step, outcome } = mail;
        if (state.ended.has(step)) return undefined;
        if (outcome.type === 'done') return { type: 'done', step };
        context.inspect({ topic: 'deal.refused', level: 'warn', details: { step, error: outcome.error } });
        return { type: 'refused', step, error: outcome.error };
      }
      case 'unheard':
        context.inspect({ topic: 'deal.unheard', level: 'warn', fault: mail.fault.toWire() });
        context.schedule(RETRY_MS, { type: 'again', step: mail.step, call: mail.call });
        return undefined;
      case 'again':
        this.#intend(mail.step, mail.call, context);
        return undefined;
      case 'signed':
        this.#signing = false;
        return state.terms === null ? this.#begun(mail.terms, mail.signature) : undefined;
      case 'unsigned':
        this.#signing = false;
        return this.#delayed(mail.fault.message);
      case 'healthy':
        context.schedule(this.#lookMs, { type: 'look' });
        return state.terms === null ? this.#begin(mail.health, context) : timeEvent(state, mail.health);
      case 'unhealthy':
        context.schedule(RETRY_MS, { type: 'look' });
        return state.terms === null ? this.#delayed(mail.fault.message) : undefined;
      case 'look':
        if (state.phase !== 'closed' && state.phase !== 'failed') this.#look(context);
        return undefined;
    }
  }

  perform(effect: SettlementEffect, context: Hold): void {
    if (effect.type === 'intend') this.#intend(effect.step, effect.call, context);
    else this.#options.treasury.tell({ type: 'settling', batch: this.#options.batch, effect });
  }

  /** The treasury has been restarted as well; what was wanted and has no outcome follows from the state. */
  resumed(state: Settlement, context: Hold): readonly SettlementEffect[] {
    if (state.phase !== 'closed' && state.phase !== 'failed') this.#look(context);
    const wanted = [...state.wanted].flatMap(([step, call]): SettlementEffect[] =>
      state.ended.has(step) ? [] : [{ type: 'intend', step, call }],
    );
    return [...settlementTold(state), ...wanted];
  }

  /** The terms count from the chain's clock, so an old one makes none. */
  #begin({ time, healthy, reason }: LedgerHealth, context: Hold): undefined {
    if (!healthy) return this.#delayed(reason ?? 'the newest block of the chain is old');
    if (this.#signing) return undefined;
    this.#signing = true;
    const { domain, requester } = this.#options;
    const terms = termsFor(this.#options, time);
    context.pipe(
      requester.signTyped(termsData(terms, domain)),
      (signature) => ({ type: 'signed', terms, signature }),
      (fault) => ({ type: 'unsigned', fault }),
    );
    return undefined;
  }

  #begun(terms: Terms, signature: TypedSignature): SettlementEvent {
    return { type: 'begun', deal: dealIdOf(terms, this.#options.domain), terms, signature };
  }

  #delayed(reason: string): undefined {
    const { treasury, batch } = this.#options;
    treasury.tell({ type: 'settling', batch, effect: { type: 'delayed', reason } });
    return undefined;
  }

  #intend(step: string, call: LedgerCall, context: Hold): void {
    const { ledger, agent, batch } = this.#options;
    if (step === 'open') this.#delayed(`it is on its way to the chain, and ${agent.account} pays the gas`);
    const id = `${batch}/${step}` as IntentId;
    const outcome = ledger
      .intend({ id, from: agent.account, call })
      .then(() => ledger.outcome(id, this.#never));
    context.pipe(
      outcome,
      (outcome) => ({ type: 'outcome', step, outcome }),
      (fault) => ({ type: 'unheard', step, call, fault }),
    );
  }

  #look(context: Hold): void {
    context.pipe(
      this.#options.ledger.health(),
      (health) => ({ type: 'healthy', health }),
      (fault) => ({ type: 'unhealthy', fault }),
    );
  }
}

function timeEvent({ terms, time: known }: Settlement, { time }: LedgerHealth): SettlementEvent | undefined {
  return phaseAt(terms!, time) === phaseAt(terms!, known) ? undefined : { type: 'clock', time };
}

function termsFor({ spec, pay, requester, agent }: SettlementOptions, now: Seconds): Terms {
  const after = (seconds: number) => (now + seconds) as Seconds;
  const { workS, windowS } = pay;
  return {
    requester: requester.account,
    agent: agent.account,
    spec,
    budget: BigInt(pay.budget),
    stakeLock: BigInt(pay.stakeLock),
    minQuorum: pay.minQuorum,
    workUntil: after(workS),
    revealUntil: after(workS + windowS),
    disputeUntil: after(workS + 2 * windowS),
    redeemUntil: after(workS + 3 * windowS),
    // A batch is submitted once, and its specification names it.
    salt: spec,
  };
}

/** How many deadlines have passed; between two of them nothing new is possible. */
function phaseAt({ workUntil, revealUntil, disputeUntil, redeemUntil }: Terms, time: Seconds): number {
  return [workUntil, revealUntil, disputeUntil, redeemUntil].filter((until) => time > until).length;
}

/** Whether an allocation has to grow for it. */
function matters(state: Settlement, provider: Account, amount: bigint): boolean {
  const share = state.shares.get(provider);
  return share !== undefined && amount > share.owed && amount * 4n >= share.allocated * 3n;
}
