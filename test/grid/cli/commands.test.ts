import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serveFake, temporaryFolder } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView, counts, PEER } from '../fake-node.ts';

t.test('status shows the node and its batches, or one batch in full', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  t.match(
    (await conun(['status', '--home', home])).out,
    /fake[\s\S]*run: The machine is idle\.[\s\S]*No batches\./,
  );
  const files = [{ path: 'out.png', content: { inline: new Uint8Array(2048) } }];
  node.change(batchView({ phase: 'done', counts: counts(4), files, name: 'evil\u001b[31m' }));
  const all = await conun(['status', '--home', home]);
  t.match(all.out, new RegExp(`^BATCH +NAME[sS]*${BATCH} +evil·\\[31m +render@1\\.0\\.0 +done +4/4`, 'm'));
  t.notMatch(all.out, '\u001b');
  const one = await conun(['status', BATCH, '--home', home]);
  t.match(one.out, /4\/4 final: 4 agreed[\s\S]*1 lost, 1 wrong[\s\S]*out\.png +2\.0 KiB[\s\S]*conun results/);
  const json = JSON.parse((await conun(['status', BATCH, '--home', home, '--json'])).out);
  t.equal(json.batch, BATCH);
});

t.test('explain, cancel, peers and apps', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  node.change(batchView());
  const told = async (...words: string[]) => (await conun([...words, '--home', home])).out;
  t.match(
    await told('explain', BATCH, '3'),
    /unit 3 of .* is waiting\n {2}No provider has a free slot\.[\s\S]*0\.50/,
  );
  t.match(await told('cancel', BATCH), /is cancelled/);
  t.equal(node.batches.get(BATCH)?.reason, 'cancelled by its researcher');
  t.match(await told('peers'), /CONNECTED[\s\S]*yes +3 ms[\s\S]*AGREED/);
  t.match(await told('app', 'list'), /render@1\.0\.0 +graphics/);
  for (const words of [['explain', BATCH, '3'], ['peers'], ['app', 'list']]) {
    t.ok(JSON.parse(await told(...words, '--json')), words.join(' '));
  }
});

t.test('pause and resume say what the governor says then', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  t.equal((await conun(['pause', 'lunch', '--home', home])).out, 'suspend: Paused: lunch\n');
  t.equal((await conun(['resume', '--home', home])).out, 'run: The machine is idle.\n');
  t.same(node.pauses, ['lunch']);
});

t.test('stop asks the daemon to end', async (t) => {
  const asked = Promise.withResolvers<void>();
  const { home } = await serveFake(t.teardown, () => ({ shutdown: asked.resolve }));
  t.equal((await conun(['stop', '--home', home])).out, 'fake is ending.\n');
  await asked.promise;
});

t.test('doctor explains where each value comes from and what is wrong', async (t) => {
  const { home } = await serveFake(t.teardown);
  await writeFile(join(home, 'config.yaml'), 'log: { level: warn }\n');
  const env = { CONUN_NAME: 'ada', CONUN_TYPO: '1' };
  const told = await conun(['doctor', '--home', home, '--set', 'network.dht=false'], { env });
  t.equal(told.code, 0);
  t.match(told.out, /^name +"ada" +CONUN_NAME$/m);
  t.match(told.out, /^log\.level +"warn" +file$/m);
  t.match(told.out, /^network\.dht +false +flag$/m);
  t.match(told.out, /^network\.mdns +true +default$/m);
  t.match(told.out, /ok +daemon: fake 0\.1\.0 answers/);
  t.match(told.out, /note +environment: .*CONUN_TYPO/);
});

t.test('doctor finds a folder that is none, and then exits with 1', async (t) => {
  const home = await temporaryFolder(t.teardown);
  await writeFile(join(home, 'data'), '');
  await mkdir(join(home, 'run'), { mode: 0o755 });
  const told = await conun(['doctor', '--home', home, '--set', 'api.tcpPort=0']);
  t.equal(told.code, 1);
  t.match(told.out, /WRONG +data: .* is no folder/);
  t.match(told.out, /WRONG +api\.tokenFile/);
  t.match(told.out, /note +daemon: No daemon answers/);
  t.match(told.out, /note +runtime: .*can be read by others/);
});

t.test('completion is a script for each shell', async (t) => {
  const bash = (await conun(['completion', 'bash'])).out;
  t.match(bash, /complete -o default -F _conun conun/);
  t.match(bash, /'app'\) COMPREPLY=\(\$\(compgen -W 'new check build run publish list/);
  t.match((await conun(['completion', 'fish'])).out, /-f -a submit -d 'submit a batch file with its inputs'/);
  t.match((await conun(['completion', 'zsh'])).out, /bashcompinit/);
  t.match(await conun(['completion', 'cmd']), { code: 2, err: /none of bash, zsh, fish/ });
});

t.test('top needs a terminal', async (t) => {
  const { home } = await serveFake(t.teardown);
  t.match(await conun(['top', '--home', home]), { code: 1, err: /GRID_TERMINAL_REQUIRED/ });
});

t.test('the node that answers is the one of the home folder', async (t) => {
  const { home } = await serveFake(t.teardown);
  t.equal(JSON.parse((await conun(['status', '--home', home, '--json'])).out).node.peer, PEER);
});
