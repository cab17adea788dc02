/**
 * Whose machine this is: the owner's key signs the node's id once, and the statement travels in every offer.
 *
 * Replicas of one workunit never share an owner, so a node must not be able to name an owner that did not
 * name it.
 */

import type { Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId, VerifySignature } from '../connectivity/index.ts';
import type { OwnerStatement } from './lease-wire.ts';
import { statementBytes } from './statement.ts';

interface OwnerTerms {
  readonly owner: OwnerId;
  readonly peer: PeerId;
  readonly expiresAt: Milliseconds;
}

/** `sign` signs with the key that `owner` names. */
export function stateOwnership(terms: OwnerTerms, sign: (bytes: Uint8Array) => Uint8Array): OwnerStatement {
  const { owner, peer, expiresAt } = terms;
  return { owner, peer, expiresAt, signature: sign(statementBytes('owner', { owner, peer, expiresAt })) };
}

/** Why the statement does not make `peer` the owner's node at `now`; undefined if it does. */
export function ownershipFlaw(
  statement: OwnerStatement,
  peer: PeerId,
  now: Milliseconds,
  verify: VerifySignature,
): string | undefined {
  const { owner, expiresAt, signature } = statement;
  if (statement.peer !== peer) return 'its owner statement names another node';
  if (expiresAt <= now) return 'its owner statement has expired';
  const signed = statementBytes('owner', { owner, peer, expiresAt });
  return verify(owner, signed, signature) ? undefined : 'its owner statement is not signed by that owner';
}
