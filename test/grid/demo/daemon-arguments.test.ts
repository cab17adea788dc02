import t from 'tap';
import { daemonArguments } from '../../../src/grid/demo/daemon-arguments.ts';

t.test(
  'home and settings are taken as the stage gives them, an equals sign in a value included',
  async (t) => {
    const given = ['daemon', '--home', '/there', '--set', 'name=a', '--set', 'network.bootstrap=/x?y=z'];
    t.same(daemonArguments(given), { home: '/there', flags: { name: 'a', 'network.bootstrap': '/x?y=z' } });
  },
);

t.test('without them there is nothing to take', async (t) => {
  t.same(daemonArguments(['daemon']), { home: undefined, flags: {} });
});
