import t from 'tap';
import { type ActorRef, ask, type Behaviour, type Fault, actorsErrors } from '../../src/actors/index.ts';
import { simulate } from './simulation.ts';

interface Question {
  readonly type: 'answer' | 'refuse' | 'keep' | 'crash' | 'stop';
  readonly reply: (answer: string | Fault) => void;
}

const oracle = (): Behaviour<Question> => ({
  receive({ type, reply }, context) {
    if (type === 'answer') reply('42');
    if (type === 'refuse') reply(actorsErrors.ACTORS_JOURNAL_CLOSED());
    if (type === 'crash') throw new TypeError('no idea');
    if (type === 'stop') context.stop();
  },
});

function asking(seed: string, mailboxMax = 10) {
  const simulation = simulate(seed);
  const { clock } = simulation;
  const ref = simulation.system.spawn('oracle', oracle, { mailboxMax });
  const question = (type: Question['type'], to: ActorRef<Question> = ref) =>
    ask<Question, string>(to, (reply) => ({ type, reply }), { timeoutMs: 100, clock });
  return { ...simulation, ref, question };
}

t.test('an answer resolves the question, a fault rejects it', async (t) => {
  const { dispatcher, question, clock } = asking('answer');
  const [good, bad] = [question('answer'), question('refuse')];
  const refused = t.rejects(bad, { code: 'ACTORS_JOURNAL_CLOSED' });
  await dispatcher.run();
  t.equal(await good, '42');
  await refused;
  t.equal(clock.nextAt(), undefined, 'no timer is left behind');
});

t.test('silence ends at the deadline', async (t) => {
  const { dispatcher, question, clock } = asking('silence');
  const silent = t.rejects(question('keep'), {
    code: 'ACTORS_ASK_TIMEOUT',
    message: /\/oracle within 100 ms/,
  });
  await dispatcher.runUntil(clock.now() + 100);
  await silent;
});

t.test('a question that nobody will read fails at once', async (t) => {
  const { dispatcher, question, ref } = asking('dead letter', 2);
  ref.tell({ type: 'stop', reply: () => {} });
  const waiting = t.rejects(question('answer'), { code: 'ACTORS_ASK_STOPPED' }, 'it stopped before');
  await t.rejects(question('answer'), { code: 'ACTORS_ASK_REFUSED' }, 'its mailbox is full');
  await dispatcher.run();
  await waiting;
  await t.rejects(question('answer'), { code: 'ACTORS_ASK_STOPPED' }, 'it has stopped');
});

t.test('a question on which the handler fails is answered with its fault', async (t) => {
  const { dispatcher, question } = asking('crash');
  const crashed = t.rejects(question('crash'), { code: 'ACTORS_HANDLER_THREW', message: /no idea/ });
  await dispatcher.run();
  await crashed;
});

t.test('only the first answer counts', async (t) => {
  const { dispatcher, system, clock } = asking('twice');
  const ref = system.spawn<Question>('twice', () => ({
    receive({ reply }) {
      reply('first');
      reply('second');
    },
  }));
  const asked = ask<Question, string>(ref, (reply) => ({ type: 'keep', reply }), { timeoutMs: 1, clock });
  await dispatcher.run();
  t.equal(await asked, 'first');
});

t.test('a question that is no object is a programmer error, and leaves no timer', async (t) => {
  const { ref, clock } = asking('text');
  const text = () => 'text' as unknown as Question;
  t.throws(() => ask(ref, text, { timeoutMs: 1, clock }), { code: 'ACTORS_ASSERTION' });
  t.equal(clock.nextAt(), undefined);
});
