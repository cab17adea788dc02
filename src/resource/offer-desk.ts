/** Whether a broker takes an offer: the cheap questions first, the signatures last. */

import type { Fault, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId, VerifySignature } from '../connectivity/index.ts';
import { resourceErrors } from './errors.ts';
import type { HolderConfig } from './holder-config.ts';
import { leaseIdFor } from './holder-store.ts';
import type { Epoch, Grant, Offer, SignedOffer } from './lease-wire.ts';
import { offerFlaw } from './offer.ts';

/** What the broker knows when it is asked. */
export interface OfferSituation {
  readonly wanted: boolean;
  readonly leases: number;
  readonly leasesMax: number;
  /** Whether this provider has a live lease on an open channel. */
  readonly served: boolean;
  readonly excluded: ReadonlyMap<OwnerId, string>;
}

/** Why the offer is declined; undefined if it is taken. */
export function offerObjection(
  signed: SignedOffer,
  from: PeerId,
  situation: OfferSituation,
  now: Milliseconds,
  verify: VerifySignature,
): Fault | undefined {
  const { owner } = signed.offer.ownership;
  const reason = situation.excluded.get(owner);
  if (reason !== undefined) return resourceErrors.RESOURCE_OWNER_EXCLUDED({ owner, reason });
  if (situation.served) return resourceErrors.RESOURCE_LEASE_EXISTS({ provider: from });
  if (!situation.wanted) return resourceErrors.RESOURCE_NO_WORK();
  if (situation.leases >= situation.leasesMax) {
    return resourceErrors.RESOURCE_BROKER_FULL({ leases: situation.leases });
  }
  const flaw = offerFlaw(signed, from, now, verify);
  if (flaw === undefined) return undefined;
  return resourceErrors.RESOURCE_OFFER_INVALID({ provider: from, reason: flaw });
}

/** What the offer is granted, as the broker's rules have it. */
export function grantFor(
  { provider, slots }: Offer,
  broker: PeerId,
  epoch: Epoch,
  config: HolderConfig,
  now: Milliseconds,
): Grant {
  const { lapseAfterMs, heartbeatMs, leaseTermMs, slotsPerLeaseMax } = config;
  return {
    lease: leaseIdFor(epoch, broker),
    epoch,
    broker,
    provider,
    slots: Math.min(slots, slotsPerLeaseMax),
    lapseAfterMs,
    heartbeatMs,
    expiresAt: now + leaseTermMs,
  };
}
