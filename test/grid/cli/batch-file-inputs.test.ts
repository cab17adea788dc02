import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('what is wrong with the file is said before anything is stored', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  const submit = async (text: string) => {
    await writeFile(join(home, 'batch.yaml'), text);
    return conun(['submit', 'batch.yaml', '--home', home], { folder: home });
  };
  t.match(await submit('inputs: { a: batch.yaml, b: none.mesh }'), {
    code: 1,
    err: /none\.mesh cannot be read/,
  });
  t.match(await submit('inputs: { a: . }'), { code: 1, err: /it is no file/ });
  t.match(await submit('inputs: [a]'), { code: 2, err: /GRID_ARGUMENT_INVALID/ });
  t.match(await submit('inputs: { a: 3 }'), { code: 2, err: /inputs\.a is no path/ });
  t.match(await conun(['submit', 'none', '--home', home], { folder: home }), { err: /GRID_FILE_UNREADABLE/ });
  t.equal(node.stored.size, 0);
});

t.test('a file that is no YAML goes to the broker as it is: its words are better', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  await writeFile(join(home, 'batch.yaml'), 'a: [');
  await conun(['submit', 'batch.yaml', '--home', home], { folder: home });
  t.match(node.submitted, [{ file: 'a: [', inputs: {} }]);
});
