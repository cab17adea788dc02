import t from 'tap';
import type { Delivery } from '../../src/actors/index.ts';
import { Outbox } from '../../src/resource/outbox.ts';

t.test('mail to a full mailbox waits, in order, and is told once', async (t) => {
  const got: number[] = [];
  let answer: Delivery = 'accepted';
  const tell = (mail: number): Delivery => {
    if (answer === 'accepted') got.push(mail);
    return answer;
  };
  const outbox = new Outbox<number>({ path: '/x', tell });
  outbox.tell(1);
  answer = 'full';
  outbox.tell(2);
  t.notOk(outbox.flush());
  answer = 'accepted';
  outbox.tell(3);
  t.same(got, [1], 'nothing overtakes');
  t.ok(outbox.flush());
  t.same(got, [1, 2, 3]);
});
