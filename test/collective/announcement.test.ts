import fc from 'fast-check';
import t from 'tap';
import { encode, MIB, MINUTE_MS } from '../../src/actors/index.ts';
import {
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
  judgeAnnouncement,
} from '../../src/collective/announcement.ts';
import type { Address, PeerId } from '../../src/connectivity/index.ts';

const now = 10 * MINUTE_MS;
const broker = 'broker' as PeerId;
const announcement: Announcement = {
  broker,
  addresses: ['/ip4/127.0.0.1/tcp/1' as Address],
  app: 'render@1.0.0',
  sandbox: 'wasm',
  memoryBytes: MIB,
  madeAt: now,
};

t.test('an announcement comes across as it was, with eight addresses at most', async (t) => {
  t.same(decodeAnnouncement(encodeAnnouncement(announcement)), announcement);
  const many = Array.from({ length: 20 }, (_, port) => `/ip4/127.0.0.1/tcp/${port}` as Address);
  t.equal(decodeAnnouncement(encodeAnnouncement({ ...announcement, addresses: many }))?.addresses.length, 8);
});

t.test('it is relayed when it is the sender’s own and of today', async (t) => {
  const of = (changes: Partial<Announcement>, from = broker) =>
    judgeAnnouncement({ from, bytes: encodeAnnouncement({ ...announcement, ...changes }) }, now);
  t.equal(of({}), 'accept');
  t.equal(of({}, 'somebody' as PeerId), 'reject');
  t.equal(of({ madeAt: now - 3 * MINUTE_MS }), 'ignore');
  t.equal(of({ madeAt: now + MINUTE_MS }), 'ignore');
});

t.test('whatever bytes come, nothing is thrown', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeAnnouncement(bytes) === undefined),
  );
  t.equal(decodeAnnouncement(encode({ ...announcement, more: 1 })), undefined);
  t.equal(decodeAnnouncement(encode({ ...announcement, app: 'x'.repeat(3_000) })), undefined);
  t.equal(judgeAnnouncement({ from: broker, bytes: new Uint8Array(5_000) }, now), 'reject');
});
