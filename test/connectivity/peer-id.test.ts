import fc from 'fast-check';
import t from 'tap';
import { ownerIdOf, type PeerId, parsePeerId, peerIdOf, publicKeyOf } from '../../src/connectivity/index.ts';

t.test('an id has the form that people know, and names owners as well', (t) => {
  const id = peerIdOf(new Uint8Array(32));
  t.match(id, /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/);
  t.same([...publicKeyOf(id)], [...new Uint8Array(32)]);
  t.equal(ownerIdOf(id) as string, id);
  t.end();
});

t.test('every key has one id, and the id gives the key back', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const id = parsePeerId(peerIdOf(key));
      return Buffer.from(publicKeyOf(id)).equals(key);
    }),
  );
  t.end();
});

t.test('text that is no id of an Ed25519 key is refused', (t) => {
  const id = peerIdOf(new Uint8Array(32).fill(7));
  const wrong = [
    '',
    'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
    id.slice(0, -1),
    `${id}1`,
    `z${id}`,
    id.replace(/.$/, '0'),
    id.replace('12D3', '22D3'),
  ];
  for (const text of wrong) t.throws(() => parsePeerId(text), { code: 'CONNECTIVITY_PEER_ID_INVALID' }, text);
  t.throws(() => peerIdOf(new Uint8Array(31)), { code: 'CONNECTIVITY_PEER_ID_INVALID' });
  t.end();
});

t.test('whatever text comes in, the answer is an id or the fault', (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60, unit: 'binary' }), (text) => {
      try {
        return parsePeerId(text) === (text as PeerId);
      } catch (thrown) {
        return (thrown as { code?: string }).code === 'CONNECTIVITY_PEER_ID_INVALID';
      }
    }),
  );
  t.end();
});
