import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('stop asks the daemon to end', async (t) => {
  const asked = Promise.withResolvers<void>();
  const { home } = await serveFake(t.teardown, () => ({ shutdown: asked.resolve }));
  t.equal((await conun(['stop', '--home', home])).out, 'fake is ending.\n');
  await asked.promise;
});
