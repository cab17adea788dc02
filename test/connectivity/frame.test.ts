import fc from 'fast-check';
import t from 'tap';
import { encode, type Fault } from '../../src/actors/index.ts';
import { connectivityErrors } from '../../src/connectivity/index.ts';
import {
  decodeGoodbye,
  decodeMessages,
  encodeGoodbye,
  encodeMessages,
  FrameDecoder,
} from '../../src/connectivity/frame.ts';

const BYTES_MAX = 1_000;

/** What the decoder makes of chunks: the messages, and the code of the fault if there is one. */
function read(chunks: readonly Uint8Array[], bytesMax = BYTES_MAX) {
  const decoder = new FrameDecoder(bytesMax);
  const messages: unknown[] = [];
  const goodbyes: (string | undefined)[] = [];
  try {
    for (const chunk of chunks) {
      for (const frame of decoder.push(chunk)) {
        if (frame.kind === 0) messages.push(...decodeMessages(frame.body));
        else goodbyes.push(decodeGoodbye(frame.body)?.code);
      }
    }
  } catch (thrown) {
    return { messages, goodbyes, fault: (thrown as Partial<Fault>).code ?? 'cbor' };
  }
  return { messages, goodbyes, fault: undefined };
}

/** The same bytes, cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.byteLength + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.byteLength));
}

const values = fc.array(
  fc.oneof(fc.string(), fc.integer(), fc.dictionary(fc.string({ minLength: 1 }), fc.nat())),
  {
    maxLength: 300,
  },
);

t.test('what goes in comes out, however the bytes are cut', (t) => {
  fc.assert(
    fc.property(values, fc.array(fc.nat()), (sent, places) => {
      const bytes = encodeMessages(sent.map(encode), BYTES_MAX);
      const { messages, fault } = read(cut(bytes, places));
      t.equal(fault, undefined);
      return Buffer.from(encode(messages)).equals(encode(sent));
    }),
  );
  t.end();
});

t.test('byte by byte is no different, and the array header has its shortest form', (t) => {
  for (const count of [1, 23, 24, 255, 256, 65_535, 65_536]) {
    const bytes = encodeMessages(Array(count).fill(encode(1)), 1_000_000);
    const { messages, fault } = read(
      count < 1_000 ? [...bytes].map((byte) => Uint8Array.of(byte)) : [bytes],
      1_000_000,
    );
    t.equal(fault, undefined, `${count} messages`);
    t.equal(messages.length, count);
    t.same(bytes.subarray(5), encode(Array(count).fill(1)));
  }
  t.end();
});

t.test('more than one frame takes is spread over several', (t) => {
  const message = encode('x'.repeat(600));
  const bytes = encodeMessages([message, message, message], BYTES_MAX);
  t.equal(bytes.byteLength, 3 * (5 + 1 + message.byteLength));
  t.equal(read([bytes]).messages.length, 3);
  t.end();
});

t.test('a length over the limit is refused before anything of that length has come', (t) => {
  t.equal(read([Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0)]).fault, 'CONNECTIVITY_FRAME_TOO_LARGE');
  t.equal(read([Uint8Array.of(0, 0, 16, 0, 1)]).fault, 'CONNECTIVITY_FRAME_TOO_LARGE', 'a long goodbye');
  t.equal(read([Uint8Array.of(0, 0, 0, 1, 9)]).fault, 'CONNECTIVITY_MESSAGE_INVALID', 'an unknown kind');
  t.end();
});

t.test('a length alone reserves no memory', (t) => {
  const decoders = Array.from({ length: 200 }, () => new FrameDecoder(64 * 1_048_576));
  const before = process.memoryUsage().arrayBuffers;
  for (const decoder of decoders) [...decoder.push(Uint8Array.of(3, 0, 0, 0, 0, 1, 2, 3))];
  t.ok(process.memoryUsage().arrayBuffers - before < 4_000_000);
  t.end();
});

t.test('good frames before a bad one are given out', (t) => {
  const bytes = Buffer.concat([encodeMessages([encode('good')], BYTES_MAX), Uint8Array.of(0, 0, 0, 0, 77)]);
  t.same(read([bytes]), { messages: ['good'], goodbyes: [], fault: 'CONNECTIVITY_MESSAGE_INVALID' });
  t.end();
});

t.test('a goodbye carries its reason, in the words of its code', (t) => {
  const reason = connectivityErrors.CONNECTIVITY_RATE_LIMITED({ peer: 'you', what: 'messages' });
  const [frame] = [...new FrameDecoder(0).push(encodeGoodbye(reason))];
  const fault = decodeGoodbye(frame!.body);
  t.match(fault, { code: reason.code, message: reason.message, todo: reason.todo, retry: true, details: {} });
  const [empty] = [...new FrameDecoder(0).push(encodeGoodbye(undefined))];
  t.equal(decodeGoodbye(empty!.body), undefined);
  t.end();
});

t.test('a goodbye of another layer keeps its code; a hostile one is cut short and made harmless', (t) => {
  const goodbye = (value: unknown) => decodeGoodbye(encode(value));
  t.equal(goodbye(['RESOURCE_LEASE_EXPIRED', 'The lease is over.', false])?.code, 'RESOURCE_LEASE_EXPIRED');
  const hostile = goodbye(['RESOURCE_X', `\u001b[2Jhello${'x'.repeat(1_000)}`, true]);
  t.notOk(hostile?.message.includes('\u001b'));
  t.ok((hostile?.message.length ?? 0) <= 240);
  for (const value of [
    1,
    [],
    ['lower case', 'x', true],
    ['A_B', 1, true],
    ['A_B', 'x'],
    ['__proto__', 'x', true],
  ]) {
    t.equal(goodbye(value)?.code, 'CONNECTIVITY_MESSAGE_INVALID', JSON.stringify(value));
  }
  const long = connectivityErrors.CONNECTIVITY_UNREACHABLE({ peer: 'p', reason: '\u{1f600}'.repeat(5_000) });
  t.equal([...new FrameDecoder(0).push(encodeGoodbye(long))].length, 1, 'the longest reason fits');
  t.end();
});

t.test('any bytes at all are messages, a goodbye or a fault: nothing else is thrown', (t) => {
  const framed = fc
    .tuple(fc.constantFrom(0, 1), fc.uint8Array({ maxLength: 200 }))
    .map(([kind, body]) => Buffer.concat([Uint8Array.of(0, 0, 0, body.byteLength, kind), body]));
  const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), framed);
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 5 }), (chunks) => {
      read(chunks);
      return true;
    }),
    { numRuns: 2_000 },
  );
  t.end();
});

t.test('arrays nested a million deep, and lengths beyond all memory, are refused', (t) => {
  const body = (bytes: Uint8Array) => {
    const out = new Uint8Array(5 + bytes.byteLength);
    new DataView(out.buffer).setUint32(0, bytes.byteLength);
    out.set(bytes, 5);
    return out;
  };
  t.equal(read([body(new Uint8Array(1_000_000).fill(0x81))], 2_000_000).fault, 'cbor');
  t.equal(read([body(Uint8Array.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))]).fault, 'cbor');
  t.equal(read([body(Uint8Array.of(0x81, 0x5b, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))]).fault, 'cbor');
  t.equal(
    read([body(Uint8Array.of(0x81, 0x18, 1))]).fault,
    'cbor',
    'a number that is not in its shortest form',
  );
  t.equal(read([body(Uint8Array.of(0x9f, 1, 0xff))]).fault, 'cbor', 'an array of indefinite length');
  t.equal(read([body(Uint8Array.of(0xa0))]).fault, 'CONNECTIVITY_MESSAGE_INVALID', 'no array');
  t.end();
});
