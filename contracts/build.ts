/** `npm run contracts`: builds the contracts and writes `contracts/artifacts/*.json`. */

import { writeFileSync } from 'node:fs';
import { artifactPath, artifactText, CONTRACTS } from './artifacts.ts';
import { builtArtifact, forge } from './forge.ts';

const { code, stdout, stderr } = forge(['build', '--skip', 'test'], 'full');
if (code !== 0) {
  process.stderr.write(`${stdout}${stderr}`);
  process.exit(1);
}
for (const name of CONTRACTS) writeFileSync(artifactPath(name), artifactText(builtArtifact(name)));
