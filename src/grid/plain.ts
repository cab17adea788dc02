/**
 * Amounts of the token in what faces see: decimal texts of its smallest unit, as JSON has no integers of that
 * size, and every other language can read them.
 */

export type Plain<Value> = Value extends bigint
  ? string
  : Value extends string | number | boolean | null | undefined
    ? Value
    : { readonly [Member in keyof Value]: Plain<Value[Member]> };

/** Everything but amounts stays as it is. */
export function plain<Value>(value: Value): Plain<Value> {
  return plainOf(value) as Plain<Value>;
}

function plainOf(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainOf(member)]));
}
