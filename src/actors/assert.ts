/**
 * Assertions for programmer errors. They stay on in production: a wrong state that goes on costs more than
 * the comparison, and supervision turns the failure into a restart (after TigerBeetle's TIGER_STYLE).
 */

import { actorsErrors } from './errors.ts';

/** `message` is the rule that should hold, as a clause: `a lease has an epoch`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw actorsErrors.ACTORS_ASSERTION({ message });
}

/** The default branch of an exhaustive `switch`: the compiler rejects it while a case is missing. */
export function unreachable(value: never): never {
  throw actorsErrors.ACTORS_ASSERTION({ message: `${JSON.stringify(value)} is one of the known cases` });
}
