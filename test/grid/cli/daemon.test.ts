import { readdir } from 'node:fs/promises';
import t from 'tap';
import { temporaryFolder } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('each named option sets its member, and is refused by its name before anything is made', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const cases: [option: string, member: string][] = [
    ['--roles', 'roles'],
    ['--listen', 'network.listen'],
    ['--bootstrap', 'network.bootstrap'],
    ['--slots', 'provider.slots'],
    ['--log-level', 'log.level'],
  ];
  for (const [option, member] of cases) {
    const told = await conun(['daemon', '--home', home, option, 'nonsense']);
    t.match(told, { code: 2, err: /GRID_CONFIG_INVALID/ }, option);
    t.match(told.err, `conun: --set ${member}: ${member}`);
  }
  t.same(await readdir(home), []);
});
