import t from 'tap';
import { newIdentity } from '../../src/connectivity/identity.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { verifySignature } from '../../src/connectivity/signature.ts';
import type { Epoch, LeaseId, Offer } from '../../src/resource/lease-wire.ts';
import { CLOCK_SKEW_MS, grantFlaw, offerFlaw, signGrant, signOffer } from '../../src/resource/offer.ts';
import { stateOwnership } from '../../src/resource/ownership.ts';
import { capability, START_MS as NOW } from './lease-world.ts';

const owner = newIdentity();
const provider = newIdentity();
const broker = newIdentity();

const ownership = stateOwnership(
  { owner: owner.peer as string as OwnerId, peer: provider.peer, expiresAt: NOW + 1_000 },
  owner.signer.sign,
);
const offer: Offer = {
  provider: provider.peer,
  ownership,
  capability,
  slots: 2,
  memoryBytesPerSlot: 1,
  programs: [],
  madeAt: NOW,
};

t.test('an offer that its maker signed now is taken', async (t) => {
  const signed = signOffer(offer, provider.signer);
  t.equal(offerFlaw(signed, provider.peer, NOW, verifySignature), undefined);
  t.match(offerFlaw(signed, broker.peer, NOW, verifySignature), /another node/);
  t.match(
    offerFlaw({ ...signed, offer: { ...offer, slots: 9 } }, provider.peer, NOW, verifySignature),
    /signature/,
  );
  const [early, late] = [NOW - CLOCK_SKEW_MS - 1, NOW + CLOCK_SKEW_MS + 60_001];
  t.match(offerFlaw(signed, provider.peer, early, verifySignature), /future/);
  t.match(offerFlaw(signed, provider.peer, late, verifySignature), /too old/);
});

t.test('an owner is only who said so', async (t) => {
  const flawOf = (changed: object) => {
    const signed = signOffer({ ...offer, ownership: { ...ownership, ...changed } }, provider.signer);
    return offerFlaw(signed, provider.peer, NOW, verifySignature);
  };
  t.match(flawOf({ owner: newIdentity().peer }), /not signed by that owner/);
  t.match(flawOf({ peer: broker.peer }), /another node/);
  t.match(flawOf({ expiresAt: NOW }), /expired/);
  t.match(flawOf({ expiresAt: NOW + 5_000 }), /not signed/);
});

t.test('a grant is for this offer, of this broker, and can be kept', async (t) => {
  const grant = {
    lease: 'l1.x' as LeaseId,
    epoch: 1 as Epoch,
    broker: broker.peer,
    provider: provider.peer,
    slots: 2,
    lapseAfterMs: 10_000,
    heartbeatMs: 3_000,
    expiresAt: NOW + 1,
  };
  const flawOf = (changed: object, signer = broker.signer) =>
    grantFlaw(signGrant({ ...grant, ...changed }, signer), offer, broker.peer, NOW, verifySignature);
  t.equal(flawOf({}), undefined);
  t.match(flawOf({ slots: 3 }), /more slots/);
  t.match(flawOf({ provider: broker.peer }), /another node/);
  t.match(flawOf({ broker: provider.peer }), /another node/);
  t.match(flawOf({ expiresAt: NOW }), /expired/);
  t.match(flawOf({ heartbeatMs: 6_000 }), /heartbeat/);
  t.match(flawOf({}, provider.signer), /signature/);
});
