import fc from 'fast-check';
import t, { type Test } from 'tap';
import { encode } from '../../src/actors/index.ts';
import { decodeGoodbye, encodeGoodbye, encodeMessages, FrameDecoder } from '../../src/connectivity/frame.ts';
import { protocolOf, Recorder, said } from '../conformance/network.ts';
import { loopbackNode } from './loopback-node.ts';

/** A served protocol, and how to reach it with bare streams. */
async function server(t: Test, limits = {}) {
  const protocol = protocolOf('/conun/test/1', { streamsPerPeerMax: 64, ...limits });
  const serving = await loopbackNode(t);
  const sides: Recorder[] = [];
  let accepted: (side: Recorder) => void = () => undefined;
  serving.network.serve(protocol, () => {
    const side = new Recorder();
    sides.push(side);
    accepted(side);
    return side;
  });
  const { host } = await loopbackNode(t);
  const next = () =>
    new Promise<Recorder>((resolve) => {
      accepted = resolve;
    });
  const leave = () => host.stop();
  /** Everything sent before has arrived: the answer to a ping on the same connection comes after it. */
  const arrived = () => host.services.ping.ping(serving.host.peerId);
  return {
    sides,
    next,
    leave,
    arrived,
    open: () => host.dialProtocol(serving.host.getMultiaddrs(), protocol.id),
  };
}

type Bare = Awaited<ReturnType<Awaited<ReturnType<typeof server>>['open']>>;

/** The code of the goodbye that the other side ends with. */
async function goodbyeOf(stream: Bare): Promise<string | undefined> {
  const decoder = new FrameDecoder(65_536);
  for await (const chunk of stream) {
    for (const frame of decoder.push(chunk.subarray())) {
      if (frame.kind === 1) return decodeGoodbye(frame.body)?.code ?? 'good order';
    }
  }
  return undefined;
}

t.test('garbage on a bare stream is answered with a code, and ends it', async (t) => {
  const { open, sides } = await server(t);
  const stream = await open();
  stream.send(Buffer.from('GET / HTTP/1.1\r\nHost: grid\r\n\r\n'));
  t.equal(await goodbyeOf(stream), 'CONNECTIVITY_MESSAGE_INVALID');
  t.equal((await sides[0]!.ended.promise)?.code, 'CONNECTIVITY_MESSAGE_INVALID');
  await stream.close();
});

t.test('whatever is written on bare streams, the server answers honest ones', async (t) => {
  const { open, sides } = await server(t, { inboundBytesPerSecondMax: 1_000_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { maxLength: 4 }),
      async (chunks) => {
        const stream = await open();
        for (const chunk of chunks) if (stream.status === 'open') stream.send(chunk);
        stream.abort(new RangeError('over'));
      },
    ),
    { numRuns: 20 },
  );
  const honest = await open();
  honest.send(encodeMessages([encode(said('still there?'))], 65_536));
  honest.send(encodeGoodbye(undefined));
  const heard = () => sides.some((side) => side.texts.includes('still there?'));
  await Promise.race(sides.map((side) => side.until(heard)));
  const side = sides.find((one) => one.texts.length > 0);
  t.equal(await side?.ended.promise, undefined);
});

t.test('a stream that ends without a goodbye, or is reset, is a broken connection', async (t) => {
  const { open, next } = await server(t);
  const ends = [(stream: Bare) => stream.close(), (stream: Bare) => stream.abort(new RangeError('reset'))];
  for (const end of ends) {
    const accepted = next();
    const stream = await open();
    stream.send(encodeMessages([encode(said('hello'))], 65_536));
    const side = await accepted;
    await side.until(() => side.texts.length === 1);
    await end(stream);
    t.equal((await side.ended.promise)?.code, 'CONNECTIVITY_CONNECTION_LOST');
  }
});

t.test('what arrived before a connection broke is read, though reading was paused', async (t) => {
  const { open, next, leave, arrived } = await server(t, {
    messageBytesMax: 1_000,
    inboundBytesPerSecondMax: 10_000,
  });
  const accepted = next();
  const stream = await open();
  const send = (from: number) => {
    const messages = Array.from({ length: 10 }, (_, index) =>
      encode(said(`${from + index} ${'x'.repeat(900)}`)),
    );
    stream.send(encodeMessages(messages, 1_000));
  };
  send(0);
  const side = await accepted;
  await side.until(() => side.texts.length === 10);
  // Now the reader pauses for most of a second.
  send(10);
  await arrived();
  await leave();
  t.equal((await side.ended.promise)?.code, 'CONNECTIVITY_CONNECTION_LOST');
  t.equal(side.texts.length, 20);
});
