import t from 'tap';
import { newIdentity } from '../../src/connectivity/identity.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { verifySignature } from '../../src/connectivity/signature.ts';
import { ownershipFlaw, stateOwnership } from '../../src/resource/ownership.ts';

t.test('a statement makes a node its owner’s, until it expires', async (t) => {
  const [owner, node, other] = [newIdentity(), newIdentity(), newIdentity()];
  const terms = { owner: owner.peer as string as OwnerId, peer: node.peer, expiresAt: 100 };
  const statement = stateOwnership(terms, owner.signer.sign);
  t.equal(ownershipFlaw(statement, node.peer, 99, verifySignature), undefined);
  t.match(ownershipFlaw(statement, node.peer, 100, verifySignature), /expired/);
  t.match(ownershipFlaw(statement, other.peer, 99, verifySignature), /another node/);
  const forged = stateOwnership(terms, other.signer.sign);
  t.match(ownershipFlaw(forged, node.peer, 99, verifySignature), /not signed/);
});
