import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView } from '../fake-node.ts';

t.test('a unit is explained in the words of who decides', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  node.change(batchView());
  const { out } = await conun(['explain', BATCH, '3', '--home', home]);
  t.match(out, /unit 3 of .* is waiting\n {2}No provider has a free slot\.[\s\S]*0\.50 +has the program/);
  t.match(JSON.parse((await conun(['explain', BATCH, '3', '--home', home, '--json'])).out), { unit: 3 });
});

t.test('what is no unit is refused before the daemon is asked', async (t) => {
  for (const unit of ['first', '-1', '1.5', '1e99']) {
    t.match(await conun(['explain', BATCH, '--', unit]), { code: 2, err: /GRID_ARGUMENT_INVALID/ }, unit);
  }
});
