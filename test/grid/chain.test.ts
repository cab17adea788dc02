import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { CONTRACTS } from '../../contracts/artifacts.ts';
import { chainPlace } from '../../src/grid/chain.ts';
import { loadConfig } from '../../src/grid/config.ts';
import { temporaryFolder } from './api-fixture.ts';

const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

t.test('a chain is what the configuration names, with all contracts of the deployment', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const file = join(home, 'addresses.json');
  const flags = { 'chain.rpc': 'http://127.0.0.1:1', 'chain.id': '31337', 'chain.contracts': file };
  const { config } = await loadConfig({ home, env: {}, flags });
  const deployment = Object.fromEntries(CONTRACTS.map((name) => [name, ADDRESS.toLowerCase()]));
  await writeFile(file, JSON.stringify({ ...deployment, note: 'more is no harm' }));
  const place = await chainPlace(config);
  t.match(place, { rpc: ['http://127.0.0.1:1'], chainId: 31_337n, confirmations: 5 });
  t.same(Object.keys(place.contracts).sort(), [...CONTRACTS].sort());
  t.equal(place.contracts.JobMarket, ADDRESS);

  const invalid = { code: 'GRID_CONTRACTS_INVALID' };
  for (const text of ['no JSON', '{}', JSON.stringify({ ...deployment, JobMarket: '0x12' })]) {
    await writeFile(file, text);
    await t.rejects(chainPlace(config), invalid);
  }
  const { config: gone } = await loadConfig({ home, env: {}, flags: { ...flags, 'chain.contracts': home } });
  await t.rejects(chainPlace(gone), invalid);
});

t.test('without a chain there is no money', async (t) => {
  const { config } = await loadConfig({ home: await temporaryFolder(t.teardown), env: {} });
  await t.rejects(chainPlace(config), { code: 'GRID_CHAIN_MISSING', todo: /chain\.rpc/ });
});
