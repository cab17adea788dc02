import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('top needs a terminal', async (t) => {
  const { home } = await serveFake(t.teardown);
  t.match(await conun(['top', '--home', home]), { code: 1, err: /GRID_TERMINAL_REQUIRED/ });
});
