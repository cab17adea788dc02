import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { walletHome } from '../wallet-fixture.ts';

t.test('credit is told without a chain, and what is missing is said', async (t) => {
  const { home } = await serveFake(t.teardown);
  const told = await conun(['earnings', '--home', home]);
  t.match(told, { code: 0, out: /tasks?, .* of processor time[\s\S]*No chain is configured/ });
  const { home: alone } = await walletHome(t.teardown);
  t.match((await conun(['earnings', '--home', alone])).out, /No daemon answers/);
  const json = JSON.parse((await conun(['earnings', '--home', alone, '--json'])).out);
  t.same(json, { credit: null, money: null });
});
