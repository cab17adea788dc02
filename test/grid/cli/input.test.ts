import { Readable } from 'node:stream';
import t from 'tap';
import { readAll } from '../../../src/grid/cli/input.ts';

t.test('what is piped is read to its end, up to a bound', async (t) => {
  const stdin = () => Readable.from([Buffer.from('one '), 'two']);
  t.equal(await readAll({ stdin: stdin() }, 7), 'one two');
  await t.rejects(readAll({ stdin: stdin() }, 6), { code: 'GRID_ARGUMENT_INVALID' });
});
