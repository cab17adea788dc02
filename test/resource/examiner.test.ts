import t from 'tap';
import { type Context, type Fault, sha256, simulatedClock, toFault } from '../../src/actors/index.ts';
import { newIdentity } from '../../src/connectivity/identity.ts';
import { verifySignature } from '../../src/connectivity/signature.ts';
import { type Cid, type ContentStore, fabricErrors, outputDigest } from '../../src/fabric/index.ts';
import { type Examined, Examiner, type FetchedMail, type Liar } from '../../src/resource/examiner.ts';
import { signBundle } from '../../src/resource/receipt.ts';
import type { Return } from '../../src/resource/lease-wire.ts';
import { grant } from './lease-model.ts';

const provider = newIdentity();
const { lease, epoch } = grant;

interface Asked {
  readonly cid: Cid;
  readonly signal: AbortSignal;
  readonly from: string | undefined;
  readonly answer: (bytes: Uint8Array) => void;
  readonly fail: () => void;
}

/** A store whose fetches are answered by the test. */
function setUp(fetchesMax = 2) {
  const clock = simulatedClock(0);
  const asked: Asked[] = [];
  const get: ContentStore['get'] = (cid, { signal, from }) =>
    new Promise((resolve, reject) => {
      const fail = () => reject(fabricErrors.FABRIC_BLOCK_MISSING({ cid }));
      signal.addEventListener('abort', fail);
      asked.push({ cid, signal, from, answer: resolve, fail });
    });
  const reported: Examined[] = [];
  const accused: Liar[] = [];
  const pipe: Context<FetchedMail>['pipe'] = (work, toMail, toMailOnFault) => {
    work.then(
      (value) => examiner.fetched(toMail(value)),
      (thrown) =>
        examiner.fetched(toMailOnFault(toFault(thrown, fabricErrors.FABRIC_BLOCK_MISSING) as Fault)),
    );
  };
  const examiner: Examiner = new Examiner({
    verify: verifySignature,
    store: { get } as unknown as ContentStore,
    limits: { fetchesMax, fetchesPerLeaseMax: 2, fetchMsMax: 1_000, outputBytesMax: 100 },
    context: { clock, pipe },
    report: (it) => reported.push(it),
    accuse: (it) => accused.push(it),
  });
  return { clock, asked, reported, accused, examiner };
}

const bytes = new Uint8Array(10);

function bundle(number: number, cids: readonly string[], size = bytes.length, of = lease) {
  const returns = cids.map((cid): Return => {
    const content = { cid: cid as Cid, bytes: size, sha256: sha256(bytes) };
    const output = { exitCode: 0, stdout: bytes, files: [{ path: 'out', content }] };
    const usage = { cpuMs: 1, wallMs: 1, memoryBytesPeak: 1 };
    return {
      task: `${number}/${cid}` as never,
      status: 'succeeded',
      digest: outputDigest(output),
      usage,
      output,
    };
  });
  return signBundle({ lease: of, epoch, number }, returns, provider.signer);
}

t.test('bundles are reported in order, a few fetches at a time', async (t) => {
  const { examiner, asked, reported } = setUp();
  examiner.take(bundle(1, ['a', 'b', 'c']), provider.peer);
  examiner.take(bundle(2, []), provider.peer);
  t.equal(asked.length, 2);
  t.equal(asked[0]!.from, provider.peer, 'from whoever returned it');
  asked[1]!.answer(bytes);
  asked[0]!.answer(bytes);
  await new Promise(setImmediate);
  t.same(reported, [], 'the second waits for the first');
  asked[2]!.answer(bytes);
  await new Promise(setImmediate);
  t.same(
    reported.map((it) => it.number),
    [1, 2],
  );
});

t.test('what cannot be fetched in time, or is too large, is a failed task', async (t) => {
  const { examiner, asked, reported, clock } = setUp();
  examiner.take(bundle(1, ['a']), provider.peer);
  clock.advance(1_000);
  await new Promise(setImmediate);
  examiner.take(bundle(2, ['b'], 101), provider.peer);
  t.equal(asked.length, 1);
  for (const { returns } of reported) {
    t.match(returns, [{ status: 'failed', failure: { code: 'RESOURCE_OUTPUT_UNAVAILABLE' } }]);
  }
  t.equal(reported.length, 2);
});

t.test('bytes that are not those of the digest accuse the provider', async (t) => {
  const { examiner, asked, reported, accused } = setUp();
  examiner.take(bundle(1, ['a']), provider.peer);
  asked[0]!.answer(Uint8Array.of(1, 2, 3));
  await new Promise(setImmediate);
  t.match(accused, [{ lease, fault: { code: 'RESOURCE_DIGEST_WRONG' } }]);
  t.same(reported, []);
});

t.test('a lease that is over is reported no more', async (t) => {
  const { examiner, asked, reported, accused } = setUp(1);
  examiner.take(bundle(1, ['a', 'b']), provider.peer);
  examiner.forget(lease);
  t.ok(asked[0]!.signal.aborted, 'nor fetched');
  await new Promise(setImmediate);
  t.same([asked.length, reported.length, accused.length], [1, 0, 0]);
});

t.test(
  'a lease whose fetches stand still leaves room for those of others, and all when it ends',
  async (t) => {
    const { examiner, asked, reported } = setUp(4);
    const other = 'other' as typeof lease;
    examiner.take(bundle(1, ['a', 'b', 'c', 'd']), provider.peer);
    examiner.take(bundle(1, ['e'], bytes.length, other), provider.peer);
    t.same(
      asked.map(({ cid }) => cid),
      ['a', 'b', 'e'],
    );
    asked[2]!.answer(bytes);
    await new Promise(setImmediate);
    t.match(reported, [{ lease: other, returns: [{ status: 'succeeded' }] }]);
    examiner.forget(lease);
    examiner.take(bundle(2, ['f', 'g'], bytes.length, other), provider.peer);
    await new Promise(setImmediate);
    t.equal(asked.length, 5);
  },
);
