import t from 'tap';
import { assert, Fault, unreachable } from '../../src/actors/index.ts';

t.test('a rule that holds passes, and one that does not is a fault that names it', async (t) => {
  assert(1, 'a number that is not zero is true');
  t.throws(() => assert('', 'a lease has an epoch'), {
    code: 'ACTORS_ASSERTION',
    message: /a lease has an epoch/,
    retry: false,
  });
  t.throws(() => assert(undefined, 'x'), Fault);
});

t.test('a case that the compiler had excluded says what came instead', async (t) => {
  t.throws(() => unreachable('purple' as never), { code: 'ACTORS_ASSERTION', message: /"purple"/ });
});
