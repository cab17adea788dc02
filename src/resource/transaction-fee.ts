/**
 * What a transaction offers for being mined (EIP-1559), and what the next one offers for taking its place.
 */

/** In wei for each unit of gas. */
export interface Fee {
  /** At most, base fee and tip together. */
  readonly maxFee: bigint;
  /** For whoever makes the block. */
  readonly tip: bigint;
}

/** What the chain asks for at a block. */
export interface FeeSuggestion {
  readonly baseFee: bigint;
  readonly tip: bigint;
}

/**
 * Twice the base fee: it grows by an eighth for each full block, so the transaction stays good through six of
 * them (2 > 1.125^5 · 1.1), and what exceeds the base fee is not paid. Never above `cap`: a transaction then
 * waits until the chain is cheaper.
 */
export function feeAt({ baseFee, tip }: FeeSuggestion, cap: bigint): Fee {
  const maxFee = least(2n * baseFee + tip, cap);
  return { maxFee, tip: least(tip, maxFee) };
}

/**
 * The fee of a replacement, or undefined if the cap leaves no room for one. Pools ask for an increase of both
 * figures, by a tenth in geth (`txpool.pricebump`) and by an eighth where they are stricter, and by more than
 * nothing where they are small.
 */
export function feeAbove(old: Fee, suggestion: FeeSuggestion, cap: bigint): Fee | undefined {
  const wanted = feeAt(suggestion, cap);
  const maxFee = most(raised(old.maxFee), wanted.maxFee);
  if (maxFee > cap) return undefined;
  return { maxFee, tip: least(most(raised(old.tip), wanted.tip), maxFee) };
}

function raised(amount: bigint): bigint {
  return most((amount * 9n + 7n) / 8n, amount + 1n);
}

function most(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
