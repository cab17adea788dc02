import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('pausing tells the reason on, and says what the governor says then', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  t.equal((await conun(['pause', 'lunch', '--home', home])).out, 'suspend: Paused: lunch\n');
  t.match(JSON.parse((await conun(['pause', '--home', home, '--json'])).out), { paused: true });
  t.same(node.pauses, ['lunch', 'paused by the owner']);
});
