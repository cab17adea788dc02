import fc from 'fast-check';
import t from 'tap';
import {
  decodeBatch,
  decodeEntry,
  type EventRow,
  encodeBatch,
  encodeTurn,
  eventRow,
} from '../../src/collective/batch-codec.ts';
import { batchMachine } from '../../src/collective/batch-machine.ts';
import {
  type BatchEffect,
  type BatchEvent,
  type BatchState,
  openBatch,
  outReplicas,
  roomFor,
  viewOf,
  WINDOW_UNITS_MAX,
} from '../../src/collective/batch-state.ts';
import type { BatchSpec, UnitIndex } from '../../src/collective/batch.ts';
import type { ReplicaReturn } from '../../src/collective/replica.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import type { LeaseId } from '../../src/resource/index.ts';
import {
  digest,
  drafts,
  failed,
  place,
  quorumOf,
  sampleSpec,
  succeeded,
  unitIndex,
} from './fakes/samples.ts';

/** A batch to which things happen, and the journal of it. */
function told(spec: BatchSpec) {
  let state = openBatch(spec);
  const effects: BatchEffect[] = [];
  const journal: Uint8Array[] = [];
  let now = 0;
  const tell = (event: BatchEvent, at = now + 1): readonly BatchEffect[] => {
    now = at;
    const step = batchMachine.step(state, event, now);
    state = step.state;
    const rows: EventRow[] = [eventRow(event, state)];
    journal.push(encodeTurn(now, rows));
    effects.push(...step.effects);
    return step.effects;
  };
  return {
    get state() {
      return state;
    },
    effects,
    journal,
    tell,
    draw: (count: number) => tell({ type: 'drawn', drafts: drafts(count) }),
    assign: (name: string, ...units: number[]) =>
      tell({ type: 'assigned', place: place(name), units: units as UnitIndex[] }),
    return: (name: string, unit: number, said: ReplicaReturn) =>
      tell({ type: 'returned', lease: place(name).lease, returns: [{ unit: unitIndex(unit), ...said }] }),
    verdicts: () => effects.flatMap((one) => (one.type === 'verdict' ? [one.result] : [])),
  };
}

/** The state that a restarted broker finds. */
function replayed(spec: BatchSpec, journal: readonly Uint8Array[]): BatchState {
  let state = openBatch(spec);
  for (const bytes of journal) {
    const entry = decodeEntry(bytes);
    if ('spec' in entry) continue;
    for (const event of entry.events) state = batchMachine.step(state, event, entry.now).state;
  }
  return state;
}

const q1 = sampleSpec({ quorum: quorumOf(1) });

t.test('a batch is drawn, judged unit by unit, merged, and done', async (t) => {
  const batch = told(q1);
  batch.draw(2);
  batch.tell({ type: 'sourceEnded' });
  batch.assign('ann', 0, 1);
  batch.return('ann', 0, succeeded(0, 'zero'));
  t.equal(batch.state.phase, 'open');
  batch.return('ann', 1, succeeded(0, 'one'));
  t.equal(batch.state.phase, 'merging');
  batch.tell({ type: 'merged', files: [] });
  t.match(viewOf(batch.state), {
    phase: 'done',
    endedAt: 6,
    counts: { drawn: 2, total: 2, active: 0, agreed: 2 },
  });
});

t.test('a final unit leaves the window at once, with its row', async (t) => {
  const batch = told(q1);
  batch.draw(1);
  batch.assign('ann', 0);
  const effects = batch.return('ann', 0, succeeded(0, 'zero'));
  t.equal(batch.state.window.size, 0);
  t.equal(batch.state.windowBytes, 0);
  t.match(effects[0], { type: 'verdict', result: { unit: 0, output: { exitCode: 0 } } });
});

t.test('there is room for a window of units, and for none when the batch is not open', async (t) => {
  const batch = told(q1);
  t.equal(roomFor(batch.state), WINDOW_UNITS_MAX);
  batch.draw(100);
  t.equal(roomFor(batch.state), WINDOW_UNITS_MAX - 100);
  batch.tell({ type: 'cancelled', reason: 'no' });
  t.equal(roomFor(batch.state), 0);
});

t.test('a return counts only under the lease that its replica was assigned to', async (t) => {
  const batch = told(q1);
  batch.draw(1);
  batch.assign('ann', 0);
  batch.return('mallory', 0, succeeded(0, 'wrong'));
  t.equal(batch.verdicts().length, 0);
  batch.return('ann', 7, succeeded(0, 'wrong'));
  batch.return('ann', 0, succeeded(3, 'wrong'));
  t.equal(batch.verdicts().length, 0);
});

t.test('what a lapsed lease had is wanted again, and its places are free', async (t) => {
  const batch = told(q1);
  batch.draw(3);
  batch.assign('ann', 0, 1);
  t.equal(batch.state.ready.wanted, 1);
  const effects = batch.tell({ type: 'lapsed', lease: place('ann').lease });
  t.equal(batch.state.ready.wanted, 3);
  t.equal(batch.state.out, 0);
  t.match(effects.at(-1), { type: 'freed', replicas: 2 });
});

t.test('what a provider came back without is wanted again', async (t) => {
  const batch = told(q1);
  batch.draw(2);
  batch.assign('ann', 0, 1);
  batch.tell({ type: 'dropped', lease: place('ann').lease, replicas: [[unitIndex(1), 0]] });
  t.equal(batch.state.ready.wanted, 1);
  t.equal(batch.state.out, 1);
});

t.test('a replica past the delay bound is lost, and stopped', async (t) => {
  const batch = told(q1);
  batch.draw(1);
  batch.assign('ann', 0);
  const { dueAt } = batch.state;
  batch.tell({ type: 'tick' }, dueAt - 1);
  t.equal(batch.state.ready.wanted, 0);
  const effects = batch.tell({ type: 'tick' }, dueAt);
  t.equal(batch.state.ready.wanted, 1);
  t.equal(batch.state.out, 1, 'its place is not free before the provider says so');
  t.ok(effects.some((effect) => effect.type === 'stop'));
});

t.test('a final unit is remembered while a replica of it is out, to judge it', async (t) => {
  const batch = told(sampleSpec({ quorum: quorumOf(2, { targetNresults: 3 }) }));
  batch.draw(1);
  for (const name of ['ann', 'bob', 'liar']) batch.assign(name, 0);
  batch.return('ann', 0, succeeded(0, 'right'));
  batch.return('bob', 0, succeeded(1, 'right'));
  t.equal(batch.state.closing.size, 1);
  const effects = batch.return('liar', 0, succeeded(2, 'wrong'));
  t.match(effects[0], { type: 'judged', as: 'disagreed', against: digest('right') });
  t.equal(batch.state.closing.size, 0);
});

t.test('cancelling records what is not final, once', async (t) => {
  const batch = told(q1);
  batch.draw(3);
  batch.assign('ann', 0);
  batch.return('ann', 0, succeeded(0, 'zero'));
  batch.tell({ type: 'cancelled', reason: 'enough' });
  batch.tell({ type: 'cancelled', reason: 'again' });
  t.match(viewOf(batch.state), { phase: 'cancelled', reason: 'enough', counts: { agreed: 1, cancelled: 2 } });
  t.equal(batch.verdicts().length, 3);
});

t.test('a batch without one verified result has failed and says so', async (t) => {
  const batch = told(sampleSpec({ quorum: quorumOf(1, { maxErrorResults: 0 }) }));
  batch.draw(1);
  batch.tell({ type: 'sourceEnded' });
  batch.assign('ann', 0);
  batch.return('ann', 0, failed(0));
  t.match(viewOf(batch.state), { phase: 'failed', reason: /none of the 1 units/, counts: { failed: 1 } });
});

t.test('a batch without units goes to the merger', async (t) => {
  const batch = told(q1);
  batch.tell({ type: 'sourceEnded' });
  t.equal(batch.state.phase, 'merging');
});

t.test('an output is journalled once: in the row when the verdict fell with it', async (t) => {
  const long = 'x'.repeat(10_000);
  const one = told(q1);
  one.draw(1);
  one.assign('ann', 0);
  one.return('ann', 0, succeeded(0, long));
  t.ok(one.journal.at(-1)!.length < 200);
  const two = told(sampleSpec());
  two.draw(1);
  two.assign('ann', 0);
  two.return('ann', 0, succeeded(0, long));
  t.ok(two.journal.at(-1)!.length > 10_000, 'it is needed until the verdict');
});

const happenings = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('draw' as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('assign' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({
      do: fc.constant('return' as const),
      pick: fc.nat(20),
      said: fc.constantFrom('right', 'right', 'wrong', 'failed'),
    }),
    fc.record({ do: fc.constant('lapse' as const), name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('drop' as const), pick: fc.nat(20) }),
    fc.record({ do: fc.constant('wait' as const) }),
    fc.record({ do: fc.constant('compare' as const), equal: fc.boolean() }),
    fc.record({ do: fc.constant('exclude' as const), name: fc.constantFrom('a', 'b') }),
    fc.record({ do: fc.constant('end' as const) }),
  ),
  { maxLength: 60 },
);

type Happening = typeof happenings extends fc.Arbitrary<(infer One)[]> ? One : never;

function happen(batch: ReturnType<typeof told>, one: Happening): void {
  const { state } = batch;
  const out = [...outReplicas(state)];
  switch (one.do) {
    case 'draw':
      if (!state.sourceEnded) batch.draw(one.count);
      break;
    case 'assign': {
      const { owner } = place(one.name);
      for (const unit of state.window.values())
        if (unit.wanted > 0 && !unit.replicas.some((replica) => replica.place.owner === owner)) {
          batch.assign(one.name, unit.unit);
          break;
        }
      break;
    }
    case 'return': {
      const picked = out[one.pick % Math.max(1, out.length)];
      if (!picked) break;
      const { ordinal, place } = picked.replica;
      const said = one.said === 'failed' ? failed(ordinal) : succeeded(ordinal, one.said);
      batch.tell({ type: 'returned', lease: place.lease, returns: [{ unit: picked.unit.unit, ...said }] });
      break;
    }
    case 'lapse':
      batch.tell({ type: 'lapsed', lease: `lease-${one.name}` as LeaseId });
      break;
    case 'drop': {
      const picked = out[one.pick % Math.max(1, out.length)];
      if (!picked) break;
      const { lease } = picked.replica.place;
      batch.tell({ type: 'dropped', lease, replicas: [[picked.unit.unit, picked.replica.ordinal]] });
      break;
    }
    case 'wait':
      if (Number.isFinite(state.dueAt)) batch.tell({ type: 'tick' }, state.dueAt);
      break;
    case 'compare': {
      const unit = [...state.window.values()].find(({ comparing }) => comparing !== '');
      const founder = unit?.replicas.find(({ ballot }) => ballot !== '')?.ballot;
      if (!unit || unit.comparing === '') break;
      const same = one.equal ? (founder ?? '') : '';
      batch.tell({ type: 'compared', unit: unit.unit, digest: unit.comparing, same });
      break;
    }
    case 'exclude':
      batch.tell({ type: 'excluded', owner: `owner-${one.name}` as OwnerId });
      break;
    case 'end':
      batch.tell({ type: 'sourceEnded' });
      break;
  }
}

function spec(minQuorum: number, compare: BatchSpec['compare']): BatchSpec {
  return sampleSpec({ quorum: quorumOf(minQuorum), compare });
}

t.test('whatever happens, in any order', async (t) => {
  const compares = fc.constantFrom<BatchSpec['compare']>('digest', 'plugin');
  fc.assert(
    fc.property(happenings, fc.integer({ min: 1, max: 3 }), compares, (all, minQuorum, compare) => {
      const batch = told(spec(minQuorum, compare));
      for (const one of all) {
        happen(batch, one);
        const { state } = batch;
        const wanted = [...state.window.values()].reduce((sum, unit) => sum + unit.wanted, 0);
        if (wanted !== state.ready.wanted) return false;
        if ([...outReplicas(state)].length !== state.out) return false;
        const { agreed, failed, cancelled } = state.tallies;
        if (state.window.size + agreed + failed + cancelled !== state.cursor) return false;
      }
      const rows = batch.verdicts().map((result) => result.unit);
      return (
        new Set(rows).size === rows.length && rows.length + batch.state.window.size === batch.state.cursor
      );
    }),
    { numRuns: 500 },
  );
  t.pass('every unit is in the window or has one row, and all that is derived is right');
});

t.test('a replay, and a snapshot at any point with what came after it, give the same state', async () => {
  const compares = fc.constantFrom<BatchSpec['compare']>('digest', 'plugin');
  fc.assert(
    fc.property(
      happenings,
      fc.integer({ min: 1, max: 3 }),
      compares,
      fc.nat(60),
      (all, min, compare, cut) => {
        const batch = told(spec(min, compare));
        let snapshot = encodeBatch(batch.state);
        let after = 0;
        for (const [index, one] of all.entries()) {
          happen(batch, one);
          if (index !== cut) continue;
          snapshot = encodeBatch(batch.state);
          after = batch.journal.length;
        }
        const expected = Buffer.from(encodeBatch(batch.state));
        if (!expected.equals(encodeBatch(replayed(batch.state.spec, batch.journal)))) return false;
        let state = decodeBatch(snapshot);
        for (const bytes of batch.journal.slice(after)) {
          const entry = decodeEntry(bytes);
          if (!('spec' in entry))
            for (const event of entry.events) state = batchMachine.step(state, event, entry.now).state;
        }
        return expected.equals(encodeBatch(state)) && state.ready.wanted === batch.state.ready.wanted;
      },
    ),
    { numRuns: 500 },
  );
});
