/**
 * The contracts by themselves: forge's own tests, each as one here, with as much fuzzing as seconds allow;
 * and what is committed of them is what their sources say.
 */

import { readFileSync } from 'node:fs';
import t from 'tap';
import { artifactPath, artifactText, CONTRACTS } from '../../contracts/artifacts.ts';
import { builtArtifact, forge } from '../../contracts/forge.ts';
import { verdicts } from '../../contracts/test/verdicts.ts';

const { stdout, stderr } = forge(['test', '--json', '--allow-failure'], 'default');
const all = verdicts(stdout);

t.test('forge has tested the contracts', async (t) => t.not(all.length, 0, stderr));

for (const { suite, test, failure } of all) {
  const title = `${suite.replace(/^.*:/, '')}: ${test.replace(/^test_|\(.*$/g, '').replaceAll('_', ' ')}`;
  t.test(title, async (t) => t.equal(failure, undefined));
}

t.test('the committed artifacts are those of the sources', async (t) => {
  const { code, stderr } = forge(['build', '--skip', 'test'], 'full');
  if (!t.equal(code, 0, stderr)) return;
  for (const name of CONTRACTS) {
    const isSame = readFileSync(artifactPath(name), 'utf8') === artifactText(builtArtifact(name));
    t.ok(isSame, `contracts/artifacts/${name}.json is out of date: npm run contracts`);
  }
});
