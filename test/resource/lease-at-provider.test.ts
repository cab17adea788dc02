import t from 'tap';
import type { TaskId } from '../../src/fabric/index.ts';
import { providerLeaseMachine, survivingLease, takenLease } from '../../src/resource/index.ts';
import type {
  Epoch,
  ProviderLease,
  ProviderLeaseEffect,
  ProviderLeaseEvent,
  ReturnBundle,
} from '../../src/resource/index.ts';
import { grant, LeaseModel, returnFor } from './lease-model.ts';

const { lease, epoch } = grant;

function step(state: ProviderLease, event: ProviderLeaseEvent, now = 0): readonly ProviderLeaseEffect[] {
  return providerLeaseMachine.step(state, event, now).effects;
}

/** A lease with two tasks running, its broker listening. */
function running(): LeaseModel {
  const model = new LeaseModel();
  for (const _ of [1, 2]) model.deliverToBroker();
  model.assign(2);
  model.deliverToProvider();
  return model;
}

t.test('nothing is sent before it is durable', async (t) => {
  const model = running();
  model.finish(2);
  t.equal(model.toBroker.filter((it) => it.type === 'returns').length, 0);
  model.sync();
  t.equal(model.toBroker.filter((it) => it.type === 'returns').length, 1);
});

t.test('what ends while a bundle is on its way to the disk waits for the next one', async (t) => {
  const model = running();
  model.assign(2);
  model.deliverToProvider();
  for (const _ of [1, 2, 3]) model.finish(1);
  t.equal(model.sealing.length, 1);
  model.sync();
  t.match(model.sealing, [{ bundle: { number: 2, returns: { length: 2 } } }]);
});

t.test('a broker that assigns more than it may, or twice, loses the lease', async (t) => {
  const bundleOf = (names: readonly string[]) => ({
    commons: [],
    tasks: names.map((id) => ({ id: id as TaskId, common: 0, args: [], files: [], seed: '' })),
  });
  for (const [code, ...names] of [
    ['RESOURCE_CREDIT_EXCEEDED', 'a', 'b', 'c'],
    ['RESOURCE_PROTOCOL_BROKEN', 'a', 'a'],
  ] as const) {
    const { provider } = running();
    const message = { type: 'assign', lease, epoch, bundle: bundleOf(names) } as const;
    const effects = step(provider, { type: 'said', message });
    t.match(effects, [
      { type: 'say', message: { type: 'release' } },
      { type: 'end', fault: { code } },
      { type: 'hang-up' },
    ]);
  }
});

t.test('a stale lease ends: what runs is cancelled', async (t) => {
  const { provider } = running();
  const effects = step(provider, { type: 'said', message: { type: 'stale', lease, epoch } });
  t.match(effects[0], { type: 'end', fault: { code: 'RESOURCE_LEASE_STALE' }, tasks: ['t0/0', 't0/1'] });
});

t.test('words about another lease are a breach', async (t) => {
  const message = { type: 'heartbeat', lease, epoch: 99 as Epoch } as const;
  const effects = step(running().provider, { type: 'said', message });
  t.match(effects[1], { type: 'end', fault: { code: 'RESOURCE_PROTOCOL_BROKEN' } });
});

t.test(
  'both a silent broker and one that cannot be reached are tried again, for as long as it lasts',
  async (t) => {
    const model = running();
    const silent = { type: 'tick', heardAt: 0, lingerMs: 1e9 } as const;
    t.notMatch(step(model.provider, silent, 9_999), [{ type: 'hang-up' }]);
    t.match(step(model.provider, silent, 10_001), [{ type: 'hang-up' }]);
    let now = 10_001;
    for (let attempt = 0; attempt < 20; attempt++) {
      step(model.provider, { type: 'broke', chance: 0.9 }, now);
      const before = now;
      while (!step(model.provider, silent, now).some((it) => it.type === 'dial')) now += 50;
      t.ok(now - before <= grant.lapseAfterMs / 4 + 50, 'often enough not to miss a restarted broker');
    }
    t.match(step(model.provider, silent, grant.expiresAt), [
      { type: 'end', fault: { code: 'RESOURCE_LEASE_EXPIRED' } },
      { type: 'hang-up' },
    ]);
  },
);

t.test('slots go to others when the broker is gone for long, and results stay', async (t) => {
  const model = running();
  model.finish(2);
  model.sync();
  model.sever();
  const silent = { type: 'tick', heardAt: 0, lingerMs: 1e9 } as const;
  t.ok(step(model.provider, silent, 20_000).some((it) => it.type === 'unreserve'));
  step(model.provider, { type: 'dialled' }, 20_001);
  const message = { type: 'attached', lease, epoch, drop: [], sent: 2 } as const;
  const effects = step(model.provider, { type: 'said', message }, 20_002);
  t.match(effects, [{ type: 'say', message: { type: 'returns' } }, { type: 'reserve' }]);
  const refused = step(model.provider, { type: 'reserved', held: false }, 20_003);
  t.same(refused, [], 'without slots there is no credit');
});

t.test('towards its end a lease asks for no new work', async (t) => {
  const model = running();
  model.finish(2);
  model.sync();
  model.pass(0);
  const late = grant.expiresAt - 60_000;
  step(model.provider, { type: 'tick', heardAt: late, lingerMs: 1e9 }, late);
  const message = { type: 'acknowledge', lease, epoch, number: 1 } as const;
  const effects = step(model.provider, { type: 'said', message }, late);
  t.match(effects, [
    { type: 'forget', numbers: [1] },
    { type: 'say', message: { type: 'release' } },
  ]);
});

t.test('what the broker no longer waits for is cancelled and not returned', async (t) => {
  const model = running();
  model.sever();
  step(model.provider, { type: 'dialled' });
  const message = { type: 'attached', lease, epoch, drop: ['t0/1' as TaskId], sent: 2 } as const;
  t.match(step(model.provider, { type: 'said', message })[0], { type: 'cancel', tasks: ['t0/1'] });
  step(model.provider, { type: 'ended', returns: [returnFor('t0/1' as TaskId)] });
  t.equal(model.provider.ended.length, 0);
});

t.test('after a crash the numbers go on', async (t) => {
  const state = survivingLease(grant, 41, [], 0);
  step(state, { type: 'dialled' });
  step(state, { type: 'said', message: { type: 'attached', lease, epoch, drop: [], sent: 90 } });
  const effects = step(state, { type: 'reserved', held: true });
  t.match(effects, [{ type: 'say', message: { type: 'credit', limit: 94 } }]);
  state.running.add('x' as TaskId);
  step(state, { type: 'ended', returns: [returnFor('x' as TaskId)] });
  t.match(step(state, { type: 'flush' }), [{ type: 'seal', number: 42 }]);
});

/** A lease in which these run, and no more may come. */
function activeWith(...names: readonly string[]): ProviderLease {
  const state = takenLease(grant, 0);
  step(state, { type: 'kept' });
  for (const name of names) state.running.add(name as TaskId);
  state.received = state.limit = names.length;
  return state;
}

const ends = (state: ProviderLease, ...names: readonly string[]) =>
  step(state, { type: 'ended', returns: names.map((name) => returnFor(name as TaskId)) });

function seals(state: ProviderLease): readonly string[] {
  const { number, sealing: returns } = state;
  const kept = { bundle: { lease, epoch, number, returns } as ReturnBundle, bytes: 100 };
  const effects = step(state, { type: 'sealed', kept });
  return effects.flatMap((it) => (it.type === 'seal' ? it.returns.map(({ task }) => task) : []));
}

t.test(
  'what was not to leave yet goes on waiting when a bundle is on the disk; the rest does not',
  async (t) => {
    const state = activeWith('a', 'b', 'c', 'd');
    ends(state, 'a');
    step(state, { type: 'flush' });
    ends(state, 'b');
    t.same(seals(state), []);
    ends(state, 'c');
    t.match(step(state, { type: 'flush' }), [{ type: 'seal', returns: [{ task: 'b' }, { task: 'c' }] }]);
    ends(state, 'd');
    t.same(step(state, { type: 'flush' }), [], 'one at a time');
    t.same(seals(state), ['d']);
  },
);

t.test('credit waits for the next bundle, unless little is left to run', async (t) => {
  const state = activeWith('a', 'b', 'c', 'd', 'e', 'f');
  state.window = { perSlot: 10 };
  t.equal(grant.slots, 2);
  t.same(ends(state, 'a'), []);
  const [credit] = ends(state, 'b');
  t.match(credit, { type: 'say', message: { type: 'credit' } });
  t.same(ends(state, 'c'), [], 'what was asked for may still come');
});
