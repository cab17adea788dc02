import t from 'tap';
import {
  type ActorRef,
  createSystem,
  type Inspection,
  SECOND_MS,
  seededRandom,
  simulatedClock,
  simulatedDispatcher,
} from '../../src/actors/index.ts';
import { decodeAnnouncement } from '../../src/collective/announcement.ts';
import { announcer, type AnnouncerMail } from '../../src/collective/announcer.ts';
import type { BatchId } from '../../src/collective/batch.ts';
import { openBatch, viewOf } from '../../src/collective/batch-state.ts';
import type { Network, PeerId } from '../../src/connectivity/index.ts';
import { sampleSpec } from './fakes/samples.ts';

function scene(publish: (bytes: Uint8Array) => Promise<void>) {
  const clock = simulatedClock(0);
  const random = seededRandom('announcer');
  const dispatcher = simulatedDispatcher(clock, random);
  const inspected: Inspection[] = [];
  const system = createSystem({
    name: 'announcer',
    clock,
    random,
    dispatcher,
    inspectors: [(event) => inspected.push(event)],
  });
  const network: Pick<Network, 'self' | 'addresses' | 'publish'> = {
    self: 'broker' as PeerId,
    addresses: () => [],
    publish: (_topic, bytes) => publish(bytes),
  };
  const ref: ActorRef<AnnouncerMail> = system.spawn('announcer', announcer(network as Network));
  return { ref, inspected, pass: (ms: number) => dispatcher.runUntil(clock.now() + ms) };
}

t.test('a batch is announced soon, and again until it is not open any more', async (t) => {
  const said: (string | undefined)[] = [];
  const { ref, pass } = scene(async (bytes) => {
    said.push(decodeAnnouncement(bytes)?.app);
  });
  const spec = sampleSpec();
  ref.tell({ type: 'announce', spec });
  await pass(SECOND_MS);
  t.same(said, [spec.app]);
  await pass(10 * SECOND_MS);
  t.equal(said.length, 3);
  ref.tell({ type: 'changed', view: { ...viewOf(openBatch(spec)), phase: 'merging' } });
  await pass(60 * SECOND_MS);
  t.equal(said.length, 3);
});

t.test('what is over before it was said needs no announcement', async (t) => {
  let said = 0;
  const { ref, pass } = scene(async () => {
    said += 1;
  });
  const spec = sampleSpec();
  ref.tell({ type: 'announce', spec });
  await pass(10);
  ref.tell({ type: 'changed', view: { ...viewOf(openBatch(spec)), phase: 'merging' } });
  await pass(60 * SECOND_MS);
  t.equal(said, 0);
});

t.test('of many batches a few are told in each round, all in turn', async (t) => {
  let said = 0;
  const { ref, pass } = scene(async () => {
    said += 1;
  });
  for (let batch = 0; batch < 20; batch += 1)
    ref.tell({ type: 'announce', spec: sampleSpec({ batch: `b${batch}` as BatchId }) });
  await pass(SECOND_MS);
  t.equal(said, 20);
  await pass(5 * SECOND_MS);
  t.equal(said, 28);
});

t.test('a network that refuses is no reason to stop', async (t) => {
  const { ref, inspected, pass } = scene(() => Promise.reject(new TypeError('no mesh')));
  ref.tell({ type: 'announce', spec: sampleSpec() });
  await pass(7 * SECOND_MS);
  const failed = inspected.filter(({ topic }) => topic === 'announcement.failed');
  t.equal(failed.length, 2);
  t.ok(failed[0]?.fault?.code);
});

t.test('what went wrong is said with the reason', async (t) => {
  const { collectiveErrors } = await import('../../src/collective/errors.ts');
  t.match(collectiveErrors.COLLECTIVE_ANNOUNCEMENT_FAILED({ reason: 'no mesh' }).message, /no mesh/);
});
