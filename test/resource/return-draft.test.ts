import t from 'tap';
import type { Digest } from '../../src/actors/index.ts';
import type { TaskId, TaskOutput } from '../../src/fabric/index.ts';
import { returnSchema } from '../../src/resource/lease-schema.ts';
import { failedReturn, returnOf, returnsByPrefix } from '../../src/resource/return-draft.ts';

const id = 'p.x' as TaskId;
const task = 'x' as TaskId;
const usage = { cpuMs: 1, wallMs: 1, memoryBytesPeak: 1 };
const digest = 'a'.repeat(64) as Digest;

function succeeded(output: Partial<TaskOutput>) {
  const whole = { exitCode: 0, stdout: new Uint8Array(0), files: [], ...output };
  return returnOf(task, { id, status: 'succeeded', digest, output: whole, usage });
}

t.test('an outcome becomes a return that the protocol takes', async (t) => {
  t.match(succeeded({}), { task, status: 'succeeded', digest });
  t.match(returnOf(task, { id, status: 'cancelled', usage }), { task, status: 'cancelled', digest: '' });
  t.ok(returnSchema.safeParse(succeeded({})).success);
  t.ok(returnSchema.safeParse(returnOf(task, { id, status: 'cancelled', usage })).success);
});

t.test('outcomes are told apart by the lease that they are of', async (t) => {
  const cancelled = (name: string) => ({ id: name as TaskId, status: 'cancelled' as const, usage });
  const byPrefix = returnsByPrefix(['p.x', 'q.y', 'p.z'].map(cancelled));
  t.same(
    [...byPrefix].map(([prefix, returns]) => [prefix, ...returns.map((it) => it.task)]),
    [
      ['p', 'x', 'z'],
      ['q', 'y'],
    ],
  );
});

t.test('what is too large to send becomes a failure that says so', async (t) => {
  const inline = new Uint8Array(40_000);
  const small = { inline: new Uint8Array(16_000) };
  for (const output of [
    { stdout: new Uint8Array(600_000) },
    { files: [{ path: 'a', content: { inline } }] },
    {
      files: Array.from({ length: 2_000 }, (_, index) => ({
        path: `${index}`,
        content: { inline: inline.subarray(0, 1) },
      })),
    },
    { files: Array.from({ length: 100 }, (_, index) => ({ path: `${index}`, content: small })) },
  ]) {
    const returned = succeeded(output);
    t.match(returned, { status: 'failed', digest: '', failure: { code: 'RESOURCE_RETURN_TOO_LARGE' } });
    t.ok(returnSchema.safeParse(returned).success);
  }
});

t.test('texts are cut to their bounds, standard error to its end', async (t) => {
  const failure = {
    code: 'c'.repeat(100),
    message: 'm'.repeat(5_000),
    stderr: `${'-'.repeat(9_000)}the end`,
  };
  const returned = failedReturn(task, failure, usage);
  t.ok(returnSchema.safeParse(returned).success);
  t.match(returned.failure?.stderr, /the end$/);
});
