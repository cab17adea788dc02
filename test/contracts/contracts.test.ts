/** The contracts: what is committed of them is what their sources say. */

import { readFileSync } from 'node:fs';
import t from 'tap';
import { artifactPath, artifactText, CONTRACTS } from '../../contracts/artifacts.ts';
import { builtArtifact, forge } from '../../contracts/forge.ts';

// One after the other: two runs of forge would write into one another's folder.
t.test('the committed artifacts are those of the sources', async (t) => {
  const { code, stderr } = forge(['build']);
  if (!t.equal(code, 0, stderr)) return;
  for (const name of CONTRACTS) {
    const isSame = readFileSync(artifactPath(name), 'utf8') === artifactText(builtArtifact(name));
    t.ok(isSame, `contracts/artifacts/${name}.json is out of date: npm run contracts`);
  }
});
