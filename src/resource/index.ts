/** The door of the resource layer. */
export type { Invitation } from './broker-book.ts';
export * from './account-book.ts';
export * from './bundle-commitment.ts';
export * from './capacity.ts';
export { cashier } from './cashier.ts';
export type { CashierInternal, CashierMail, CashierOptions, DealEarnings, EarningsView } from './cashier.ts';
export * from './commitment.ts';
export * from './deal.ts';
export * from './deal-at-broker.ts';
export * from './deal-at-provider.ts';
export * from './deal-check.ts';
export * from './deal-paper.ts';
export type {
  DeskConfig,
  DeskInternal,
  DeskMail,
  DeskOptions,
  DeskView,
  TakenLeaseView,
} from './desk-mail.ts';
export type { DeskPayments } from './desk-payments.ts';
export * from './errors.ts';
export { provesLeaf, treeProof, treeRoot } from './keccak-tree.ts';
export { leaseHolder } from './holder.ts';
export type { HolderOptions } from './holder-options.ts';
export type { HolderPayments } from './holder-payments.ts';
export { readCommitment } from './holder-deal-store.ts';
export { type HolderConfig, holderDefaults } from './holder-config.ts';
export type { HolderInternal } from './holder-mail.ts';
export type { Evidence } from './holder-store.ts';
export * from './lease-at-broker.ts';
export * from './lease-at-provider.ts';
export { leaseDesk } from './lease-desk.ts';
export type * from './lease-holder.ts';
export * from './lease-limits.ts';
export type * from './ledger.ts';
export * from './ledger-codec.ts';
export type { EvmContracts } from './contract-calls.ts';
export type { TransactionSigner } from './intent-hand.ts';
export { type EvmLedgerOptions, openEvmLedger } from './ledger-evm.ts';
export { createMemoryChain, type MemoryChain, type MemoryChainOptions } from './ledger-memory.ts';
export { leaseProtocol } from './lease-schema.ts';
export type * from './lease-wire.ts';
export type { Metered } from './meter.ts';
export * from './money.ts';
export * from './offer.ts';
export * from './ownership.ts';
export * from './policy.ts';
export * from './provider-lease.ts';
export * from './receipt.ts';
export * from './redemption.ts';
export type { TakenDealView } from './taken-deal.ts';
export { type TokenTransfer, tokenTransfers } from './token-history.ts';
export * from './voucher.ts';
export * from './worker-link.ts';
