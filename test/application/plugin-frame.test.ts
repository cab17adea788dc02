import fc from 'fast-check';
import t from 'tap';
import { cut, encodeFrame, type Frame, frameReader } from '../../src/application/plugin-frame.ts';

function bytesOf(...frames: readonly Uint8Array[][]): Uint8Array {
  return new Uint8Array(Buffer.concat(frames.flat()));
}

t.test('frames come out as they went in, however the bytes were cut', async () => {
  const tails = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 });
  const messages = fc.array(fc.tuple(fc.json(), tails), { maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 50 }), (given, step) => {
      const all = bytesOf(...given.map(([json, parts]) => encodeFrame(JSON.parse(json), parts)));
      const seen: Frame[] = [];
      const read = frameReader(10_000, ({ head, tail }) => seen.push({ head, tail: tail.slice() }));
      for (let at = 0; at < all.length; at += step) read(all.subarray(at, at + step));
      const wanted = given.map(([json, parts]) => ({ head: JSON.parse(json), tail: bytesOf([...parts]) }));
      return JSON.stringify(seen) === JSON.stringify(wanted);
    }),
  );
});

t.test('garbage never gives anything but a RangeError or a SyntaxError', async () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (chunks) => {
      const read = frameReader(1_000, () => {});
      try {
        for (const chunk of chunks) read(chunk);
        return true;
      } catch (error) {
        return error instanceof RangeError || error instanceof SyntaxError;
      }
    }),
  );
});

t.test('a frame that is too large is refused before it is collected', async (t) => {
  const read = frameReader(1_000, () => {});
  t.throws(() => read(new Uint8Array([0xe9, 3, 0, 0, 2, 0, 0, 0])), RangeError);
  t.throws(
    () => frameReader(1_000, () => {})(new Uint8Array([9, 0, 0, 0, 99, 0, 0, 0, 1, 1, 1, 1, 1])),
    RangeError,
  );
});

t.test('parts are cut only as announced', async (t) => {
  const tail = new Uint8Array([1, 2, 3]);
  t.same(cut(tail, [1, 0, 2]), [new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])]);
  t.throws(() => cut(tail, [1, 1]), RangeError);
  t.throws(() => cut(tail, [4]), RangeError);
});
