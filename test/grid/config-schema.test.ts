import t from 'tap';
import { parseAmount } from '../../src/resource/index.ts';
import { configMembers, configSchema } from '../../src/grid/config-schema.ts';

t.test('an empty configuration is complete', async (t) => {
  const parsed = configSchema.parse({});
  t.same(parsed.roles, ['provider', 'broker']);
  t.equal(parsed.provider.memoryPerSlot, 512 * 1024 * 1024);
  t.ok(parsed.broker.lapseAfterMs <= 30_000, 'a dead provider is noticed within 30 seconds');
});

t.test('sizes are read as people write them', async (t) => {
  const quota = (storageQuota: unknown) =>
    configSchema.safeParse({ provider: { storageQuota } }).data?.provider.storageQuota;
  t.equal(quota('1 KiB'), 1024);
  t.equal(quota('1.5GiB'), 1.5 * 2 ** 30);
  t.equal(quota('2 gb'), 2e9);
  t.equal(quota('77'), 77);
  t.equal(quota(4096), 4096);
  for (const wrong of ['much', '5 apples', '-1', '0', 0, -5, 1.5, '1e400', '..', null]) {
    t.equal(quota(wrong), undefined, `${wrong} is refused`);
  }
});

t.test('amounts of tokens stay exact, and are refused where they are none', async (t) => {
  const tariff = (given: unknown) =>
    configSchema.safeParse({ provider: { pay: { tariff: given } } }).data?.provider.pay.tariff;
  t.equal(tariff('0.123456789012345678'), '0.123456789012345678');
  t.equal(tariff(2.5), '2.5');
  for (const wrong of ['-1', '1e3', 'much', '', '9'.repeat(11), `0.${'1'.repeat(19)}`, 1e21, null])
    t.equal(tariff(wrong), undefined, `${wrong}`);
  for (const most of ['9'.repeat(10), `0.${'1'.repeat(18)}`]) {
    t.equal(tariff(most), most);
    t.ok(parseAmount(most), 'what is taken here can be read there');
  }
  t.match(
    configMembers().find(({ name }) => name === 'provider.pay.tariff'),
    { kind: 'tokens', reads: 'text', variable: 'CONUN_PROVIDER_PAY_TARIFF', defaultText: '`"0.25"`' },
  );
});

t.test('each member has a variable of its own', async (t) => {
  const variables = configMembers().map((member) => member.variable);
  t.equal(new Set(variables).size, variables.length);
  t.ok(variables.includes('CONUN_PROVIDER_MEMORY_PER_SLOT'));
  t.ok(variables.every((variable) => /^CONUN_[A-Z_]+$/.test(variable)));
});

t.test('one lost heartbeat does not cost a lease', async (t) => {
  const parsed = configSchema.safeParse({ broker: { heartbeatMs: 5_000, lapseAfterMs: 6_000 } });
  t.match(parsed.error?.issues, [{ path: ['broker', 'lapseAfterMs'] }]);
});

t.test('a chain is whole or not there', async (t) => {
  const missing = (chain: object) => configSchema.safeParse({ chain }).error?.issues.map(({ path }) => path);
  const whole = { rpc: ['http://127.0.0.1:8545'], id: 31_337, contracts: 'addresses.json' };
  t.equal(missing({}), undefined);
  t.equal(missing(whole), undefined);
  t.same(missing({ ...whole, id: null }), [['chain', 'id']]);
  t.same(missing({ ...whole, contracts: null }), [['chain', 'contracts']]);
  t.same(missing({ ...whole, rpc: ['file:///etc/passwd'] }), [['chain', 'rpc', 0]]);
});
