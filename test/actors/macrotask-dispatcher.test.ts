import { readFile } from 'node:fs/promises';
import t from 'tap';
import { macrotaskDispatcher, type Runnable, TURN_MAILS_MAX } from '../../src/actors/index.ts';

t.test(
  'turns run later, in the order in which they were asked for, and those they ask for too',
  async (t) => {
    const dispatcher = macrotaskDispatcher();
    const log: string[] = [];
    const done = Promise.withResolvers<void>();
    const runnable = (name: string, then?: () => void): Runnable => ({
      turn(mailsMax) {
        t.equal(mailsMax, TURN_MAILS_MAX);
        log.push(name);
        then?.();
        return 1;
      },
    });
    dispatcher.schedule(runnable('a', () => dispatcher.schedule(runnable('c', done.resolve))));
    dispatcher.schedule(runnable('b'));
    t.same(log, [], 'never at once');
    await done.promise;
    t.same(log, ['a', 'b', 'c']);
    const again = Promise.withResolvers<void>();
    dispatcher.schedule(runnable('d', again.resolve));
    await again.promise;
    t.equal(log.at(-1), 'd', 'also after it had nothing to do');
  },
);

t.test('turns for which one pass had no time run in the next', async (t) => {
  const dispatcher = macrotaskDispatcher();
  const log: string[] = [];
  const done = Promise.withResolvers<void>();
  dispatcher.schedule({
    turn() {
      const endMs = performance.now() + 10;
      while (performance.now() < endMs);
      log.push('slow');
      return 1;
    },
  });
  dispatcher.schedule({
    turn() {
      log.push('after it');
      done.resolve();
      return 1;
    },
  });
  await done.promise;
  t.same(log, ['slow', 'after it']);
});

t.test('actors that never stop writing to each other do not keep the disk from answering', async (t) => {
  const dispatcher = macrotaskDispatcher();
  let stop = false;
  let turns = 0;
  const busy: Runnable = {
    turn() {
      turns += 1;
      if (!stop) dispatcher.schedule(busy);
      return 1;
    },
  };
  dispatcher.schedule(busy);
  const text = await readFile(new URL(import.meta.url), 'utf8');
  stop = true;
  t.match(text, /keep the disk from answering/);
  t.ok(turns > 0);
});
