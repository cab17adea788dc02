import t from 'tap';
import type { Delivery } from '../../src/actors/index.ts';
import { createSystem, seededRandom, simulatedClock, simulatedDispatcher } from '../../src/actors/index.ts';
import type { ExecutorMail } from '../../src/fabric/executor.ts';
import { type GovernorView, governorBehaviour } from '../../src/fabric/governor-actor.ts';
import { parsePreferences } from '../../src/fabric/preferences.ts';

function governed() {
  const clock = simulatedClock(0);
  const random = seededRandom('governor');
  const dispatcher = simulatedDispatcher(clock, random);
  const system = createSystem({ name: 'test', clock, random, dispatcher });
  const told: ExecutorMail[] = [];
  let answer: Delivery = 'accepted';
  const executor = {
    path: '/executor',
    tell: (mail: ExecutorMail) => {
      if (answer === 'accepted') told.push(mail);
      return answer;
    },
  };
  const init = { preferences: parsePreferences({}), slots: 4, executor };
  const governor = system.spawn('governor', () => governorBehaviour(init));
  const view = async () => {
    const { promise, resolve } = Promise.withResolvers<GovernorView>();
    governor.tell({ type: 'view', reply: resolve });
    await dispatcher.run();
    return promise;
  };
  return {
    governor,
    told,
    view,
    run: () => dispatcher.run(),
    answers: (next: Delivery) => {
      answer = next;
    },
  };
}

t.test('the executor hears what follows from a reading, and from the owner’s word', async (t) => {
  const { governor, told, run } = governed();
  governor.tell({ type: 'reading', reading: { kind: 'presence', idleMs: 1e9 } });
  governor.tell({ type: 'reading', reading: { kind: 'power', onBattery: true } });
  governor.tell({ type: 'pause', reason: 'lunch' });
  await run();
  t.match(told, [
    { type: 'govern', suspended: false, slots: 4 },
    { type: 'govern', suspended: true, slots: 0, reason: 'The machine runs on battery.' },
    { type: 'govern', suspended: true, reason: 'lunch' },
  ]);
});

t.test('an order that did not get through is given again', async (t) => {
  const { governor, told, run, answers } = governed();
  answers('full');
  governor.tell({ type: 'pause', reason: 'lunch' });
  await run();
  t.equal(told.length, 0);
  answers('accepted');
  governor.tell({ type: 'reading', reading: { kind: 'power', onBattery: false } });
  governor.tell({ type: 'reading', reading: { kind: 'power', onBattery: false } });
  await run();
  t.match(told, [{ suspended: true, reason: 'lunch' }]);
  t.equal(told.length, 1);
});

t.test('faces see the verdict, whether it is the owner’s, and what was read', async (t) => {
  const { governor, view } = governed();
  t.match(await view(), { verdict: { reason: /not been read/, slots: 4 }, paused: false, readings: {} });
  governor.tell({ type: 'reading', reading: { kind: 'power', onBattery: false } });
  governor.tell({ type: 'pause', reason: 'lunch' });
  t.match(await view(), {
    verdict: { state: 'suspend', reason: 'lunch' },
    paused: true,
    readings: { power: { at: 0, reading: { onBattery: false } } },
  });
  governor.tell({ type: 'resume' });
  t.match(await view(), { verdict: { state: 'throttle' }, paused: false });
});
