import fc from 'fast-check';
import t from 'tap';
import { decode, encode } from '../../src/actors/index.ts';
import { BLOCK_BYTES_MAX, BLOCK_PROTOCOL } from '../../src/connectivity/block-protocol.ts';
import { addressText, leafAddress } from '../../src/fabric/index.ts';

const { parseDialer, parseListener, limits } = BLOCK_PROTOCOL;
const block = new TextEncoder().encode('block');
const cid = addressText(leafAddress(block));

const passes = (parse: (value: unknown) => unknown, value: unknown): boolean => {
  try {
    parse(value);
    return true;
  } catch {
    return false;
  }
};

t.test('what is sent is what is understood', async (t) => {
  t.equal(parseDialer(decode(encode(cid))), cid);
  for (const answer of [[cid, block] as const, [cid, null] as const]) {
    t.same(parseListener(decode(encode(answer))), answer);
  }
});

t.test('the largest block fits into a message, a larger one is refused', async (t) => {
  const largest = [cid, new Uint8Array(BLOCK_BYTES_MAX)];
  t.ok(encode(largest).length <= limits.messageBytesMax);
  t.ok(passes(parseListener, largest));
  t.notOk(passes(parseListener, [cid, new Uint8Array(BLOCK_BYTES_MAX + 1)]));
});

t.test('only addresses of our kind are asked for: version 1, base32, SHA-256', async (t) => {
  for (const strange of [
    'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
    cid.toUpperCase(),
    '',
    'b',
    7,
    null,
  ]) {
    t.notOk(passes(parseDialer, strange));
    t.notOk(passes(parseListener, [strange, block]));
  }
});

t.test('nothing else passes, whatever it is', async () => {
  const strange = fc.anything({ withTypedArray: true, withNullPrototype: true });
  fc.assert(
    fc.property(strange, (value) => !passes(parseDialer, value) && !passes(parseListener, value)),
    { numRuns: 2_000 },
  );
  const nearly = fc.oneof(
    fc.tuple(fc.constant(cid), strange).filter(([, it]) => it !== null && !(it instanceof Uint8Array)),
    fc.tuple(fc.constant(cid), fc.constant(null), strange),
    fc.tuple(fc.string(), fc.constant(null)),
  );
  fc.assert(
    fc.property(nearly, (value) => !passes(parseListener, value)),
    { numRuns: 2_000 },
  );
});
