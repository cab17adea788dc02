import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('resuming hands the machine back to the governor', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  await node.pause('lunch');
  t.equal((await conun(['resume', '--home', home])).out, 'run: The machine is idle.\n');
  t.match(JSON.parse((await conun(['resume', '--home', home, '--json'])).out), { paused: false });
});
