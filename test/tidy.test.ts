/**
 * The repository checks itself: layers, doors, cycles, edges, sizes, tests, dead code and the documentation
 * of errors. What is allowed where is in `tidy/tables.ts`. Each complaint says what to do about it.
 */

import { globSync, readFileSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { type LayerErrors, renderErrorPage } from './tidy/error-page.ts';
import { behaves, functionsOf, type Import, lineAt, type Source, scan } from './tidy/scanner.ts';
import {
  ENTRIES,
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  LAYERS,
  LIBRARIES,
  LINE_COLUMNS_MAX,
  PRINTERS,
  TESTED_BY,
  TIME_AND_CHANCE,
} from './tidy/tables.ts';

process.chdir(new URL('..', import.meta.url).pathname);

const sources = new Map<string, Source>(
  globSync('{bin,src,test,bench,plugins,contracts}/**/*.ts', { exclude: ['plugins/*/build/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => [path, scan(path, readFileSync(path, 'utf8'))]),
);
const all = [...sources.values()];
const production = all.filter(({ path }) => path.startsWith('src/'));

/**
 * Programs in another language that looks like TypeScript (AssemblyScript): sizes are checked, imports are
 * not.
 */
const isAssembly = (path: string) => /^plugins\/[^/]+\/assembly\//.test(path);

function check(name: string, complaints: () => Iterable<string>): void {
  t.test(name, async (t: Test) => {
    const found = [...complaints()];
    for (const complaint of found) t.fail(complaint, { stack: '', at: null });
    if (found.length === 0) t.pass('nothing to complain about');
  });
}

const layerOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];
const isDoor = (path: string): boolean => /^src\/[^/]+\/index\.ts$/.test(path);
const isAllowed = (path: string, allowed: readonly string[]): boolean =>
  allowed.some((entry) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry));

check('layers import only what is below them, and through its door', function* () {
  for (const { path, imports } of production) {
    const layer = layerOf(path)!;
    for (const { target, line } of imports.filter(({ target }) => target.startsWith('src/'))) {
      const other = layerOf(target)!;
      const [own, theirs] = [layer, other].map((name) => (LAYERS as readonly string[]).indexOf(name));
      if (own === -1) yield `${path} is in no layer that tidy/tables.ts knows: move it, or add the layer`;
      else if (theirs! > own!)
        yield `${path}:${line} imports ${target}, which is above it: make it a port, bound above`;
      else if (other !== layer && !isDoor(target)) {
        yield `${path}:${line} imports ${target}: take it from src/${other}/index.ts, or add it there`;
      } else if (other === layer && isDoor(target)) {
        yield `${path}:${line} imports the door of its own layer: import the file that has it`;
      }
    }
  }
});

check('doors only hand on', function* () {
  for (const { path, code } of production.filter(({ path }) => isDoor(path))) {
    const rest = code.replace(/export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s+from\s+['"]\s*['"];?/g, '').trim();
    if (rest !== '')
      yield `${path} does more than re-export: move \`${rest.slice(0, 40)}\` to a file with a name`;
  }
});

check('no file imports itself, by any way, not even a type', function* () {
  const finished = new Set<string>();
  const visit = function* (path: string, way: readonly string[]): Generator<string> {
    if (way.includes(path)) {
      const cycle = [...way.slice(way.indexOf(path)), path].join(' → ');
      yield `${cycle}: move what both need to a file that imports neither`;
    } else if (!finished.has(path)) {
      for (const { target, deferred } of sources.get(path)?.imports ?? []) {
        if (!deferred) yield* visit(target, [...way, path]);
      }
      finished.add(path);
    }
  };
  for (const { path } of all) yield* visit(path, []);
});

check('each library is imported only where the table says', function* () {
  const used = new Set<string>();
  for (const { path, imports } of all) {
    if (isAssembly(path) || !/^(?:src|plugins)\//.test(path)) continue;
    for (const { specifier, line } of imports) {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
      const library = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      used.add(library);
      if (isAllowed(path, LIBRARIES[library] ?? [])) continue;
      const where = LIBRARIES[library]?.join(', ') ?? 'nowhere yet';
      yield `${path}:${line} imports ${library}, allowed in: ${where}; use that, or argue in tidy/tables.ts`;
    }
  }
  for (const library of Object.keys(LIBRARIES)) {
    if (!used.has(library))
      yield `${library} is imported nowhere: take it out of tidy/tables.ts and package.json`;
  }
});

check('plugins know the public door only', function* () {
  for (const { path, imports } of all) {
    const folder = /^plugins\/[^/]+\//.exec(path)?.[0];
    if (folder === undefined) continue;
    for (const { target, specifier, line } of imports) {
      if (specifier.startsWith('.') && !target.startsWith(folder) && !target.startsWith('plugins/sdk/')) {
        yield `${path}:${line} imports ${target}: a plugin is its own folder and conun/plugin`;
      }
    }
  }
});

const CLOCKS = 'Date.now|new Date()|performance.now|setTimeout|setInterval|AbortSignal.timeout';
const CHANCE = 'Math.random|randomBytes|randomFill|randomFillSync|randomInt|randomUUID|getRandomValues';

check('time and chance are injected', function* () {
  const names = `${CLOCKS}|${CHANCE}`.replace(/[.()]/g, '\\$&');
  const allowed = Object.keys(TIME_AND_CHANCE);
  yield* patternComplaints(
    new RegExp(`\\b(?:${names})`, 'g'),
    allowed,
    'take it from the injected Clock or Random',
  );
});

check('only faces print', function* () {
  yield* patternComplaints(/\bconsole\./g, PRINTERS, 'emit an inspection event instead');
});

check('errors come from a catalogue', function* () {
  yield* patternComplaints(/\bthrow new Error\(/g, [], "throw one of the layer's errors.ts, or assert");
});

function* patternComplaints(pattern: RegExp, allowed: readonly string[], advice: string): Generator<string> {
  for (const { path, code } of production) {
    if (isAllowed(path, allowed)) continue;
    for (const match of code.matchAll(pattern)) {
      yield `${path}:${lineAt(code, match.index)} uses ${match[0]}: ${advice}`;
    }
  }
}

/** A sentence of a catalogue, which would read worse in two pieces. */
const isOneText = (bareLine: string): boolean => /^\s*(?:\w+: )?(['"`]) +\1,?$/.test(bareLine);

check('files, functions and lines are small enough to read', function* () {
  for (const { path, text, code } of all) {
    const lines = text.split('\n');
    if (lines.length - 1 > FILE_LINES_MAX) {
      yield `${path} has ${lines.length - 1} lines of ${FILE_LINES_MAX}: find the second concept in it`;
    }
    const bare = code.split('\n');
    for (const [index, line] of lines.entries()) {
      if (line.length <= LINE_COLUMNS_MAX || isOneText(bare[index] ?? '')) continue;
      yield `${path}:${index + 1} is ${line.length} columns wide: break it`;
    }
    for (const { line, lines } of functionsOf(code)) {
      if (lines > FUNCTION_LINES_MAX) {
        yield `${path}:${line} is a function of ${lines} lines: name its parts`;
      }
    }
  }
});

check('every file that does something has a test at the mirrored path', function* () {
  for (const { path, code } of production) {
    if (isDoor(path) || !behaves(code)) continue;
    const mirrored = path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
    const together = Object.keys(TESTED_BY).find((entry) => isAllowed(path, [entry]));
    if (sources.has(mirrored) || (together !== undefined && sources.has(TESTED_BY[together]!))) continue;
    yield `${path} has no ${mirrored}: write it`;
  }
  for (const [entry, test] of Object.entries(TESTED_BY)) {
    if (!sources.has(test)) yield `${test} is gone: take it out of TESTED_BY`;
    if (!all.some(({ path }) => isAllowed(path, [entry]))) yield `${entry} is gone: take it out of TESTED_BY`;
  }
});

/** The files that define what an import takes: doors and other re-exports are looked through. */
function* origins(
  target: string,
  names: readonly string[],
): Generator<readonly [path: string, name: string]> {
  const source = sources.get(target);
  if (source === undefined) return;
  for (const name of names) {
    if (name === '*') yield* source.exports.map((found) => [target, found.name] as const);
    if (source.exports.some((found) => found.name === name)) yield [target, name];
    for (const onward of source.imports.filter(({ reexports }) => reexports)) {
      if (onward.names.includes('*')) yield* origins(onward.target, [name]);
      else if (onward.names.includes(name) || name === '*')
        yield* origins(onward.target, name === '*' ? onward.names : [name]);
    }
  }
}

const takes = ({ reexports }: Import, path: string): boolean => !(reexports && isDoor(path));

check('no export is dead', function* () {
  const used = new Set<string>();
  for (const { path, imports } of all) {
    for (const taken of imports.filter((taken) => takes(taken, path))) {
      for (const [origin, name] of origins(taken.target, taken.names)) used.add(`${origin} ${name}`);
    }
  }
  for (const { path, code, exports } of production) {
    if (path in ENTRIES) continue;
    for (const { name, isType, line } of exports) {
      if (used.has(`${path} ${name}`)) continue;
      const mentions = code.match(new RegExp(`\\b${name.replaceAll('$', '\\$')}\\b`, 'g'))?.length ?? 0;
      // A type that is part of what the file offers may keep its name for whoever needs to write it down.
      if (!(isType && mentions > 1))
        yield `${path}:${line} exports ${name}, which nobody imports: use it or remove it`;
    }
  }
});

check('no file is dead', function* () {
  const alive = new Set<string>();
  const visit = (path: string) => {
    if (alive.has(path) || !sources.has(path)) return;
    alive.add(path);
    for (const { target } of sources.get(path)?.imports ?? []) visit(target);
  };
  for (const path of Object.keys(ENTRIES)) visit(path);
  const reached = (path: string) => alive.has(path) || isDoor(path);
  for (const { path } of production) {
    if (!reached(path))
      yield `${path} is reached from no program (see ENTRIES in tidy/tables.ts): use it or remove it`;
  }
  for (const path of Object.keys(ENTRIES)) {
    if (!sources.has(path)) yield `${path} is gone: take it out of ENTRIES`;
  }
});

const catalogues = await readCatalogues();

async function readCatalogues(): Promise<LayerErrors[]> {
  const found: LayerErrors[] = [];
  for (const layer of LAYERS) {
    const path = `src/${layer}/errors.ts`;
    if (!sources.has(path)) continue;
    const module: Record<string, { entries: LayerErrors['entries'] } | undefined> = await import(
      `../${path}`
    );
    found.push({ layer, entries: module[`${layer}Errors`]?.entries ?? {} });
  }
  return found;
}

check('each error code is named after its layer, used and tested', function* () {
  for (const { layer, entries } of catalogues) {
    const catalogue = `src/${layer}/errors.ts`;
    if (Object.keys(entries).length === 0)
      yield `${catalogue} exports no ${layer}Errors: make it with catalogue()`;
    for (const code of Object.keys(entries)) {
      const named = new RegExp(`\\b${code}\\b`);
      const names = ({ path, text }: Source) => path !== catalogue && named.test(text);
      if (!code.startsWith(`${layer.toUpperCase()}_`))
        yield `${code} in ${catalogue} does not begin with its layer`;
      if (!production.some(names)) yield `${code} is used nowhere: remove it from ${catalogue}`;
      if (!all.some((source) => source.path.startsWith('test/') && names(source))) {
        yield `${code} is in no test: write one that meets it`;
      }
    }
  }
});

check('docs/errors.md is what the catalogues say', function* () {
  const page = renderErrorPage(catalogues);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync('docs/errors.md', page);
  const [written = ''] = globSync('docs/errors.md').map((path) => readFileSync(path, 'utf8'));
  if (written !== page) yield 'docs/errors.md is out of date: UPDATE_DOCS=1 node test/tidy.test.ts';
});
