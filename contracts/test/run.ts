/**
 * `npm run test:contracts`: every test of the contracts against the code that is deployed, with as much
 * fuzzing as minutes allow. One line a contract, every failure with its reason and counterexample, and at the
 * end `N passed, N failed`.
 */

import { forge } from '../forge.ts';
import { verdicts } from './verdicts.ts';

const { stdout, stderr } = forge(['test', '--json', '--allow-failure'], 'full');
const all = verdicts(stdout);
const failed = all.filter(({ failure }) => failure !== undefined);
for (const suite of new Set(all.map(({ suite }) => suite))) {
  const own = all.filter((verdict) => verdict.suite === suite);
  const bad = own.filter(({ failure }) => failure !== undefined).length;
  process.stdout.write(
    `${bad === 0 ? 'ok' : 'FAILED'} ${suite} (${own.length - bad} passed, ${bad} failed)\n`,
  );
}
for (const { suite, test, failure } of failed)
  process.stdout.write(`\nFAILED ${suite} › ${test}\n${failure}\n`);
if (all.length === 0) process.stderr.write(`forge has tested nothing\n${stderr}`);
process.stdout.write(`\n${all.length - failed.length} passed, ${failed.length} failed\n`);
process.exitCode = all.length > 0 && failed.length === 0 ? 0 : 1;
