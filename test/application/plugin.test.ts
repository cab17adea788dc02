import t from 'tap';
import { definePlugin } from 'conun/plugin';

t.test('the public door names the type of a plugin, and changes nothing', async (t) => {
  const plugin = { parameters: () => 1, *split() {}, *merge() {} };
  t.equal(definePlugin(plugin), plugin);
});
