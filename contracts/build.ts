/**
 * `npm run contracts`: builds the contracts and writes `contracts/artifacts/*.json`. With `--bundle FILE`,
 * also the whole input of the compiler, from which a block explorer makes the same code again.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { artifactPath, artifactText, CONTRACTS } from './artifacts.ts';
import { builtArtifact, forge } from './forge.ts';
import { sourceBundle } from './source-bundle.ts';

const { code, stdout, stderr } = forge(['build', '--skip', 'test'], 'full');
if (code !== 0) {
  process.stderr.write(`${stdout}${stderr}`);
  process.exit(1);
}
for (const name of CONTRACTS) writeFileSync(artifactPath(name), artifactText(builtArtifact(name)));
const { bundle } = parseArgs({ options: { bundle: { type: 'string' } } }).values;
if (bundle !== undefined) writeFileSync(bundle, `${JSON.stringify(sourceBundle(), null, 2)}\n`);
