import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { temporaryFolder } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('help is grouped by person and documents the exit codes', async (t) => {
  const { code, out } = await conun(['--help']);
  t.equal(code, 0);
  const groups = ['For researchers:', 'For providers:', 'For authors:', 'For everybody:', 'Exit codes:'];
  const places = groups.map((group) => out.indexOf(group));
  t.same(
    places,
    [...places].sort((a, b) => a - b),
  );
  t.ok(places.every((place) => place > 0));
  for (const command of 'daemon submit status watch results cancel explain peers app doctor top'.split(' ')) {
    t.match(out, new RegExp(`^ {2}${command}\\b`, 'm'));
  }
});

t.test('every command has a file of its own, and takes --json and --home', async (t) => {
  const folder = fileURLToPath(new URL('../../../src/grid/cli/', import.meta.url));
  const files = new Set(await readdir(folder));
  const commands = (await conun(['completion', 'fish', '--json'])).out;
  const tree = JSON.parse(commands).script as string;
  const names = [...tree.matchAll(/__fish_use_subcommand' -f -a (\w+)/g)].map(([, name]) => name!);
  t.ok(names.length >= 14);
  for (const name of names) {
    if (name === 'app' || name === 'wallet') continue;
    t.ok(files.has(`${name}.ts`), name);
    const { out } = await conun([name, '--help']);
    t.match(out, /--json/);
    t.match(out, /--home/);
  }
});

t.test('a command line that is not valid says what is, and exits with 2', async (t) => {
  const unknown = await conun(['statsu']);
  t.match(unknown, { code: 2, err: /^conun: unknown command 'statsu'[\s\S]*status[\s\S]*→/ });
  t.match(await conun(['submit']), { code: 2, err: /missing required argument 'file'/ });
  t.match(await conun(['status', '--set', 'x']), { code: 2, err: /member=value/ });
  t.match(await conun(['explain', 'b', 'first']), { code: 2, err: /GRID_ARGUMENT_INVALID/ });
});

t.test('without a daemon every command says how to start one, and exits with 3', async (t) => {
  const home = await temporaryFolder(t.teardown);
  for (const words of [['status'], ['peers'], ['cancel', 'b'], ['pause'], ['stop'], ['app', 'list']]) {
    const told = await conun([...words, '--home', home]);
    t.match(
      told,
      { code: 3, out: '', err: /^conun: No daemon answers[\s\S]*→ .*conun daemon/ },
      words.join(' '),
    );
    t.notMatch(told.err, /\n {4}at /, 'no stack');
  }
  const json = await conun(['status', '--home', home, '--json']);
  t.equal(JSON.parse(json.err).code, 'GRID_DAEMON_UNREACHABLE');
  const traced = await conun(['status', '--home', home], { env: { CONUN_DEBUG: '1' } });
  t.match(traced.err, /\n {4}at /, 'a stack for who asks for it');
});

t.test('the home folder may stand before the command, or in the environment', async (t) => {
  const home = await temporaryFolder(t.teardown);
  for (const told of [
    await conun(['--home', home, 'status']),
    await conun(['status'], { env: { CONUN_HOME: home } }),
  ]) {
    t.match(told.err, home);
  }
});

t.test('a configuration that is not valid exits with 2 and names its source', async (t) => {
  const told = await conun(['status'], { env: { CONUN_LOG_LEVEL: 'loud' } });
  t.match(told, { code: 2, err: /CONUN_LOG_LEVEL: log\.level/ });
});
