import t from 'tap';
import { EMPTY, fold, type Snapshot } from '../../../src/grid/top/view-model.ts';
import { FakeNode } from '../fake-node.ts';

async function snapshot(node = new FakeNode()): Promise<Snapshot> {
  return {
    node: node.identity(),
    machine: await node.machine(),
    tasks: await node.tasks(),
    leases: await node.leases(),
    peers: await node.peers(),
    batches: await node.api.list(),
    credit: await node.credit(),
  };
}

t.test('a daemon that is lost keeps its last picture until it is back', async (t) => {
  const first = fold(EMPTY, { type: 'snapshot', snapshot: await snapshot() });
  const lost = fold(first, { type: 'lost', reason: 'gone' });
  t.equal(lost.lost, 'gone');
  t.equal(lost.snapshot?.node.name, 'fake');
  t.equal(fold(lost, { type: 'snapshot', snapshot: await snapshot() }).lost, undefined);
});

t.test('the log is bounded, leaves out debug, and counts what the stream dropped', async (t) => {
  let model = EMPTY;
  const see = (topic: string, level?: 'debug' | 'info', details = {}) => {
    model = fold(model, { type: 'inspection', event: { topic, ...(level && { level }), details } });
  };
  see('actor.started', 'debug');
  t.equal(model.log.length, 0);
  for (let line = 0; line < 2_000; line++) see(`line.${line}`, 'info');
  t.equal(model.log.length, 500);
  t.equal(model.log.at(-1)?.topic, 'line.1999');
  see('stream.dropped', undefined, { lines: 3 });
  see('stream.dropped', undefined, { lines: 4 });
  t.equal(model.dropped, 7);
  t.equal(model.log.length, 500);
});

t.test('what goes in is never changed', async (t) => {
  const before = Object.freeze({ ...EMPTY, log: Object.freeze([]) as never[] });
  fold(before, { type: 'inspection', event: { topic: 'x' } });
  fold(before, { type: 'notice', says: 'paused' });
  t.same(before, EMPTY);
});
