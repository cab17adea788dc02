import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('published apps are listed', async (t) => {
  const { home } = await serveFake(t.teardown);
  t.match((await conun(['app', 'list', '--home', home])).out, /render@1\.0\.0 +graphics/);
  t.match(JSON.parse((await conun(['app', 'list', '--home', home, '--json'])).out), [
    { app: 'render@1.0.0' },
  ]);
});
