import fc from 'fast-check';
import t from 'tap';
import { decode, digestOf, encode, sha256 } from '../../src/actors/index.ts';

const value = fc.letrec((again) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(again('any'), { maxLength: 4 }),
    fc.dictionary(fc.string(), again('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any;

t.test('what is encoded comes back the same', async (t) => {
  fc.assert(
    fc.property(value, (value) => t.same(decode(encode(value)), value)),
    { numRuns: 60 },
  );
});

t.test('the order in which members were set does not show', async (t) => {
  t.same(encode({ a: 1, bb: [2] }), encode({ bb: [2], a: 1 }));
  t.equal(digestOf({ a: 1, b: 2 }), digestOf({ b: 2, a: 1 }));
});

t.test('what has no canonical form is refused, both ways', async (t) => {
  t.throws(() => encode({ member: undefined }));
  t.throws(() => decode(new Uint8Array([0x18, 0x01])), 'one, in two bytes instead of one');
  t.throws(() => decode(new Uint8Array([0x01, 0x01])), 'something after the value');
});

t.test('digests are those that sha256sum prints', async (t) => {
  t.equal(
    sha256(new TextEncoder().encode('abc')),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  t.equal(digestOf('x'), sha256(encode('x')));
});
