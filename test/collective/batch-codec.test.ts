import t from 'tap';
import type { Digest } from '../../src/actors/index.ts';
import {
  decodeBatch,
  decodeEntry,
  encodeBatch,
  encodeSpec,
  encodeTurn,
  eventFromRow,
  eventRow,
} from '../../src/collective/batch-codec.ts';
import { batchMachine } from '../../src/collective/batch-machine.ts';
import { type BatchEvent, openBatch } from '../../src/collective/batch-state.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { drafts, failed, place, sampleSpec, succeeded, unitIndex } from './fakes/samples.ts';

const { lease } = place('ann');

const events: readonly BatchEvent[] = [
  { type: 'drawn', drafts: drafts(2) },
  { type: 'assigned', place: place('ann'), units: [unitIndex(0), unitIndex(1)] },
  { type: 'returned', lease, returns: [{ unit: unitIndex(0), ...succeeded(0, 'a') }] },
  { type: 'returned', lease, returns: [{ unit: unitIndex(1), ...failed(0) }] },
  { type: 'lapsed', lease },
  { type: 'dropped', lease, replicas: [[unitIndex(0), 0]] },
  { type: 'compared', unit: unitIndex(0), digest: 'd' as Digest, same: '' },
  { type: 'excluded', owner: 'o' as OwnerId },
  { type: 'tick' },
  { type: 'sourceEnded' },
  { type: 'cancelled', reason: 'enough' },
  { type: 'broken', reason: 'no palette' },
  { type: 'merged', files: [{ path: 'a.png', content: { inline: new Uint8Array([1]) } }] },
];

t.test('every event comes back from the journal as it was', async (t) => {
  let state = openBatch(sampleSpec());
  for (const event of events.slice(0, 3)) state = batchMachine.step(state, event, 1).state;
  const rows = events.map((event) => eventRow(event, state));
  t.same(rows.map(eventFromRow), events);
  t.same(decodeEntry(encodeTurn(7, rows)), { now: 7, events });
});

t.test('the first entry of a stream is the spec', async (t) => {
  t.same(decodeEntry(encodeSpec(sampleSpec())), { spec: sampleSpec() });
});

t.test('a snapshot comes back as it was, with all that follows from it', async (t) => {
  let state = openBatch(sampleSpec());
  for (const event of events.slice(0, 4)) state = batchMachine.step(state, event, 1).state;
  const back = decodeBatch(encodeBatch(state));
  t.same([...back.window.values()], [...state.window.values()]);
  t.equal(back.ready.wanted, state.ready.wanted);
  t.equal(back.windowBytes, state.windowBytes);
  t.equal(back.out, state.out);
  t.ok(back.dueAt >= state.dueAt, 'a bound that is looked up anew is never too early');
});
