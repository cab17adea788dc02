import t from 'tap';
import { type Delivery, type Fault, simulatedClock } from '../../src/actors/index.ts';
import type { PeerId } from '../../src/connectivity/index.ts';
import { Link, type LinkMail } from '../../src/resource/link.ts';

function setUp() {
  const mails: LinkMail<string, string>[] = [];
  const sent: string[] = [];
  const closed: (Fault | undefined)[] = [];
  const state = { delivery: 'accepted' as Delivery, room: 2 };
  const owner = {
    path: '/x',
    tell: (mail: LinkMail<string, string>) => {
      if (state.delivery === 'accepted') mails.push(mail);
      return state.delivery;
    },
  };
  const clock = simulatedClock(0);
  const link = new Link<string, string>(owner, clock);
  link.bind({
    remote: 'peer' as PeerId,
    send(message) {
      if (message === 'huge') throw new RangeError('too large');
      if (sent.length >= state.room) return 'full';
      sent.push(message);
      return 'accepted';
    },
    close: (fault) => closed.push(fault),
  });
  return { link, mails, sent, closed, state, clock };
}

t.test('what does not fit waits in order until there is room', async (t) => {
  const { link, sent, state } = setUp();
  for (const message of ['a', 'b', 'c', 'd']) link.say(message);
  t.same(sent, ['a', 'b']);
  state.room = 10;
  link.say('e');
  t.same(sent, ['a', 'b'], 'nothing overtakes');
  link.listener.drained?.();
  t.same(sent, ['a', 'b', 'c', 'd', 'e']);
});

t.test('a peer that never reads loses the channel, not our memory', async (t) => {
  const { link, closed, state } = setUp();
  state.room = 0;
  for (let count = 0; count < 1_025; count++) link.say('x');
  t.match(closed, [{ code: 'RESOURCE_BUSY' }]);
});

t.test('what arrives is mail; an owner that is full closes the channel', async (t) => {
  const { link, mails, closed, state, clock } = setUp();
  clock.advance(5);
  link.listener.received(['hello']);
  t.match(mails, [{ type: 'heard', messages: ['hello'] }]);
  t.equal(link.heardAt, 5);
  state.delivery = 'full';
  link.listener.received(['again']);
  t.match(closed, [{ code: 'RESOURCE_BUSY' }]);
  link.listener.closed();
  t.ok(link.gone, 'seen even though the mail was refused');
});

t.test('a message that cannot be sent closes the channel and throws nothing', async (t) => {
  const { link, closed } = setUp();
  link.say('huge');
  t.equal(closed.length, 1);
});
