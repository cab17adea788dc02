import fc from 'fast-check';
import t from 'tap';
import { resourceErrors } from '../../src/resource/errors.ts';
import { owedIn } from '../../src/resource/account-book.ts';
import { unpaidIn } from '../../src/resource/deal-at-provider.ts';
import { DealModel, UNPAID_MAX } from './deal-model.ts';
import { deal } from './deal-papers.ts';

const steps: Record<string, (model: DealModel) => void> = {
  'a cheap task is assigned': (model) => model.assign(7n),
  'a task is assigned': (model) => model.assign(333n),
  'a dear task is assigned': (model) => model.assign(UNPAID_MAX),
  'a task ends early': (model) => model.finish(30n),
  'a task ends at its limit': (model) => model.finish(100n),
  'a task fails': (model) => model.finish(0n),
  'the disk is done': (model) => model.sync(),
  'the broker hears': (model) => model.brokerHears(),
  'the provider hears': (model) => model.providerHears(),
  'a little time passes': (model) => model.pass(200),
};

const rare: typeof steps = {
  'more is allocated': (model) => model.allocate(400n),
  'a message to the provider is lost': (model) => void model.toProvider.shift(),
  'a message comes twice': (model) => void model.toProvider.unshift(...model.toProvider.slice(0, 1)),
  'the stream breaks': (model) => model.sever(),
  'it is attached again': (model) => model.attach(),
  'the provider restarts': (model) => model.restartProvider(),
  'the broker restarts': (model) => model.restartBroker(),
};

const stories = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...Object.keys(steps)) },
    { weight: 2, arbitrary: fc.constantFrom(...Object.keys(rare)) },
  ),
  { minLength: 50, maxLength: 400, size: 'max' },
);

function play(story: readonly string[]): DealModel {
  const model = new DealModel();
  for (const step of story) ({ ...steps, ...rare })[step]!(model);
  return model;
}

t.test('whatever is lost, repeated or restarted, no more than that is computed unpaid', async () => {
  fc.assert(
    fc.property(stories, (story) => play(story) !== undefined),
    { numRuns: 500 },
  );
});

t.test(
  'left in peace with enough allocated, everything that was done is paid, to the last unit',
  async () => {
    const property = fc.property(stories, (story) => {
      const model = play(story);
      model.allocate(10n ** 9n);
      for (let round = 0; round < 300; round++) {
        model.attach();
        model.finish(100n);
        model.sync();
        for (const _ of [1, 2, 3]) {
          model.brokerHears();
          model.providerHears();
        }
        model.pass(1_001);
      }
      const owed = owedIn(model.disk.book);
      return model.left.length > 0 || (model.disk.vouchered === owed && model.broker.vouchered === owed);
    });
    fc.assert(property, { numRuns: 200 });
  },
);

t.test('nothing is admitted beyond what may be done unpaid, and a voucher makes room', async (t) => {
  const model = new DealModel();
  model.allocate(10_000n);
  for (const _ of [1, 2, 3]) model.assign(400n);
  t.equal(model.running.size, 2);
  model.finish(100n);
  t.equal(model.running.size, 1, 'what is owed takes the room of what ran');
  model.sync();
  model.brokerHears();
  while (model.toProvider.length > 0) model.providerHears();
  t.equal(model.running.size, 2);
  t.equal(unpaidIn(model.provider), 0n);
});

t.test('a broker that stops paying gets no more work, is told why, and is left in the end', async (t) => {
  const model = new DealModel();
  model.allocate(10_000n);
  for (const _ of [1, 2, 3, 4]) model.assign(400n);
  for (const _ of [1, 2]) model.finish(100n);
  t.equal(model.running.size, 0);
  t.equal(model.provider.phase, 'withheld');
  t.match(model.provider.withheld, { code: 'RESOURCE_UNPAID', details: { owed: '800', paid: '0' } });
  model.now += 6_001;
  model.step({ type: 'tick' });
  t.same(model.left, ['RESOURCE_UNPAID']);
  t.equal(model.provider.phase, 'left');
  model.step({ type: 'paid', amount: 800n, bundles: 0, covers: 2 });
  t.equal(model.provider.phase, 'left', 'for good');
});

t.test('acknowledged work that goes without a voucher for so many intervals stops new work', async (t) => {
  const model = new DealModel();
  model.allocate(10_000n);
  model.assign(100n);
  model.finish(100n);
  model.sync();
  model.step({ type: 'acknowledged', number: 1 });
  model.now = 3_000;
  model.step({ type: 'tick' });
  t.equal(model.provider.phase, 'working');
  model.now = 3_001;
  model.step({ type: 'tick' });
  t.match(model.provider.withheld, { code: 'RESOURCE_VOUCHER_LATE', details: { waitedMs: 3_001 } });
  model.step({ type: 'paid', amount: 90n, bundles: 0, covers: 1 });
  t.equal(model.provider.phase, 'working', 'what it does not pay it has at least answered for');
  t.equal(unpaidIn(model.provider), 10n);
});

t.test('a voucher beyond the allocation is worth the allocation', async (t) => {
  const model = new DealModel();
  model.allocate(100n);
  model.assign(900n);
  model.finish(100n);
  model.sync();
  model.step({ type: 'paid', amount: 900n, bundles: 0, covers: 1 });
  t.equal(unpaidIn(model.provider), 800n);
});

t.test('a promise on a condition makes room before the work', async (t) => {
  const model = new DealModel();
  model.allocate(5_000n);
  model.step({ type: 'paid', amount: 3_000n, bundles: 2, covers: 0 });
  model.assign(3_500n);
  t.equal(model.running.size, 1);
  t.same(model.refused, []);
});

t.test('a task that may cost more than is ever done unpaid is refused with the figures', async (t) => {
  const model = new DealModel();
  model.assign(UNPAID_MAX + 1n);
  t.same(model.refused, ['t0']);
  const fault = resourceErrors.RESOURCE_TASK_DEAR({ task: 't0', cost: '1001', max: '1000' });
  t.match(fault.message, /t0 may cost 1001, and no more than 1000/);
});

t.test('before a deal is checked nothing is asked for; what speaks against it is the reason', async (t) => {
  const model = new DealModel();
  const fault = resourceErrors.RESOURCE_CHAIN_UNHEALTHY({ reason: 'it stands still' });
  model.restartProvider();
  model.step({ type: 'checked', allocated: 0n, objection: { fault, final: false } });
  t.same(model.reasons, [undefined, undefined, 'RESOURCE_CHAIN_UNHEALTHY']);
  model.step({ type: 'unchecked', fault: resourceErrors.RESOURCE_DEAL_PENDING({ deal, reason: 'x' }) });
  model.check();
  t.equal(model.provider.phase, 'working');
  const refused = resourceErrors.RESOURCE_DEAL_REFUSED({ deal, reason: 'it is closed' });
  model.step({ type: 'checked', allocated: 0n, objection: { fault: refused, final: true } });
  t.same(model.left, ['RESOURCE_DEAL_REFUSED']);
});

t.test('a deal begins unchecked', async (t) => {
  const model = new DealModel();
  t.same(model.reasons, [undefined]);
  t.match(resourceErrors.RESOURCE_DEAL_UNCHECKED({ deal }).message, deal);
});

t.test('tasks that nobody waits for any more give their room back', async (t) => {
  const model = new DealModel();
  for (const _ of [1, 2, 3]) model.assign(500n);
  t.equal(model.running.size, 2);
  const [first] = model.running.keys();
  model.running.delete(first!);
  model.step({ type: 'dropped', tasks: [first!] });
  t.equal(model.running.size, 2);
});
