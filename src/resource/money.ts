/**
 * Amounts of the token as people write them: `12.5`. Read exactly or not at all, never rounded, and never a
 * floating-point number in between.
 *
 * Reading what was written gives the same amount; an amount has one way to be written.
 */

/** Of the token; one token is 10¹⁸ of its smallest unit. */
const DECIMALS = 18;
const TOKEN = 10n ** BigInt(DECIMALS);

/** What the contracts can hold: 96 bits, which is more than the token's cap. */
const AMOUNT_MAX = 2n ** 96n - 1n;

/** Ten digits before the point are within 96 bits, eleven are not; 18 after it are all that there are. */
const FORM = /^(\d{1,11})(?:\.(\d{1,18}))?$/;

/** In the smallest unit; undefined for anything but digits with at most one point, or more than fits. */
export function parseAmount(text: string): bigint | undefined {
  const [, whole, fraction = ''] = FORM.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const amount = BigInt(whole) * TOKEN + BigInt(fraction.padEnd(DECIMALS, '0'));
  return amount <= AMOUNT_MAX ? amount : undefined;
}

/** Without zeros at its end, and without a point if nothing is behind it. */
export function formatAmount(amount: bigint): string {
  const digits = (amount % TOKEN).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  const whole = (amount / TOKEN).toString();
  return digits === '' ? whole : `${whole}.${digits}`;
}
