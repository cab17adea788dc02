import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { bundlePlugin } from '../../../src/application/toolchain/plugin-bundler.ts';

t.test('one module without imports, the same wherever the sources lie', async (t) => {
  const root = t.testdir();
  const bundles = [];
  for (const place of ['one', 'deep/er/two']) {
    const folder = join(root, place);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'part.ts'), '// where am I?\nexport const PART: number = 41;');
    await writeFile(
      join(folder, 'plugin.ts'),
      `import { definePlugin } from 'conun/plugin';
       import { PART } from './part.ts';
       export default definePlugin({ parameters: () => PART + 1, *split() {}, *merge() {} });`,
    );
    bundles.push(new TextDecoder().decode(await bundlePlugin(folder)));
  }
  t.equal(bundles[0], bundles[1]);
  t.notMatch(bundles[0], /import|where am I/);
  const plugin = await import(`data:text/javascript,${encodeURIComponent(bundles[0] ?? '')}`);
  t.equal(plugin.default.parameters(), 42);
});

t.test('what cannot be bundled is told with file and line', async (t) => {
  const folder = t.testdir({ 'plugin.ts': `\nimport fs from 'node:fs'; export default fs;` });
  await t.rejects(bundlePlugin(folder), {
    code: 'APPLICATION_BUILD_FAILED',
    message: /plugin does not build: plugin\.ts:2:\d+: Could not resolve "node:fs"/,
  });
  await t.rejects(bundlePlugin(t.testdir({})), { message: /plugin does not build/ });
});
