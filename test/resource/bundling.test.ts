import fc from 'fast-check';
import t from 'tap';
import { type Digest, encode } from '../../src/actors/index.ts';
import type { TaskId } from '../../src/fabric/index.ts';
import { countForBundle, returnBytes } from '../../src/resource/bundling.ts';
import { BUNDLE_BYTES_MAX, BUNDLE_TASKS_MAX } from '../../src/resource/lease-limits.ts';
import type { Return } from '../../src/resource/lease-wire.ts';

t.test('the estimate for a return is never less than its encoding', async () => {
  const file = fc.record({
    path: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    content: fc.record({ inline: fc.uint8Array({ maxLength: 300 }) }),
  });
  const cpuMs = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
  const returns = fc.record({
    task: fc.constant('t'.repeat(96) as TaskId),
    status: fc.constant('succeeded' as const),
    digest: fc.constant('a'.repeat(64) as Digest),
    usage: fc.record({ cpuMs, wallMs: fc.nat(), memoryBytesPeak: fc.nat() }),
    output: fc.record({
      exitCode: fc.nat(255),
      stdout: fc.uint8Array({ maxLength: 500 }),
      files: fc.array(file),
    }),
  });
  fc.assert(fc.property(returns, (it: Return) => encode(it).byteLength <= returnBytes(it)));
});

t.test('a bundle ends at its number or its bytes, and takes at least one', async (t) => {
  const bytes = (size: number) => size;
  t.equal(countForBundle(new Array(2_000).fill(1), bytes), BUNDLE_TASKS_MAX);
  t.equal(countForBundle([BUNDLE_BYTES_MAX / 2, BUNDLE_BYTES_MAX / 2, 1], bytes), 2);
  t.equal(countForBundle([BUNDLE_BYTES_MAX * 2, 1], bytes), 1);
  t.equal(countForBundle([], bytes), 0);
});
