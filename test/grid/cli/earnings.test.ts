import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { EARNINGS } from '../fake-node.ts';
import { walletHome } from '../wallet-fixture.ts';

t.test('credit and deals are told by the daemon, and what is missing is said', async (t) => {
  const { home, node } = await serveFake(t.teardown);
  const told = await conun(['earnings', '--home', home]);
  t.match(told, {
    code: 0,
    out: /tasks?, .* of processor time[\s\S]*No deals\. 0\.000000000000012 in the market, 0 at stake/,
  });
  node.earned = {
    ...EARNINGS,
    deals: [
      {
        deal: `0x${'ab'.repeat(32)}`,
        owed: '3000000000000000000',
        vouchered: '2000000000000000000',
        redeemed: '0',
        share: 'locked',
      },
    ],
  } as unknown as typeof node.earned;
  t.match((await conun(['earnings', '--home', home])).out, /0xabababababababab +3 +2 +0 +locked/);
  const { home: alone } = await walletHome(t.teardown);
  t.match((await conun(['earnings', '--home', alone])).out, /No daemon answers/);
  const json = JSON.parse((await conun(['earnings', '--home', alone, '--json'])).out);
  t.same(json, { credit: null, earned: null, money: null });
});
