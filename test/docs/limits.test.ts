import { globSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { LAYERS } from '../tidy/tables.ts';
import { type Limit, limitsOf, renderLimitsPage } from './limits-page.ts';

process.chdir(new URL('../..', import.meta.url).pathname);

const limits: Limit[] = globSync('src/**/*.ts')
  .map((path) => path.replaceAll('\\', '/'))
  .sort()
  .flatMap((path) => limitsOf(path, readFileSync(path, 'utf8')));

t.test('each bound has its reason', async (t) => {
  t.ok(limits.length > 100, 'the bounds were found');
  const bare = limits.filter(({ reason }) => reason === '');
  t.same(
    bare.map(({ path, name }) => `${path}: say in a comment above ${name} why it is that much`),
    [],
  );
});

t.test('docs/limits.md is what the code says (UPDATE_DOCS=1 writes it)', async (t) => {
  const page = renderLimitsPage(LAYERS, limits);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync('docs/limits.md', page);
  t.equal(readFileSync('docs/limits.md', 'utf8'), page);
});

t.test('a comment speaks for the lines that follow it without a gap', async (t) => {
  const text = [
    '/** Because. */',
    'const A_MAX = 1;',
    'export const B_MAX: Bytes =',
    '  2 * KIB;',
    '',
    'const C_MIN = 3;',
    '',
    'export interface Limits {',
    '  /** Peers. */',
    '  readonly peersMax: number;',
    '}',
    'export const limits: Limits = {',
    '  // Enough.',
    '  peersMax: 4,',
    '};',
    'call({',
    '  otherMax: 5,',
    '});',
  ].join('\n');
  t.same(
    limitsOf('x.ts', text).map(({ name, value, reason }) => [name, value, reason]),
    [
      ['A_MAX', '1', 'Because.'],
      ['B_MAX', '2 * KIB', 'Because.'],
      ['C_MIN', '3', ''],
      ['peersMax', '4', 'Peers. Enough.'],
    ],
  );
});
