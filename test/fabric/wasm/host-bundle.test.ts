import fc from 'fast-check';
import t from 'tap';
import { Fault } from '../../../src/actors/index.ts';
import {
  packOutcomes,
  packTasks,
  unpackOutcomes,
  unpackTasks,
} from '../../../src/fabric/wasm/host-bundle.ts';
import type { Bundle, HostOutcome, HostTask } from '../../../src/fabric/wasm/host-wire.ts';

const bytes = () => fc.uint8Array({ maxLength: 40 }).map((value) => Uint8Array.from(value));
const files = () => fc.array(fc.record({ path: fc.string(), bytes: bytes() }), { maxLength: 3 });
const limits = () =>
  fc.record({
    memoryBytesMax: fc.nat(),
    runMsMax: fc.nat(),
    outputBytesMax: fc.nat(),
    logBytesMax: fc.nat(),
  });
const tasks = () =>
  fc.array(
    fc.record({
      number: fc.nat(),
      alone: fc.boolean(),
      program: fc.constantFrom('a', 'b') as fc.Arbitrary<never>,
      args: fc.array(fc.string(), { maxLength: 3 }),
      files: files(),
      seed: fc.string(),
      limits: limits(),
    }),
  ) as fc.Arbitrary<HostTask[]>;
const usage = () => fc.record({ cpuMs: fc.nat(), wallMs: fc.nat(), memoryBytesPeak: fc.nat() });
const success = fc.record({
  number: fc.nat(),
  status: fc.constant('succeeded' as const),
  digest: fc.string() as fc.Arbitrary<never>,
  stdout: bytes(),
  files: files(),
  usage: usage(),
});
const failure = fc.record({
  number: fc.nat(),
  status: fc.constant('failed' as const),
  code: fc.string(),
  message: fc.string(),
  stderr: fc.string(),
  usage: usage(),
});

t.test('tasks arrive as they left', async (t) => {
  fc.assert(fc.property(tasks(), (tasks) => t.same(unpackTasks(packTasks(tasks)), tasks)));
});

t.test('tasks that share their limits carry them once', async (t) => {
  const limits = { memoryBytesMax: 1, runMsMax: 2, outputBytesMax: 3, logBytesMax: 4 };
  const task = { alone: false, program: 'p' as never, args: [], files: [], seed: 's', limits };
  const two = packTasks([
    { number: 1, ...task },
    { number: 2, ...task },
  ]);
  t.equal(two.items.filter((item) => item === 'p').length, 1);
  t.equal(unpackTasks(two)[1]!.limits.logBytesMax, 4);
});

t.test('outcomes arrive as they left, with their share of processor time', async (t) => {
  const outcomes = fc.array(fc.oneof(success, failure)) as fc.Arbitrary<HostOutcome[]>;
  fc.assert(
    fc.property(outcomes, (outcomes) => {
      const shared = outcomes.map((outcome) => ({
        ...outcome,
        usage: { ...outcome.usage, cpuMs: outcome.usage.wallMs / 2 },
      }));
      t.same(unpackOutcomes(packOutcomes(outcomes, 0.5)), shared);
    }),
  );
});

t.test('anything else from a host is a fault', async (t) => {
  const item = fc.oneof(fc.nat(300), fc.string(), fc.boolean(), fc.constant(Number.NaN), fc.constant(null));
  const anything = fc.record({ items: fc.array(item), bytes: bytes() }) as fc.Arbitrary<unknown>;
  fc.assert(
    fc.property(fc.oneof(anything, fc.anything()), (value) => {
      try {
        unpackOutcomes(value as Bundle);
        return true;
      } catch (fault) {
        return fault instanceof Fault && fault.code === 'FABRIC_TASK_CRASHED';
      }
    }),
    { numRuns: 2_000 },
  );
  const short = { items: [1, 1, 0, 0, 0, 'digest', 9, 0], bytes: new Uint8Array(8) };
  t.throws(() => unpackOutcomes(short), { code: 'FABRIC_TASK_CRASHED' });
  t.equal(unpackOutcomes({ ...short, bytes: new Uint8Array(9) }).length, 1);
});
