/**
 * `npm run test:mutants`: puts one flaw after the other into a copy of the contracts, and asks the tests. One
 * line a mutant, and at the end `N killed, N survived`; a survivor is a gap in the tests. `-- 'a draw'`
 * narrows the run to flaws whose names contain that.
 */

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forge, root } from '../../forge.ts';
import { verdicts } from '../verdicts.ts';
import { MUTANTS, type Mutant } from './table.ts';

const copy = mkdtempSync(join(tmpdir(), 'conun-mutants-'));

/** The same numbers for each mutant, so that it is its flaw alone that makes the difference. */
const SEED = '0xc0de';

/** Of the tests that fail, the first. Throws if nothing was tested: then there is nothing to be learnt. */
function firstFailure(tests: string): string | undefined {
  const words = [
    'test',
    '--json',
    '--allow-failure',
    '--fuzz-seed',
    SEED,
    '--match-path',
    `contracts/test/${tests}`,
  ];
  const { stdout, stderr } = forge(words, 'mutants', copy);
  const all = verdicts(stdout);
  if (all.length === 0) throw new TypeError(`forge has tested nothing\n${stderr}`);
  const failed = all.find(({ failure }) => failure !== undefined);
  return failed && `${failed.test}: ${JSON.parse(failed.failure!).reason}`;
}

/** Returns by what it was killed. */
function tryMutant({ file, from, to, tests }: Mutant): string | undefined {
  const path = join(copy, 'contracts/src', `${file}.sol`);
  const sound = readFileSync(path, 'utf8');
  if (sound.split(from).length !== 2) throw new TypeError(`not once in ${file}: ${from}`);
  writeFileSync(
    path,
    sound.replace(from, () => to),
  );
  try {
    return firstFailure(tests);
  } finally {
    writeFileSync(path, sound);
  }
}

try {
  for (const part of ['foundry.toml', 'contracts/src', 'contracts/test', 'contracts/solc']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const name = process.argv[2] ?? '';
  const chosen = MUTANTS.filter(({ flaw }) => flaw.includes(name));
  for (const tests of new Set(chosen.map(({ tests }) => tests))) {
    const failure = firstFailure(tests);
    if (failure !== undefined) throw new TypeError(`${tests} fails without any flaw: ${failure}`);
  }
  let survived = 0;
  for (const mutant of chosen) {
    const failure = tryMutant(mutant);
    if (failure === undefined) survived += 1;
    const [mark, why] = failure === undefined ? ['SURVIVED', mutant.tests] : ['killed', failure];
    process.stdout.write(`${mark} ${mutant.file}: ${mutant.flaw} (${why})\n`);
  }
  process.stdout.write(`\n${chosen.length - survived} killed, ${survived} survived\n`);
  process.exitCode = chosen.length > 0 && survived === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
