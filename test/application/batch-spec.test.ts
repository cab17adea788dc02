import t from 'tap';
import { seededRandom } from '../../src/actors/index.ts';
import { batchSpec, readApplication, withShared } from '../../src/application/batch-spec.ts';
import type { Cid } from '../../src/fabric/index.ts';
import { batchFileOf, LIMITS, manifestOf } from './fixtures.ts';

const inputs = [
  { name: 'zeta', cid: 'bz' as Cid, bytes: 1 },
  { name: 'alpha', cid: 'ba' as Cid, bytes: 2 },
];

function specWith(seed: string, members: object = {}) {
  const parts = { file: batchFileOf(members), manifest: manifestOf(), inputs, submittedAt: 7 };
  return batchSpec({ ...parts, random: seededRandom(seed) });
}

t.test('the manifest gives what the file leaves open', async (t) => {
  const { limits: _, ...kept } = LIMITS as typeof LIMITS & { limits?: unknown };
  t.match(specWith('a'), {
    name: 'a test',
    app: 'tried@1.0.0',
    submittedAt: 7,
    common: { sandbox: 'wasm', program: manifestOf().program.cid, limits: kept },
    requirements: { sandbox: 'wasm', memoryBytes: 1_000_000 },
    quorum: { minQuorum: 2, delayBoundMs: 3_600_000 },
    compare: 'digest',
  });
  t.match(specWith('a', { limits: { memory: '2MB' } }), {
    common: { limits: { memoryBytesMax: 2_000_000, runMsMax: 1_000 } },
    requirements: { memoryBytes: 2_000_000 },
  });
});

t.test('amounts travel as texts, and a verdict on the chain needs two voices', async (t) => {
  t.notOk('pay' in specWith('a'), 'for credit alone');
  const members = { pay: { budget: '1.5', work: '1h' }, quorum: { min_quorum: 1 } };
  t.same(specWith('a', members).pay, {
    budget: '1500000000000000000',
    stakeLock: '0',
    minQuorum: 2,
    workS: 3_600,
    windowS: 3_600,
  });
});

t.test('the same file submitted twice makes two batches of the same work', async (t) => {
  const [one, other] = [specWith('a'), specWith('b', { name: 'another' })];
  t.match(one.batch, /^b[a-z2-7]{15}$/);
  t.not(one.batch, other.batch);
  t.same(one.application, other.application, 'so units have the same seeds');
});

t.test('the application part comes back whole', async (t) => {
  t.same(readApplication(specWith('a', { parameters: { n: 1.5 } })), {
    app: 'tried@1.0.0',
    plugin: manifestOf().plugin,
    parameters: { n: 1.5 },
    inputs: [inputs[1], inputs[0]],
  });
});

t.test('a spec is frozen through and through', async (t) => {
  const spec = withShared(specWith('a'), [{ path: 'x', content: { inline: new Uint8Array(1) } }]);
  for (const part of [
    spec,
    spec.quorum,
    spec.common,
    spec.common.files,
    spec.common.files[0],
    spec.common.limits,
  ]) {
    t.ok(Object.isFrozen(part));
  }
});

t.test('a spec of another making is refused', async (t) => {
  const spec = { ...specWith('a'), application: new Uint8Array([0xa0]) };
  t.throws(() => readApplication(spec), { code: 'APPLICATION_PLUGIN_ANSWER' });
});
