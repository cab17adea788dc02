import t from 'tap';
import { simulatedClock, toFault } from '../../src/actors/index.ts';
import type { Network, PeerId } from '../../src/connectivity/index.ts';
import { dialBroker } from '../../src/resource/broker-dial.ts';
import type { DeskInternal } from '../../src/resource/index.ts';
import { resourceErrors } from '../../src/resource/index.ts';

function setUp(dial: (signal: AbortSignal) => Promise<unknown>) {
  const mails: DeskInternal[] = [];
  const clock = simulatedClock(0);
  const network = {
    dial: (_: unknown, __: unknown, ___: unknown, { signal }: { signal: AbortSignal }) => dial(signal),
  };
  const context = {
    clock,
    self: { path: '/desk', tell: () => 'accepted' as const },
    pipe: (
      work: Promise<unknown>,
      toMail: (value: never) => DeskInternal,
      toMailOnFault: (fault: never) => DeskInternal,
    ) => {
      work.then(
        (value) => mails.push(toMail(value as never)),
        (thrown) => mails.push(toMailOnFault(toFault(thrown, resourceErrors.RESOURCE_BUSY) as never)),
      );
    },
  };
  const link = dialBroker(network as unknown as Network, 'broker' as PeerId, [], context as never);
  return { mails, clock, link };
}

t.test('the channel is bound to its link before the mail that says so', async (t) => {
  const { mails, link, clock } = setUp(async () => ({ remote: 'broker' }));
  await new Promise(setImmediate);
  t.match(mails, [{ type: 'dialled' }]);
  t.equal(link.remote, 'broker');
  t.equal(clock.nextAt(), undefined, 'no timer is left');
});

t.test('a dial that nobody answers is given up', async (t) => {
  const { mails, clock } = setUp(
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  clock.advance(10_000);
  await new Promise(setImmediate);
  t.match(mails, [{ type: 'undialled' }]);
});
