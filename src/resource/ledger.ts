/**
 * The ledger as a port: what the grid does to money, and what it can read of it.
 *
 * A `LedgerCall` is one call of the contracts as a plain value, named and typed as in
 * `contracts/src/interfaces`; it can be journalled before it is sent, and compared. Two ledgers understand
 * it: `ledger-memory`, a pure machine of the contracts' laws, and `ledger-evm`, which sends it to a chain. A
 * refusal has the contracts' own name (`BudgetExceeded`), so both can be held to one another.
 *
 * Amounts are in the token's smallest unit and fit into 96 bits, times are seconds of the chain's clock.
 */

import type { Brand, Milliseconds } from '../actors/index.ts';
import type { Account, TypedSignature } from '../connectivity/index.ts';

/** 32 octets as `0x` and 64 lower-case hex digits. */
export type Bytes32 = Brand<string, 'Bytes32'>;
/** The EIP-712 digest of a deal's terms. */
export type DealId = Brand<string, 'DealId'>;
export type Seconds = Brand<number, 'Seconds'>;

export interface Terms {
  readonly requester: Account;
  readonly agent: Account;
  readonly spec: Bytes32;
  readonly budget: bigint;
  readonly stakeLock: bigint;
  readonly minQuorum: number;
  readonly workUntil: Seconds;
  readonly revealUntil: Seconds;
  readonly disputeUntil: Seconds;
  readonly redeemUntil: Seconds;
  readonly salt: Bytes32;
}

export interface Allocation {
  readonly provider: Account;
  readonly amount: bigint;
  /** `0x` where the deal locks no stake. */
  readonly acceptance: TypedSignature;
}

export interface Voucher {
  readonly deal: DealId;
  readonly provider: Account;
  /** Cumulative. */
  readonly amount: bigint;
  /** 0: paid at once. */
  readonly bundles: number;
}

export interface Commitment {
  readonly deal: DealId;
  readonly provider: Account;
  readonly number: number;
  readonly seal: Bytes32;
}

export interface Testimony {
  readonly provider: Account;
  readonly number: number;
  readonly unit: Bytes32;
  readonly digest: Bytes32;
  readonly proof: readonly Bytes32[];
}

/**
 * Named as the functions of `IJobMarket`, `IProviderRegistry` and `IResultAnchor`; all other members are
 * arguments. `sendEther` is the chain's own: what pays for gas, in wei.
 */
export type LedgerCall =
  | { readonly type: 'sendEther'; readonly to: Account; readonly amount: bigint }
  | { readonly type: 'approve'; readonly spender: 'market' | 'registry'; readonly amount: bigint }
  | { readonly type: 'transfer'; readonly to: Account; readonly amount: bigint }
  | { readonly type: 'deposit'; readonly amount: bigint }
  | { readonly type: 'withdraw'; readonly to: Account; readonly amount: bigint }
  | { readonly type: 'open'; readonly terms: Terms; readonly signature: TypedSignature }
  | { readonly type: 'allocate'; readonly terms: Terms; readonly allocations: readonly Allocation[] }
  | {
      readonly type: 'redeemMany';
      readonly terms: Terms;
      readonly vouchers: readonly Voucher[];
      readonly signatures: readonly TypedSignature[];
    }
  | { readonly type: 'relinquish'; readonly terms: Terms; readonly provider: Account }
  | {
      readonly type: 'commit';
      readonly terms: Terms;
      readonly commitment: Commitment;
      readonly signature: TypedSignature;
    }
  | {
      readonly type: 'reveal';
      readonly terms: Terms;
      readonly provider: Account;
      readonly number: number;
      readonly root: Bytes32;
      readonly salt: Bytes32;
    }
  | { readonly type: 'testify'; readonly terms: Terms; readonly testimony: Testimony }
  | { readonly type: 'settle'; readonly terms: Terms; readonly unit: Bytes32 }
  | { readonly type: 'expire'; readonly terms: Terms; readonly provider: Account }
  | { readonly type: 'release'; readonly terms: Terms; readonly provider: Account }
  | { readonly type: 'close'; readonly terms: Terms }
  | { readonly type: 'register'; readonly payout: Account; readonly workers: readonly Account[] }
  | { readonly type: 'setPayout'; readonly payout: Account }
  | { readonly type: 'addWorker'; readonly worker: Account }
  | { readonly type: 'removeWorker'; readonly worker: Account }
  | { readonly type: 'stake'; readonly amount: bigint }
  | { readonly type: 'requestUnstake'; readonly amount: bigint }
  | { readonly type: 'unstake' }
  | { readonly type: 'anchor'; readonly subject: Bytes32; readonly root: Bytes32 };

/** The chain's own no, beside those of the contracts. */
export const ETHER_TOO_LOW = 'EtherTooLow';

export type CallOf<Type extends LedgerCall['type']> = Extract<LedgerCall, { readonly type: Type }>;

export interface DealView {
  readonly state: 'none' | 'open' | 'closed';
  readonly remaining: bigint;
  readonly promised: bigint;
}

export interface ShareView {
  readonly allocated: bigint;
  readonly paid: bigint;
  readonly committed: number;
  readonly revealed: number;
  readonly openCases: number;
  readonly state: 'none' | 'joined' | 'locked' | 'released' | 'slashed';
}

export interface StakeView {
  readonly staked: bigint;
  readonly locked: bigint;
  readonly unbonding: bigint;
  /** When `unbonding` can be taken; 0 if there is none. */
  readonly readyAt: Seconds;
}

export interface CaseView {
  readonly testimonies: readonly { readonly provider: Account; readonly digest: Bytes32 }[];
  readonly settled: boolean;
}

/** What happened on the chain, once it is confirmed. Amounts and names as in the contracts' events. */
export type LedgerNews =
  | { readonly type: 'dealOpened'; readonly deal: DealId; readonly terms: Terms }
  | {
      readonly type: 'allocated';
      readonly deal: DealId;
      readonly provider: Account;
      readonly allocated: bigint;
    }
  | { readonly type: 'redeemed'; readonly deal: DealId; readonly provider: Account; readonly amount: bigint }
  | { readonly type: 'committed'; readonly deal: DealId; readonly provider: Account; readonly number: number }
  | { readonly type: 'settled'; readonly deal: DealId; readonly unit: Bytes32; readonly digest: Bytes32 }
  | { readonly type: 'slashed'; readonly deal: DealId; readonly provider: Account; readonly stake: bigint }
  | { readonly type: 'released'; readonly deal: DealId; readonly provider: Account; readonly stake: bigint }
  | { readonly type: 'dealClosed'; readonly deal: DealId; readonly refund: bigint };

export interface LedgerHealth {
  readonly chainId: bigint;
  readonly block: number;
  /** The chain's clock at that block. */
  readonly time: Seconds;
  /** How old that block was when it was read. */
  readonly ageMs: Milliseconds;
  readonly healthy: boolean;
  /** A sentence for people where it is not. */
  readonly reason: string | null;
}

/**
 * Chosen by the caller, so that saying the same intent twice, before and after a crash, does it once. At most
 * 256 printable ASCII characters.
 */
export type IntentId = Brand<string, 'IntentId'>;

export interface Intent {
  readonly id: IntentId;
  readonly from: Account;
  readonly call: LedgerCall;
}

export type IntentOutcome =
  /** Confirmed as deep as the configuration asks. */
  | { readonly type: 'done'; readonly transaction: string; readonly gasUsed: bigint; readonly block: number }
  /** The contracts said no, by the name of their error; it will not be tried again. */
  | { readonly type: 'refused'; readonly error: string };

export interface Ledger {
  /**
   * Durable when this resolves; sent, bumped, sent again after reorganisations and restarts until it has an
   * outcome, which `outcome` tells. Intents of one account are carried out in the order in which they came.
   */
  intend(intent: Intent): Promise<void>;
  /** Waits for it. Rejects when `signal` aborts; the intent goes on. */
  outcome(id: IntentId, signal: AbortSignal): Promise<IntentOutcome>;
  health(): Promise<LedgerHealth>;
  /** What pays for gas, in wei. */
  ether(account: Account): Promise<bigint>;
  /** Tokens in hand. */
  tokens(account: Account): Promise<bigint>;
  /** In the market: deposits and pay. */
  balance(account: Account): Promise<bigint>;
  stake(provider: Account): Promise<StakeView>;
  /** The provider of a worker, or undefined. */
  providerOf(worker: Account): Promise<Account | undefined>;
  payoutOf(provider: Account): Promise<Account | undefined>;
  deal(deal: DealId): Promise<DealView>;
  share(deal: DealId, provider: Account): Promise<ShareView>;
  caseOf(deal: DealId, unit: Bytes32): Promise<CaseView>;
  /** The anchored root, or undefined. */
  anchored(publisher: Account, subject: Bytes32): Promise<Bytes32 | undefined>;
  /** Confirmed news from now on, in the chain's order. Returns what ends it. */
  follow(listener: (news: LedgerNews) => void): () => void;
  close(): Promise<void>;
}
