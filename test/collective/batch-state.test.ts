import t from 'tap';
import {
  draftBytes,
  openBatch,
  roomFor,
  viewOf,
  WINDOW_BYTES_MAX,
  WINDOW_UNITS_MAX,
} from '../../src/collective/batch-state.ts';
import { sampleSpec } from './fakes/samples.ts';

t.test('a new batch is open, empty and has room for a window', async (t) => {
  const state = openBatch(sampleSpec());
  t.match(viewOf(state), { phase: 'open', counts: { drawn: 0, total: null, active: 0 }, files: [] });
  t.equal(roomFor(state), WINDOW_UNITS_MAX);
});

t.test('a window of few large units is full too', async (t) => {
  const state = openBatch(sampleSpec());
  state.windowBytes = WINDOW_BYTES_MAX;
  t.equal(roomFor(state), 0);
});

t.test('a draft weighs what its arguments and inline files do', async (t) => {
  const files = [
    { path: 'in', content: { inline: new Uint8Array(100) } },
    { path: 'by', content: { cid: 'bafy' as never, bytes: 1e9 } },
  ];
  t.equal(draftBytes({ args: ['12', '3'], files, label: 'abc' }), 3 + 3 + 102 + 6);
});

t.test('the total is known when the source has ended', async (t) => {
  const state = openBatch(sampleSpec());
  state.cursor = 5;
  state.sourceEnded = true;
  t.equal(viewOf(state).counts.total, 5);
});
