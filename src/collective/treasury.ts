/**
 * The money of all batches of one broker: opens a deal for each batch that is to be paid for, hears what its
 * work earns, brings lies to the chain, and anchors what the batch ended in.
 *
 * It stands beside the broker and follows it like any other follower, so nothing in a turn of the broker
 * waits for a chain. A paid batch is given out only once its deal is open (`funded`), and ends without work
 * if its deal cannot be opened. What has to survive is in the journals of the settlements, its children.
 */

import {
  type ActorRef,
  type Behaviour,
  type BehaviourFactory,
  type Context,
  type Digest,
  digestOf,
  type Fault,
  type Journal,
  type Milliseconds,
} from '../actors/index.ts';
import type { AccountSigner, HotSigner, OwnerId, TypedDomain } from '../connectivity/index.ts';
import type { TaskFile } from '../fabric/index.ts';
import { type Bytes32, type DealId, formatAmount, type Ledger } from '../resource/index.ts';
import type { LeaseNews, Terms } from '../resource/index.ts';
import type { BatchId, BatchSpec, UnitIndex } from './batch.ts';
import type { BatchNews, BrokerMail } from './broker-mail.ts';
import { type Dispute, disputeOver, type ReadCommitment } from './dispute.ts';
import { type Provenance, provenanceOf } from './provenance.ts';
import { readResults } from './result-rows.ts';
import { settlementActor, type SettlementMail, type SettlementNews } from './settlement-actor.ts';

export type TreasuryMail =
  | BatchNews
  | SettlementNews
  | Extract<LeaseNews, { type: 'joined' | 'owed' }>
  /** A batch that is to be paid for: when it is durable, and again after each start of the broker. */
  | { readonly type: 'submitted'; readonly spec: BatchSpec }
  /** It ended before this process began. */
  | { readonly type: 'over'; readonly batch: BatchId; readonly files: readonly TaskFile[] }
  | { readonly type: 'proved'; readonly batch: BatchId; readonly provenance: Provenance }
  | { readonly type: 'disputable'; readonly batch: BatchId; readonly dispute: Dispute | undefined }
  | { readonly type: 'unread'; readonly fault: Fault }
  | {
      readonly type: 'showDeal';
      readonly batch: BatchId;
      readonly reply: (deal: BatchDeal | undefined) => void;
    };

/** What faces and verifiers may know of a batch's money. */
export interface BatchDeal {
  readonly deal: DealId;
  readonly terms: Terms;
  /** Of results and provenance, once the batch is final; `null` before. */
  readonly provenance: Provenance | null;
}

export interface TreasuryOptions {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly domain: TypedDomain;
  /** Whose deposit it is: signs the terms of each deal. Its key may be elsewhere, and locked for a while. */
  readonly requester: AccountSigner;
  /** The broker's own key: allocates, signs vouchers, and pays for the calls. */
  readonly agent: HotSigner;
  /** How often deadlines are looked at; 5 s unless given. */
  readonly lookMs?: Milliseconds;
  readonly broker: ActorRef<BrokerMail>;
  readonly readCommitment: ReadCommitment;
  /** Of a file of a result, wherever its bytes are. */
  readonly hashFile: (file: TaskFile) => Promise<Digest>;
}

export function treasury(options: TreasuryOptions): BehaviourFactory<TreasuryMail> {
  return () => new Treasury(options);
}

interface Account {
  readonly spec: BatchSpec;
  readonly settlement: ActorRef<SettlementMail>;
  opened: { readonly deal: DealId; readonly terms: Terms } | undefined;
  /** Why its deal is not open yet, or nothing more is paid under it. */
  delay: string | undefined;
  provenance: Provenance | null;
  isProving: boolean;
}

class Treasury implements Behaviour<TreasuryMail> {
  readonly #options: TreasuryOptions;
  readonly #accounts = new Map<BatchId, Account>();
  readonly #byDeal = new Map<DealId, Account>();

  constructor(options: TreasuryOptions) {
    this.#options = options;
  }

  receive(mail: TreasuryMail, context: Context<TreasuryMail>): void {
    switch (mail.type) {
      case 'submitted':
        this.#open(mail.spec, context);
        break;
      case 'changed':
        if (mail.view.endedAt !== null) this.#prove(mail.view.batch, mail.view.files, context);
        break;
      case 'over':
        this.#prove(mail.batch, mail.files, context);
        break;
      case 'discredited':
        this.#look(mail.batch, mail.unit, mail.owner, context);
        break;
      case 'recovered':
        break;
      case 'joined': {
        const { type, provider, acceptance } = mail;
        this.#byDeal.get(mail.deal)?.settlement.tell({ type, provider, acceptance });
        break;
      }
      case 'owed': {
        const { type, provider, amount } = mail;
        this.#byDeal.get(mail.deal)?.settlement.tell({ type, provider, amount });
        break;
      }
      case 'settling':
        this.#settling(mail, context);
        break;
      case 'proved':
        context.inspect({ topic: 'deal.proved', details: { batch: mail.batch, root: mail.provenance.root } });
        this.#proved(mail.batch, mail.provenance);
        break;
      case 'disputable':
        if (mail.dispute)
          this.#accounts.get(mail.batch)?.settlement.tell({ type: 'disputed', ...mail.dispute });
        break;
      case 'unread':
        context.inspect({ topic: 'treasury.unread', level: 'error', fault: mail.fault.toWire() });
        break;
      case 'showDeal':
        mail.reply(this.#show(mail.batch));
        break;
    }
  }

  #open(spec: BatchSpec, context: Context<TreasuryMail>): void {
    const { batch, pay } = spec;
    if (pay === undefined || this.#accounts.has(batch)) return;
    const { broker, readCommitment, hashFile, ...ours } = this.#options;
    const own = { batch, spec: `0x${digestOf(spec)}` as Bytes32, pay, treasury: context.self };
    const settlement = context.spawn(`deal-${batch}`, settlementActor({ ...ours, ...own }));
    this.#accounts.set(batch, {
      spec,
      settlement,
      opened: undefined,
      delay: undefined,
      provenance: null,
      isProving: false,
    });
  }

  #settling({ batch, effect }: SettlementNews, context: Context<TreasuryMail>): void {
    const account = this.#accounts.get(batch);
    if (account === undefined) return;
    const { broker } = this.#options;
    switch (effect.type) {
      case 'opened': {
        const { deal, terms } = effect;
        account.opened = { deal, terms };
        this.#byDeal.set(deal, account);
        context.inspect({ topic: 'deal.opened', details: { batch, deal } });
        broker.tell({ type: 'funded', batch, deal, terms });
        break;
      }
      case 'failed':
        broker.tell({ type: 'unfunded', batch, reason: `its deal was refused: ${effect.error}` });
        break;
      case 'expired':
        broker.tell({ type: 'unfunded', batch, reason: 'the working time of its deal is over' });
        break;
      case 'spent':
        this.#delay(account, `its budget of ${formatAmount(effect.budget)} is used up`, context);
        break;
      case 'delayed':
        this.#delay(account, effect.reason, context);
        break;
      case 'allocated': {
        const { deal } = account.opened!;
        const { provider, allocated } = effect;
        broker.tell({ type: 'allocated', deal, provider, allocated });
        break;
      }
      case 'closed':
        context.inspect({ topic: 'deal.closed', details: { batch, deal: account.opened!.deal } });
        break;
    }
  }

  /** Said when it changes: whoever waits reads why. */
  #delay(account: Account, reason: string, context: Context<TreasuryMail>): void {
    if (reason === account.delay) return;
    account.delay = reason;
    const { batch } = account.spec;
    context.inspect({ topic: 'deal.delayed', level: 'warn', details: { batch, reason } });
    this.#options.broker.tell({ type: 'delayed', batch, reason });
  }

  /** From the rows, which are all there once the batch has ended. */
  #prove(batch: BatchId, files: readonly TaskFile[], context: Context<TreasuryMail>): void {
    const account = this.#accounts.get(batch);
    if (account === undefined || account.isProving) return;
    account.isProving = true;
    const { journal, hashFile } = this.#options;
    const prove = async () => {
      const hashed = [];
      for (const file of files) hashed.push({ path: file.path, sha256: await hashFile(file) });
      return provenanceOf(readResults(journal, batch), hashed);
    };
    context.pipe(
      prove(),
      (provenance) => ({ type: 'proved', batch, provenance }),
      (fault) => ({ type: 'unread', fault }),
    );
  }

  #proved(batch: BatchId, provenance: Provenance): void {
    const account = this.#accounts.get(batch);
    if (account === undefined) return;
    account.provenance = provenance;
    account.settlement.tell({ type: 'ended', root: provenance.root });
  }

  #look(batch: BatchId, unit: UnitIndex, owner: OwnerId, context: Context<TreasuryMail>): void {
    const account = this.#accounts.get(batch);
    if (account === undefined || account.spec.pay?.stakeLock === '0') return;
    const { journal, readCommitment } = this.#options;
    const { minQuorum } = account.spec.pay!;
    context.pipe(
      disputeOver(journal, { owner, batch, unit }, minQuorum, readCommitment),
      (dispute) => ({ type: 'disputable', batch, dispute }),
      (fault) => ({ type: 'unread', fault }),
    );
  }

  #show(batch: BatchId): BatchDeal | undefined {
    const account = this.#accounts.get(batch);
    if (account?.opened === undefined) return undefined;
    return { ...account.opened, provenance: account.provenance };
  }
}
