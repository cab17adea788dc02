import t from 'tap';
import { behaves, functionsOf, scan } from './scanner.ts';

t.test('what is written in comments, strings and regular expressions is not code', async (t) => {
  const text = [
    "const a = 'Date.now()'; // Date.now()",
    '/* Date.now() */ const b = "it\'s Date.now()";',
    `const c = \`Date.now() \${now(\`Date.now() \${1}\`)} Date.now()\`;`,
    'const d = x.replace(/["Date.now()/]/g, y) / 2;',
    'const e = Date.now() / 2; const f = 3 / Date.now();',
  ].join('\n');
  const { code } = scan('src/a.ts', text);
  t.equal(code.match(/Date\.now/g)?.length, 2);
  t.match(code, /now\(` +\$\{1\}`\)/, 'what a template inserts is code');
  t.same(
    code.split('\n').map((line) => line.length),
    text.split('\n').map((line) => line.length),
    'everything stays in its place',
  );
});

t.test('imports are found with what they take, exports with what they are', async (t) => {
  const { imports, exports } = scan(
    'src/fabric/wasm/a.ts',
    [
      "import { type A, b as c } from './b.ts';",
      "import d, { E } from 'lib/part';",
      "import type * as all from '../index.ts';",
      "import './effect.ts';",
      "export * from './f.ts';",
      "export { g as default, type H } from './g.ts';",
      "const i = await import('./i.ts');",
      "const j = new URL('./j.ts', import.meta.url);",
      "// import { k } from './k.ts';",
      'export interface L {}',
      'export async function m() {}',
      'export const n = 1;',
      'const o = 2;',
      'export { o as p };',
    ].join('\n'),
  );
  t.same(
    imports
      .toSorted((left, right) => left.line - right.line)
      .map(({ target, names, reexports, deferred }) => [target, names.join(), reexports, deferred]),
    [
      ['src/fabric/wasm/b.ts', 'A,b', false, false],
      ['lib/part', 'E,default', false, false],
      ['src/fabric/index.ts', '*', false, false],
      ['src/fabric/wasm/effect.ts', '', false, false],
      ['src/fabric/wasm/f.ts', '*', true, false],
      ['src/fabric/wasm/g.ts', 'g,H', true, false],
      ['src/fabric/wasm/i.ts', '*', false, true],
      ['src/fabric/wasm/j.ts', '*', false, true],
    ],
  );
  t.same(
    exports.map(({ name, isType }) => `${name}${isType ? ' (type)' : ''}`),
    ['L (type)', 'm', 'n', 'p'],
  );
});

t.test('functions are measured, whatever their form; other blocks are not', async (t) => {
  const { code } = scan(
    'src/a.ts',
    [
      'function a(): { b: number } {',
      '  if (x) {',
      '  }',
      '}',
      'const c = (d: { e: number }): Promise<void> => {',
      '};',
      'class F {',
      '  g(h = { i: 1 }): void {',
      '    for (const j of k()) {',
      '    }',
      '  }',
      '}',
    ].join('\n'),
  );
  t.same(
    functionsOf(code).map(({ line, lines }) => [line, lines]),
    [
      [1, 4],
      [5, 2],
      [8, 4],
    ],
  );
});

t.test('types and tables do nothing; functions and classes do', async (t) => {
  const behaviour = (text: string) => behaves(scan('src/a.ts', text).code);
  t.equal(
    behaviour('export interface A { b(c: () => void): void }\nexport type D = (e: string) => void;'),
    false,
  );
  t.equal(behaviour("export const A = 5;\nexport const B = { c: 'function' };"), false);
  t.equal(behaviour('export type A = string;\nexport const b = () => 5;'), true);
  t.equal(behaviour('export class A {}'), true);
});
