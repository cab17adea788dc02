import fc from 'fast-check';
import t from 'tap';
import { encode, type Fault, simulatedClock } from '../../src/actors/index.ts';
import { createAdmission } from '../../src/connectivity/admission.ts';
import type { ByteStream } from '../../src/connectivity/byte-stream.ts';
import { encodeGoodbye, encodeMessages } from '../../src/connectivity/frame.ts';
import { defaultNetworkLimits, type PeerId } from '../../src/connectivity/index.ts';
import { StreamChannel } from '../../src/connectivity/stream-channel.ts';
import { protocolOf, Recorder, type Said, said } from '../conformance/network.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A channel over a stream that only remembers. */
function channel(limits: Partial<ReturnType<typeof protocolOf>['limits']> = {}, listen = true) {
  const protocol = protocolOf('/conun/test/1', { messageBytesMax: 1_000, ...limits });
  const clock = simulatedClock(0);
  const log: string[] = [];
  const written: Uint8Array[] = [];
  const transport = { takes: true, waiting: 0 };
  const stream: ByteStream = {
    write: (bytes) => {
      written.push(bytes);
      return transport.takes;
    },
    bytesWaiting: () => transport.waiting,
    pause: () => log.push('pause'),
    resume: () => log.push('resume'),
    end: () => log.push('end'),
  };
  const ended: (string | undefined)[] = [];
  const one = new StreamChannel<Said, Said>({
    stream,
    remote: 'remote' as PeerId,
    protocolId: protocol.id,
    limits: protocol.limits,
    parse: protocol.parseDialer,
    admission: createAdmission(),
    clock,
    pauseMsMax: defaultNetworkLimits.pauseMsMax,
    ended: (fault) => ended.push(fault?.code),
  });
  const side = new Recorder();
  if (listen) one.listen(side);
  const receive = (bytes: Uint8Array) => one.chunk([bytes], bytes.byteLength);
  return { one, side, clock, log, written, transport, ended, receive };
}

const frames = (...messages: unknown[]) => encodeMessages(messages.map(encode), 1_000);

t.test('what one turn says leaves in one write', async (t) => {
  const { one, written } = channel();
  one.send(said('a'));
  one.send(said('b'));
  t.equal(written.length, 0);
  await settle();
  t.same(written, [Buffer.from(frames(said('a'), said('b')))]);
  one.send(said('c'));
  await settle();
  t.equal(written.length, 2);
});

t.test(
  'a full transport is left alone until it takes more; the sender is told full, then drained',
  async (t) => {
    const { one, side, transport, written } = channel({ outboundBytesMax: 1_000 });
    transport.takes = false;
    one.send(said('first'));
    await settle();
    t.equal(written.length, 1);
    transport.waiting = 500;
    let taken = 0;
    while (one.send(said('x'.repeat(80))) === 'accepted') taken += 1;
    t.ok(taken > 0 && taken < 7, `${taken} taken`);
    await settle();
    t.equal(written.length, 1, 'nothing is written meanwhile');
    transport.waiting = 0;
    transport.takes = true;
    one.writable();
    t.equal(written.length, 2);
    t.equal(side.drains, 1);
    await settle();
    t.equal(side.drains, 1);
  },
);

t.test('one message always fits an empty channel', async (t) => {
  const { one } = channel({ outboundBytesMax: 10 });
  t.equal(one.send(said('longer than ten bytes')), 'accepted');
  t.equal(one.send(said('and another one')), 'full');
});

t.test('several writes are made of very much', async (t) => {
  const { one, written } = channel({ outboundBytesMax: 10_000_000 });
  for (let index = 0; index < 1_000; index += 1) one.send(said('x'.repeat(900)));
  await settle();
  t.ok(written.length >= 3 && written.length <= 5, `${written.length} writes`);
});

t.test('closing writes what waits and the reason, even to a full transport, and tells once', async (t) => {
  const { one, side, log, transport, written, ended } = channel();
  transport.takes = false;
  one.send(said('a'));
  await settle();
  one.send(said('b'));
  one.close();
  one.close();
  one.broken('whatever');
  t.same(written.slice(1), [Buffer.from(frames(said('b'))), Buffer.from(encodeGoodbye(undefined))]);
  t.same(log, ['end']);
  t.equal(side.endings, 0, 'not from within the turn that closes');
  await settle();
  t.equal(side.endings, 1);
  t.same(ended, [undefined]);
  t.equal(one.send(said('c')), 'closed');
});

t.test('bytes after the end are not read', async (t) => {
  const { one, side, receive } = channel();
  one.close();
  receive(frames(said('late')));
  t.same(side.calls, []);
});

t.test('an end without a goodbye is a broken connection', async (t) => {
  const { one, side } = channel();
  one.broken('the cable');
  const fault = await side.ended.promise;
  t.equal(fault?.code, 'CONNECTIVITY_CONNECTION_LOST');
  t.match(fault?.message, /the cable/);
});

t.test('a goodbye ends it, after the messages before it and without those after it', async (t) => {
  const { side, log, written, receive } = channel();
  receive(Buffer.concat([frames(said('last')), encodeGoodbye(undefined), frames(said('beyond'))]));
  t.equal(await side.ended.promise, undefined);
  t.same(side.texts, ['last']);
  t.same(log, ['end']);
  t.same(written, [], 'a goodbye is not answered');
});

t.test('an end before anyone listens is told when somebody does', async (t) => {
  const { one, side } = channel({}, false);
  one.broken('early');
  await settle();
  t.equal(side.endings, 0);
  one.listen(side);
  t.equal(side.endings, 1);
});

t.test('over the rate reading pauses for as long as it takes', async (t) => {
  const { clock, log, receive, side } = channel({ inboundBytesPerSecondMax: 1_000 });
  for (let index = 0; index < 10; index += 1) receive(frames(said('x'.repeat(180))));
  t.ok(log.includes('pause'));
  t.equal(side.texts.length, 10, 'what has come is delivered');
  t.notOk(log.includes('resume'));
  clock.advance(500);
  t.notOk(log.includes('resume'));
  clock.advance(1_000);
  t.ok(log.includes('resume'));
});

t.test('far over the rate the channel is closed, and says why', async (t) => {
  const { receive, side, written } = channel({ inboundBytesPerSecondMax: 100 });
  for (let index = 0; index < 50; index += 1) receive(frames(said('x'.repeat(900))));
  t.equal((await side.ended.promise)?.code, 'CONNECTIVITY_RATE_LIMITED');
  t.match(Buffer.from(written.at(-1)!).toString('latin1'), /CONNECTIVITY_RATE_LIMITED/);
});

t.test('a schema that complains at length does not fill the goodbye', async (t) => {
  const { receive, side, written } = channel();
  receive(frames({ type: 'said', text: 1 }));
  t.equal((await side.ended.promise)?.code, 'CONNECTIVITY_MESSAGE_INVALID');
  t.ok(written.at(-1)!.byteLength < 1_029);
});

t.test('whatever bytes arrive, in whatever pieces, nothing is thrown and the end is told once', async () => {
  const someMessage = fc.oneof(
    fc.string().map(said),
    fc.anything().filter(isEncodable),
    fc.constant({ type: 'said' }),
  );
  const frame = fc.array(someMessage, { maxLength: 4 }).map((messages) => frames(...messages));
  const piece = fc.oneof(frame, fc.uint8Array({ maxLength: 50 }), fc.constant(encodeGoodbye(undefined)));
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      async (pieces, size) => {
        const { one, side, receive } = channel();
        const bytes = Buffer.concat(pieces);
        for (let at = 0; at < bytes.byteLength; at += size) receive(bytes.subarray(at, at + size));
        one.broken('over');
        await settle();
        const fault: Fault | undefined = await side.ended.promise;
        const known = fault === undefined || fault.code.startsWith('CONNECTIVITY_');
        return known && side.endings === 1 && side.calls.flat().every((message) => message.type === 'said');
      },
    ),
    { numRuns: 500 },
  );
});

function isEncodable(value: unknown): boolean {
  try {
    return encode(value).byteLength < 900;
  } catch {
    return false;
  }
}
