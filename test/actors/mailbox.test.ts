import fc from 'fast-check';
import t from 'tap';
import { Mailbox } from '../../src/actors/mailbox.ts';

function mailboxOf(max: number) {
  const seen: string[] = [];
  const mailbox = new Mailbox<string>('/a', max, {
    wake: () => seen.push('wake'),
    refused: () => seen.push('refused'),
    deadLetter: (mail) => seen.push(`dead ${mail}`),
  });
  return { mailbox, seen };
}

const drain = (mailbox: Mailbox<string>): string[] => {
  const mails: string[] = [];
  while (mailbox.size > 0) mails.push(mailbox.take());
  return mails;
};

t.test('system mail comes before user mail, and each lane in the order of its arrival', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.string())), (mails) => {
      const { mailbox } = mailboxOf(1_000);
      for (const [system, mail] of mails) system ? mailbox.deliver(mail) : mailbox.tell(mail);
      const lane = (wanted: boolean) => mails.filter(([system]) => system === wanted).map(([, mail]) => mail);
      return JSON.stringify(drain(mailbox)) === JSON.stringify([...lane(true), ...lane(false)]);
    }),
  );
  t.pass('for any mails');
});

t.test(
  'a full lane tells the sender, tells the owner once, and takes again when there is room',
  async (t) => {
    const { mailbox, seen } = mailboxOf(2);
    t.same(
      ['1', '2', '3', '4'].map((mail) => mailbox.tell(mail)),
      ['accepted', 'accepted', 'full', 'full'],
    );
    t.equal(mailbox.deliver('timer'), 'accepted', 'a flood does not keep timers out');
    t.same(seen, ['wake', 'refused']);
    t.same(drain(mailbox), ['timer', '1', '2']);
    t.equal(mailbox.tell('5'), 'accepted');
  },
);

t.test('one turn is asked for at a time', async (t) => {
  const { mailbox, seen } = mailboxOf(9);
  mailbox.tell('1');
  mailbox.tell('2');
  mailbox.deliver('3');
  t.same(seen, ['wake']);
  mailbox.take();
  mailbox.rearm();
  t.same(seen, ['wake', 'wake'], 'again for what is left');
  drain(mailbox);
  mailbox.rearm();
  t.same(seen.length, 2);
  mailbox.tell('4');
  t.same(seen.length, 3);
});

t.test('while it is held, user mail waits up to the limit and system mail comes through', async (t) => {
  const { mailbox, seen } = mailboxOf(2);
  const first = mailbox.hold();
  const second = mailbox.hold();
  t.same(
    ['1', '2', '3'].map((mail) => mailbox.tell(mail)),
    ['accepted', 'accepted', 'full'],
  );
  t.same(seen, ['refused'], 'nobody is woken for what may not be read');
  mailbox.deliver('s');
  t.same(drain(mailbox), ['s']);
  mailbox.rearm();
  first();
  first();
  t.equal(mailbox.size, 0, 'a hold can be let go once');
  second();
  t.same(seen, ['refused', 'wake', 'wake']);
  t.same(drain(mailbox), ['1', '2']);
});

t.test('a closed mailbox makes dead letters of what waited and of what comes', async (t) => {
  const { mailbox, seen } = mailboxOf(9);
  mailbox.tell('1');
  mailbox.deliver('timer');
  mailbox.close();
  t.equal(mailbox.tell('2'), 'stopped');
  mailbox.deliver('late');
  t.same(seen, ['wake', 'dead 1', 'dead 2']);
  t.equal(mailbox.size, 0);
});

t.test('whoever listens learns once that it closed, also when it already had', async (t) => {
  const { mailbox } = mailboxOf(9);
  const told: string[] = [];
  mailbox.onStopped(() => told.push('first'));
  const cancel = mailbox.onStopped(() => told.push('cancelled'));
  cancel();
  mailbox.close();
  mailbox.onStopped(() => told.push('late'));
  t.same(told, ['first', 'late']);
});

t.test('system mail can be forgotten without losing user mail', async (t) => {
  const { mailbox } = mailboxOf(9);
  mailbox.tell('1');
  mailbox.deliver('timer');
  mailbox.forgetSystemMail();
  t.same(drain(mailbox), ['1']);
});
