/**
 * `npm run coverage:contracts`: which lines and branches of the contracts their tests reach, as forge counts
 * it.
 *
 * Forge takes every contract with a function whose name begins with `test` for a test and leaves it out, and
 * `JobMarket` has `testify`. So this measures a copy, in which that function has another name.
 */

import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forge, root } from '../forge.ts';

const copy = mkdtempSync(join(tmpdir(), 'conun-coverage-'));
try {
  for (const name of ['foundry.toml', 'contracts/src', 'contracts/test', 'contracts/solc']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const file of globSync('contracts/**/*.sol', { cwd: copy })) {
    const path = join(copy, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\btestify/g, 'bearWitness'));
  }
  const only = ['--report', 'summary', '--no-match-coverage', '(test|node_modules)/'];
  const { code, stdout, stderr } = forge(['coverage', ...only], 'default', copy);
  // Before it stands what each step of the plays came to.
  const table = stdout
    .slice(stdout.indexOf('| File'))
    .split('\n')
    .filter((line) => /^\|\s/.test(line));
  process.stdout.write(code === 0 ? `${table.join('\n')}\n` : `${stdout}${stderr}`);
  process.exitCode = code ?? 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
