import t from 'tap';
import { conun } from '../cli-fixture.ts';

t.test('completion is a script for each shell', async (t) => {
  const bash = (await conun(['completion', 'bash'])).out;
  t.match(bash, /complete -o default -F _conun conun/);
  t.match(bash, /'app'\) words='new check build run publish list/);
  t.match((await conun(['completion', 'fish'])).out, /-f -a submit -d 'submit a batch file with its inputs'/);
  t.match((await conun(['completion', 'zsh'])).out, /bashcompinit/);
  t.match(await conun(['completion', 'cmd']), { code: 2, err: /none of bash, zsh, fish/ });
});
