import t from 'tap';
import { newIdentity } from '../../src/connectivity/identity.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { verifySignature } from '../../src/connectivity/signature.ts';
import { holderDefaults } from '../../src/resource/holder-config.ts';
import type { Epoch } from '../../src/resource/lease-wire.ts';
import { signOffer } from '../../src/resource/offer.ts';
import { grantFor, offerObjection } from '../../src/resource/offer-desk.ts';
import { stateOwnership } from '../../src/resource/ownership.ts';
import { capability, START_MS as NOW } from './lease-world.ts';

const provider = newIdentity();
const owner = provider.peer as string as OwnerId;
const ownership = stateOwnership({ owner, peer: provider.peer, expiresAt: NOW + 1 }, provider.signer.sign);
const offer = {
  provider: provider.peer,
  ownership,
  capability,
  slots: 1,
  memoryBytesPerSlot: 1,
  programs: [],
  madeAt: NOW,
};
const signed = signOffer(offer, provider.signer);
const situation = {
  wanted: true,
  leases: 0,
  leasesMax: 1,
  served: false,
  excluded: new Map<OwnerId, string>(),
};

t.test('an offer is declined for the first reason there is', async (t) => {
  const codeIn = (changed: object) =>
    offerObjection(signed, provider.peer, { ...situation, ...changed }, NOW, verifySignature)?.code;
  t.equal(codeIn({}), undefined);
  t.equal(codeIn({ wanted: false }), 'RESOURCE_NO_WORK');
  t.equal(codeIn({ leases: 1 }), 'RESOURCE_BROKER_FULL');
  t.equal(codeIn({ served: true }), 'RESOURCE_LEASE_EXISTS');
  t.equal(codeIn({ excluded: new Map([[owner, 'it lied']]) }), 'RESOURCE_OWNER_EXCLUDED');
  const stranger = newIdentity().peer;
  t.equal(offerObjection(signed, stranger, situation, NOW, verifySignature)?.code, 'RESOURCE_OFFER_INVALID');
});

t.test('an offer is granted as the rules of the broker have it', async (t) => {
  const config = { ...holderDefaults, slotsPerLeaseMax: 3, leaseTermMs: 10 };
  const broker = newIdentity().peer;
  const grant = grantFor({ ...offer, slots: 8 }, broker, 5 as Epoch, config, NOW);
  t.match(grant, { epoch: 5, broker, provider: provider.peer, slots: 3, expiresAt: NOW + 10 });
});
