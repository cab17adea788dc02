import fc from 'fast-check';
import t from 'tap';
import type { TaskId } from '../../src/fabric/index.ts';
import { brokerLeaseMachine, type Epoch, freeCredit, grantedLease } from '../../src/resource/index.ts';
import { grant, LeaseModel, returnFor } from './lease-model.ts';
import { tasksNamed } from './lease-world.ts';

/** What can happen next, as names, so that a failing run reads as a story. */
const steps: Record<string, (model: LeaseModel) => void> = {
  'the broker hears': (model) => model.deliverToBroker(),
  'the provider hears': (model) => model.deliverToProvider(),
  'a task ends': (model) => model.finish(1),
  'tasks end': (model) => model.finish(5),
  'the disk is done': (model) => model.sync(),
  'a dial succeeds': (model) => model.dial(),
};

const events: typeof steps = {
  'one is assigned': (model) => model.assign(1),
  'many are assigned': (model) => model.assign(20),
  'too many are assigned': (model) => model.assign(20, 3),
  'a little time passes': (model) => model.pass(200),
};

const breaks: typeof steps = {
  'the stream breaks': (model) => model.sever(),
  'a heartbeat passes': (model) => model.pass(3_000),
};

const crashes: typeof steps = {
  'the broker restarts': (model) => model.restartBroker(),
  'the provider restarts': (model) => model.restartProvider(),
};

const faults: typeof steps = {
  'a message to the broker is lost': (model) => model.toBroker.shift(),
  'a message to the provider is lost': (model) => model.toProvider.shift(),
  'a message to the broker comes twice': (model) => model.toBroker.unshift(...model.toBroker.slice(0, 1)),
  'a message to the provider comes twice': (model) =>
    model.toProvider.unshift(...model.toProvider.slice(0, 1)),
};

/** Messages and ends of tasks are drawn most often, disasters seldom: so that a story gets somewhere. */
function stories(rare: typeof steps) {
  const drawn = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...Object.keys(steps)) },
    { weight: 8, arbitrary: fc.constantFrom(...Object.keys(events)) },
    { weight: 2, arbitrary: fc.constantFrom(...Object.keys(breaks)) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(rare)) },
  );
  return fc.array(drawn, { minLength: 50, maxLength: 300, size: 'max' });
}

function play(story: readonly string[]): LeaseModel {
  const all = { ...steps, ...events, ...breaks, ...crashes, ...faults };
  const model = new LeaseModel();
  for (const step of story) all[step]!(model);
  return model;
}

t.test('whatever breaks or restarts, the protocol is kept and each task ends exactly once', async () => {
  const property = fc.property(stories(crashes), (story) => {
    const model = play(story);
    const { breaches, late, twice } = model;
    if (breaches.length + late.length + twice.length > 0) throw [breaches, late, twice];
    model.pass(grant.expiresAt);
    return model.open.size === 0 && model.broker.phase === 'ended' && model.provider.phase === 'ended';
  });
  fc.assert(property, { numRuns: 500 });
});

t.test('loss and repetition inside a stream may end a lease, and never more than that', async () => {
  const property = fc.property(stories({ ...crashes, ...faults }), (story) => {
    const model = play(story);
    model.pass(grant.expiresAt);
    return model.open.size === 0;
  });
  fc.assert(property, { numRuns: 500 });
});

t.test('left in peace after any story, a lease that is alive returns everything', async () => {
  const property = fc.property(stories(crashes), (story) => {
    const model = play(story);
    for (let round = 0; round < 200; round++) {
      if (round % 5 === 0) model.pass(200);
      model.dial();
      for (let turn = 0; turn < 4; turn++) {
        model.deliverToBroker();
        model.deliverToProvider();
      }
      model.finish(100);
      model.sync();
    }
    const isOver = model.broker.phase === 'ended' || model.provider.phase === 'ended';
    return isOver || (model.open.size === 0 && freeCredit(model.broker) > 0);
  });
  fc.assert(property, { numRuns: 300 });
});

t.test('nothing said under another epoch changes anything', async (t) => {
  const { lease } = grant;
  const before = () => {
    const model = new LeaseModel();
    model.deliverToBroker();
    model.deliverToBroker();
    model.assign(2);
    return model.broker;
  };
  const epoch = 6 as Epoch;
  const bundle = {
    lease,
    epoch,
    number: 1,
    returns: [returnFor('t0/0' as TaskId)],
    signature: new Uint8Array(64),
  };
  for (const message of [
    { type: 'credit', lease, epoch, limit: 1_000 },
    { type: 'release', lease, epoch, reason: '' },
    { type: 'attach', lease, epoch, received: 9, tasks: [] },
    { type: 'returns', bundle },
  ] as const) {
    const { state, effects } = brokerLeaseMachine.step(before(), { type: 'said', message }, 5);
    t.same(effects, [{ type: 'say', message: { type: 'stale', lease, epoch } }]);
    t.same(state, before());
  }
});

t.test('silence is not counted for the time in which this process did not run', async (t) => {
  const state = grantedLease(grant, 0);
  const slept = brokerLeaseMachine.step(state, { type: 'tick', heardAt: 0, absentMs: 60_000 }, 61_000);
  t.not(slept.state.phase, 'ended');
  const silent = brokerLeaseMachine.step(state, { type: 'tick', heardAt: 0, absentMs: 0 }, 80_000);
  t.match(silent.effects.at(-1), { type: 'end', fault: { code: 'RESOURCE_LEASE_SILENT' }, opened: false });
});

t.test(
  'a provider that returns what it was not given, or claims what was not sent, loses its lease',
  async () => {
    const model = new LeaseModel();
    model.deliverToBroker();
    const { lease, epoch } = grant;
    const bundle = {
      lease,
      epoch,
      number: 1,
      returns: [returnFor('x' as TaskId)],
      signature: new Uint8Array(64),
    };
    model.atBroker({ type: 'said', message: { type: 'returns', bundle } });
    t.match(model.breaches, [/x was not assigned/]);
    const other = new LeaseModel();
    other.deliverToBroker();
    other.atBroker({ type: 'said', message: { type: 'attach', lease, epoch, received: 1, tasks: [] } });
    t.match(other.breaches, [/never sent/]);
  },
);

t.test('a bundle that is missing in a stream ends the lease', async (t) => {
  const model = new LeaseModel();
  for (const _ of [1, 2]) model.deliverToBroker();
  model.assign(2);
  model.deliverToProvider();
  for (const _ of [1, 2]) {
    model.finish(1);
    model.sync();
  }
  model.toBroker = model.toBroker.filter((it) => it.type === 'returns').slice(1);
  model.deliverToBroker();
  t.match(model.breaches, [/a bundle is missing/]);
});

t.test('a limit lower than before is ignored, and detached leases have no credit', async (t) => {
  const model = new LeaseModel();
  model.deliverToBroker();
  model.deliverToBroker();
  t.equal(freeCredit(model.broker), 4);
  const { lease, epoch } = grant;
  model.atBroker({ type: 'said', message: { type: 'credit', lease, epoch, limit: 1 } });
  t.equal(freeCredit(model.broker), 4);
  model.atBroker({ type: 'assign', tasks: tasksNamed('a', 3) });
  t.equal(freeCredit(model.broker), 1);
  model.sever();
  t.equal(freeCredit(model.broker), 0);
});
