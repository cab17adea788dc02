/** What is handed to a block explorer makes the very code that was deployed. */

import solc from 'solc';
import t from 'tap';
import { artifactOf, CONTRACTS } from '../../contracts/artifacts.ts';
import { sourceBundle, sourceOf } from '../../contracts/source-bundle.ts';

for (const name of CONTRACTS) {
  t.test(`${name} is compiled from the bundle alone, to the same code`, async (t) => {
    const output = JSON.parse(solc.compile(JSON.stringify(sourceBundle([name]))));
    const code = output.contracts?.[sourceOf(name)]?.[name]?.evm.bytecode.object;
    t.ok(artifactOf(name).bytecode === `0x${code}`, JSON.stringify(output.errors ?? '').slice(0, 500));
  });
}

t.test('the bundle of all has every source once, and no path of this machine', async (t) => {
  const { sources } = sourceBundle();
  t.ok(Object.keys(sources).length > CONTRACTS.length);
  for (const path of Object.keys(sources)) t.match(path, /^(?:contracts\/src|node_modules\/@openzeppelin)\//);
});
