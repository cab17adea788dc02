import t from 'tap';
import type { Context, Delivery } from '../../src/actors/index.ts';
import { HolderLine } from '../../src/collective/holder-line.ts';
import type { DealId, HolderMail } from '../../src/resource/index.ts';

function line() {
  const told: HolderMail[] = [];
  const scheduled: string[] = [];
  const holder = {
    path: '/holder',
    answer: 'accepted' as Delivery,
    tell(mail: HolderMail): Delivery {
      if (holder.answer === 'accepted') told.push(mail);
      return holder.answer;
    },
  };
  const schedule = (_delayMs: number, mail: string) => {
    scheduled.push(mail);
    return () => {};
  };
  const made = new HolderLine<string>({ schedule } as unknown as Context<string>, holder, 'again');
  return { told, scheduled, holder, line: made };
}

const release = (reason: string): HolderMail => ({ type: 'release', lease: 'l' as never, reason });

t.test('mail that a full holder does not take is told later, in order', async (t) => {
  const { told, scheduled, holder, line: made } = line();
  holder.answer = 'full';
  made.tell(release('one'));
  made.tell(release('two'));
  t.same(scheduled, ['again']);
  made.retry();
  t.same(scheduled, ['again', 'again']);
  holder.answer = 'accepted';
  made.tell(release('three'));
  t.same(told, []);
  made.retry();
  t.same(told, [release('one'), release('two'), release('three')]);
});

t.test('whether offers are wanted is said when it changes', async (t) => {
  const { told, line: made } = line();
  const deal = '0x01' as DealId;
  for (const wanted of [false, false, true, true, false]) made.demand(wanted, []);
  for (const deals of [[], [deal], [deal], []]) made.demand(false, deals);
  t.same(told, [
    { type: 'demand', wanted: false, deals: [] },
    { type: 'demand', wanted: true, deals: [] },
    { type: 'demand', wanted: false, deals: [] },
    { type: 'demand', wanted: false, deals: [deal] },
    { type: 'demand', wanted: false, deals: [] },
  ]);
});
