import t from 'tap';
import { type Address, newIdentity, type PeerId } from '../../src/connectivity/index.ts';
import {
  libp2pPeerIdOf,
  multiaddrOf,
  multiaddrsOf,
  peerIdFrom,
  peerOf,
} from '../../src/connectivity/libp2p-address.ts';

const { peer } = newIdentity();
const other = newIdentity().peer;
const at = (text: string) => text as Address;

t.test('an id of ours is an id of libp2p, and back', (t) => {
  const id = libp2pPeerIdOf(peer);
  t.equal(id.type, 'Ed25519');
  t.equal(peerIdFrom(id), peer);
  t.end();
});

t.test('an address is parsed or refused with the reason', (t) => {
  t.equal(multiaddrOf(at('/ip4/192.0.2.7/tcp/4101')).toString(), '/ip4/192.0.2.7/tcp/4101');
  for (const text of ['', 'localhost:4101', '/ip4/300.1.1.1/tcp/1', '/ip4/127.0.0.1/tcp']) {
    t.throws(() => multiaddrOf(at(text)), { code: 'CONNECTIVITY_ADDRESS_INVALID' }, text);
  }
  t.end();
});

t.test('an address tells whom it leads to, if it does', (t) => {
  t.equal(peerOf(multiaddrOf(at(`/ip4/192.0.2.7/tcp/1/p2p/${peer}`))), peer);
  t.equal(peerOf(multiaddrOf(at('/ip4/192.0.2.7/tcp/1'))), undefined);
  t.end();
});

t.test('of the addresses of a peer, those that are useless or lead to others are left out', (t) => {
  const addresses = [
    at('/ip4/192.0.2.7/tcp/1'),
    at('nonsense'),
    at(`/ip4/192.0.2.8/tcp/1/p2p/${peer}`),
    at(`/ip4/192.0.2.9/tcp/1/p2p/${other}`),
  ];
  t.same(multiaddrsOf(peer, addresses).map(String), [
    `/ip4/192.0.2.7/tcp/1/p2p/${peer}`,
    `/ip4/192.0.2.8/tcp/1/p2p/${peer}`,
  ]);
  t.same(multiaddrsOf('nobody' as PeerId, [at('nonsense')]), []);
  t.end();
});
