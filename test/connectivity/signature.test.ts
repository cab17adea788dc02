import t from 'tap';
import { newIdentity, type PeerId, verifySignature } from '../../src/connectivity/index.ts';

const bytes = Buffer.from('what was said');

t.test('a signature holds for its signer and its bytes, and for nothing else', (t) => {
  const { peer, signer } = newIdentity();
  const signature = signer.sign(bytes);
  t.equal(signature.byteLength, 64);
  t.equal(verifySignature(peer, bytes, signature), true);
  t.equal(verifySignature(newIdentity().peer, bytes, signature), false);
  t.equal(verifySignature(peer, Buffer.from('what was not'), signature), false);
  const bent = Uint8Array.from(signature);
  bent[3]! ^= 1;
  t.equal(verifySignature(peer, bytes, bent), false);
  t.end();
});

t.test('anything malformed is false, and nothing throws', (t) => {
  const { peer, signer } = newIdentity();
  const signature = signer.sign(bytes);
  t.equal(verifySignature(peer, bytes, signature.subarray(1)), false);
  t.equal(verifySignature(peer, bytes, new Uint8Array()), false);
  t.equal(verifySignature('nobody' as PeerId, bytes, signature), false);
  t.equal(verifySignature('' as PeerId, bytes, signature), false);
  t.end();
});

t.test('more signers than keys are kept still verify', (t) => {
  const identities = Array.from({ length: 1_100 }, () => newIdentity());
  const signed = identities.map(({ peer, signer }) => ({ peer, signature: signer.sign(bytes) }));
  for (let round = 0; round < 2; round += 1) {
    t.ok(signed.every(({ peer, signature }) => verifySignature(peer, bytes, signature)));
  }
  t.end();
});
