import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serveFake, temporaryFolder } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

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
  t.match(told.out, /^provider\.pay\.unpaid +null +default$/m);
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
