/**
 * The measures and brands that every layer shares.
 *
 * A quantity carries its unit in its name (`deadlineMs`, `outputBytesMax`); an identity carries it in its
 * type, so that two ids of the same shape cannot be exchanged. Money never is a `number`.
 */

declare const brand: unique symbol;

/** A `Base` that only the constructor of `Name` may make. Erased at run time. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A duration, or an instant counted from the Unix epoch by the injected clock. */
export type Milliseconds = number;

/** A number of octets. */
export type Bytes = number;

/** SHA-256, 64 lower-case hexadecimal digits: what `sha256sum` prints. */
export type Digest = Brand<string, 'Digest'>;

export const SECOND_MS: Milliseconds = 1_000;
export const MINUTE_MS: Milliseconds = 60_000;
export const KIB: Bytes = 1_024;
export const MIB: Bytes = 1_048_576;
export const GIB: Bytes = 1_073_741_824;
