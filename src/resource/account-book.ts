/**
 * What is owed for work, as both sides of a lease count it: `tariff × credit`, rounded down.
 *
 * Provider and broker keep a book each, of the same receipts, and never compare them but by vouchers. It is
 * rounded down over all of a lease at once, so many small bundles are worth what one large one is, and the
 * two can never drift apart.
 */

export interface AccountBook {
  /** Token units for 10^12 reference operations. */
  readonly tariff: bigint;
  /** Owed before this lease. */
  readonly base: bigint;
  /** Reference operations under this lease. */
  readonly credit: bigint;
}

/** A core does about 10^9 reference operations a second: tariffs are whole numbers for any real token. */
const TARIFF_OPERATIONS = 10n ** 12n;

/** `base`: owed already under the same deal. */
export function openBook(tariff: bigint, base: bigint): AccountBook {
  return { tariff, base, credit: 0n };
}

export function owedIn({ tariff, base, credit }: AccountBook): bigint {
  return base + (tariff * credit) / TARIFF_OPERATIONS;
}

export function earn(book: AccountBook, operations: bigint): AccountBook {
  return { ...book, credit: book.credit + operations };
}

/**
 * What is paid was owed: whoever gets more than it counts has lost its memory, and takes the other's word
 * for the past instead of working the difference off twice.
 */
export function follow(book: AccountBook, paid: bigint): AccountBook {
  const missing = paid - owedIn(book);
  return missing > 0n ? { ...book, base: book.base + missing } : book;
}

/** What the market pays of a promise. */
export function payable(amount: bigint, allocated: bigint): bigint {
  return allocated >= amount ? amount : allocated;
}

/** The most that these operations can add to what is owed. */
export function costOf(tariff: bigint, operations: bigint): bigint {
  return (tariff * operations + TARIFF_OPERATIONS - 1n) / TARIFF_OPERATIONS;
}
