import { join } from 'node:path';
import { stat } from 'node:fs/promises';
import t from 'tap';
import { accountsFolder, delegationFile, nodeHotKey, nodeIdentity } from '../../src/grid/node-files.ts';

t.test('keys are made once, for their owner alone, each under its name', async (t) => {
  const paths = { config: t.testdir() };
  const { peer } = await nodeIdentity(paths);
  t.equal((await nodeIdentity(paths)).peer, peer);
  const { account } = await nodeHotKey(paths);
  t.equal((await nodeHotKey(paths)).account, account);
  for (const name of ['node.key', 'worker.key']) {
    t.equal((await stat(join(paths.config, name))).mode & 0o777, 0o600);
  }
  t.equal(delegationFile(paths), join(paths.config, 'delegation.json'));
  t.equal(accountsFolder(paths), join(paths.config, 'accounts'));
});
