import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('peers are shown with the providers among them', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  const { out } = await conun(['peers', '--home', home]);
  t.match(out, /CONNECTED[\s\S]*yes +3 ms +\/ip4[\s\S]*AGREED/);
  t.match(JSON.parse((await conun(['peers', '--home', home, '--json'])).out), {
    peers: [{}],
    providers: [{}],
  });
  node.knownPeers = [];
  t.match((await conun(['peers', '--home', home])).out, /No peers known\. See .*bootstrap/);
});
