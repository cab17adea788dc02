/**
 * Offers and grants: the two signed papers from which a lease is made.
 *
 * A flaw is returned as a few words, for the refusal that names it; nothing here throws.
 */

import { MINUTE_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { PeerId, Signer, VerifySignature } from '../connectivity/index.ts';
import type { Grant, Offer, SignedGrant, SignedOffer } from './lease-wire.ts';
import { ownershipFlaw } from './ownership.ts';
import { statementBytes } from './statement.ts';

/**
 * How far the clocks of two machines may differ. Desktops synchronise to well under a second; five minutes is
 * what Kerberos allows for those that do not.
 */
export const CLOCK_SKEW_MS: Milliseconds = 5 * MINUTE_MS;

/** An offer is made for the connection it travels on, so an old one is a replay. */
const OFFER_AGE_MS_MAX: Milliseconds = MINUTE_MS;

export function signOffer(offer: Offer, signer: Signer): SignedOffer {
  return { offer, signature: signer.sign(statementBytes('offer', offer)) };
}

/** Why this is not an offer that `from` makes now; undefined if it is. */
export function offerFlaw(
  signed: SignedOffer,
  from: PeerId,
  now: Milliseconds,
  verify: VerifySignature,
): string | undefined {
  const { offer, signature } = signed;
  if (offer.provider !== from) return 'it was made by another node';
  if (offer.madeAt > now + CLOCK_SKEW_MS) return 'it is from the future';
  if (offer.madeAt < now - OFFER_AGE_MS_MAX - CLOCK_SKEW_MS) return 'it is too old';
  if (!verify(from, statementBytes('offer', offer), signature)) return 'its signature is wrong';
  return ownershipFlaw(offer.ownership, from, now, verify);
}

export function signGrant(grant: Grant, signer: Signer): SignedGrant {
  return { grant, signature: signer.sign(statementBytes('grant', grant)) };
}

/** Why this grant does not answer `offer`, made to `from`; undefined if it does. */
export function grantFlaw(
  signed: SignedGrant,
  offer: Offer,
  from: PeerId,
  now: Milliseconds,
  verify: VerifySignature,
): string | undefined {
  const { grant, signature } = signed;
  if (grant.broker !== from) return 'it was made by another node';
  if (grant.provider !== offer.provider) return 'it is for another node';
  if (grant.slots > offer.slots) return 'it takes more slots than were offered';
  if (grant.expiresAt <= now) return 'it has expired';
  if (grant.heartbeatMs * 2 > grant.lapseAfterMs) return 'one lost heartbeat would end it';
  return verify(from, statementBytes('grant', grant), signature) ? undefined : 'its signature is wrong';
}
