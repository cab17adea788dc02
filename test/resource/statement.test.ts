import t from 'tap';
import { statementBytes } from '../../src/resource/statement.ts';

t.test('equal values for two purposes have different bytes to sign', async (t) => {
  t.strictNotSame(statementBytes('offer', { a: 1 }), statementBytes('grant', { a: 1 }));
  t.same(statementBytes('offer', { b: 2, a: 1 }), statementBytes('offer', { a: 1, b: 2 }));
});
