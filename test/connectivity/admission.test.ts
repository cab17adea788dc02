import fc from 'fast-check';
import t from 'tap';
import { createAdmission } from '../../src/connectivity/admission.ts';
import { defaultNetworkLimits, type PeerId } from '../../src/connectivity/index.ts';

const protocol = {
  messageBytesMax: 1_000,
  outboundBytesMax: 10_000,
  inboundBytesPerSecondMax: 100_000,
  streamsPerPeerMax: 2,
};
const peer = (number: number) => `peer ${number}` as PeerId;

t.test('channels of one peer are counted by protocol, and free again when closed', (t) => {
  const admission = createAdmission();
  t.equal(admission.opened(peer(1), '/a', protocol, 0), undefined);
  t.equal(admission.opened(peer(1), '/a', protocol, 0), undefined);
  t.equal(admission.opened(peer(1), '/a', protocol, 0), 'channels open');
  t.equal(admission.opened(peer(1), '/b', protocol, 0), undefined);
  t.equal(admission.opened(peer(2), '/a', protocol, 0), undefined);
  admission.closed(peer(1), '/a');
  t.equal(admission.opened(peer(1), '/a', protocol, 0), undefined);
  t.end();
});

t.test('opening and closing without end is refused, and so is trying it', (t) => {
  const admission = createAdmission({ ...defaultNetworkLimits, opensPerSecondMax: 1 });
  let refused = 0;
  for (let index = 0; index < 20; index += 1) {
    if (admission.opened(peer(1), '/a', protocol, 0) === 'channels opened a second') refused += 1;
    else admission.closed(peer(1), '/a');
  }
  t.equal(refused, 10);
  t.equal(admission.opened(peer(1), '/a', protocol, 1_000), undefined, 'a second later there is one more');
  t.end();
});

t.test('bytes over the rate make the reader wait as long as they take', (t) => {
  const admission = createAdmission();
  t.equal(admission.received(peer(1), '/a', protocol, 1_000, 1, 0), 0);
  t.equal(admission.received(peer(1), '/a', protocol, 10_000, 1, 0), 100);
  t.equal(admission.received(peer(1), '/b', protocol, 1_000, 1, 0), 0, 'another protocol has its own');
  t.equal(admission.received(peer(2), '/a', protocol, 1_000, 1, 0), 0, 'and so has another peer');
  t.end();
});

t.test('a flood of tiny messages is a flood', (t) => {
  const admission = createAdmission({ ...defaultNetworkLimits, messagesPerSecondMax: 100 });
  t.equal(admission.received(peer(1), '/a', protocol, 10, 100, 0), 0);
  t.equal(admission.received(peer(1), '/a', protocol, 10, 100, 0), 1_000);
  t.end();
});

t.test('the blocked are refused, and the list of them is bounded', (t) => {
  const admission = createAdmission({ ...defaultNetworkLimits, blockedMax: 3 });
  for (let index = 0; index < 4; index += 1) admission.block(peer(index));
  t.same(
    [0, 1, 2, 3].map((index) => admission.isBlocked(peer(index))),
    [false, true, true, true],
  );
  t.equal(admission.opened(peer(1), '/a', protocol, 0), 'blocked');
  t.equal(admission.gossiped(peer(1), 0), false);
  t.end();
});

t.test('gossip is taken up to its rate, and not from a neighbour that relays what is invalid', (t) => {
  const limits = { ...defaultNetworkLimits, gossipPerSecondMax: 2, gossipInvalidMax: 3 };
  const admission = createAdmission(limits);
  const taken = Array.from({ length: 30 }, () => admission.gossiped(peer(1), 0)).filter(Boolean);
  t.equal(taken.length, 20);
  for (let index = 0; index < 4; index += 1) admission.gossipedInvalid(peer(2), 0);
  t.equal(admission.gossiped(peer(2), 0), false);
  t.equal(admission.gossiped(peer(2), 11_000), true, 'it is forgiven after a while');
  t.end();
});

t.test('the longest idle peer is forgotten for a new one, but never one with a channel', (t) => {
  const admission = createAdmission({ ...defaultNetworkLimits, peersMax: 2 });
  admission.opened(peer(1), '/a', protocol, 0);
  admission.received(peer(2), '/a', protocol, 11_000, 1, 0);
  t.equal(admission.opened(peer(3), '/a', protocol, 0), undefined);
  t.equal(admission.opened(peer(4), '/a', protocol, 0), 'peers known to this node');
  t.equal(admission.received(peer(4), '/a', protocol, 1, 1, 0), Number.POSITIVE_INFINITY);
  admission.closed(peer(1), '/a');
  t.equal(admission.opened(peer(4), '/a', protocol, 0), undefined);
  t.end();
});

t.test('a peer never holds more channels than it may, whatever it tries', (t) => {
  const moves = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3 })), { maxLength: 200 });
  fc.assert(
    fc.property(moves, (steps) => {
      const admission = createAdmission({ ...defaultNetworkLimits, peersMax: 3 });
      const open = [0, 0, 0, 0];
      for (const [opens, index] of steps) {
        if (opens && admission.opened(peer(index), '/a', protocol, 0) === undefined) open[index]! += 1;
        if (!opens && open[index]! > 0) {
          admission.closed(peer(index), '/a');
          open[index]! -= 1;
        }
      }
      return open.every((count) => count <= protocol.streamsPerPeerMax);
    }),
  );
  t.end();
});
