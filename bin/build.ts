/**
 * Compiles the programs of `src` into few files of JavaScript, laid out in `dist` as their sources are in
 * `src`. A daemon made of three thousand modules takes twice as long to start, and twice the memory.
 *
 * `bin/conun` starts what is in `dist` unless a source is newer, so nobody runs yesterday's program by
 * mistake; without `dist` everything runs from its sources.
 */

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type OutputFile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');
const dist = join(root, 'dist');

/** Named by what they hold: those of two builds lie side by side. */
const PARTS = join(dist, 'parts');

/** Its time is what sources are compared with: that of the beginning, as they may change meanwhile. */
const STAMP = join(dist, '.built');

/** A program that runs may still load parts of the build that it was started from, but not for ever. */
const KEPT_MS = 24 * 60 * 60 * 1_000;

/** They share their parts, which are loaded when they are needed. All lie one folder below `dist`. */
const OPEN = ['grid/main', 'connectivity/key-agent-process'];

/** Each in one file: what runs behind walls can read nothing else. */
const WALLED = ['application/plugin-process', 'fabric/wasm/host-process'];

/**
 * They carry machine code, load their parts by computed names, or are needed by toolchain and dashboard
 * alone.
 */
const EXTERNAL = ['assemblyscript', 'blessed', 'classic-level', 'esbuild', 'systeminformation'];

/** Sources find programs and templates by where they lie: each is told where it would lie in `dist`. */
const places: Plugin = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!path.startsWith(src)) return undefined;
      const place = relative(src, path).replaceAll('\\', '/').replace(/\.ts$/, '.js');
      const contents = readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        `new URL(${JSON.stringify(place)}, BUILT_IN).href`,
      );
      return { contents, loader: 'ts' };
    });
  },
};

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  charset: 'utf8',
  external: EXTERNAL,
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
  outbase: src,
  outdir: dist,
  platform: 'node',
  plugins: [places],
  target: 'node22.18',
  tsconfigRaw: {},
  write: false,
};

/** Some libraries are CommonJS and ask for Node's own modules by `require`. */
const REQUIRE =
  "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/** `dist`, for a file that lies so many folders below it. */
const builtIn = (depth: number) => `const BUILT_IN = new URL('${'../'.repeat(depth)}', import.meta.url);`;

const entry = (name: string) => join(src, `${name}.ts`);

async function compile(): Promise<OutputFile[]> {
  const open = build({
    ...shared,
    entryPoints: OPEN.map(entry),
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
    banner: { js: `${REQUIRE}\n${builtIn(1)}` },
  });
  const walled = WALLED.map((name) =>
    build({ ...shared, entryPoints: [entry(name)], banner: { js: builtIn(name.split('/').length - 1) } }),
  );
  const builds = await Promise.all([open, ...walled]);
  return builds.flatMap(({ outputFiles }) => outputFiles ?? []);
}

/** Whole or not at all: another process may be about to load it. */
function put({ path, contents }: OutputFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, contents);
  renameSync(`${path}.new`, path);
}

function dropOlderThan(time: number): void {
  for (const name of readdirSync(PARTS)) {
    const file = join(PARTS, name);
    if (statSync(file).mtimeMs < time) rmSync(file);
  }
}

const startedAt = Date.now();
const files = await compile();
const isPart = ({ path }: OutputFile) => path.startsWith(PARTS);
// A program never stands there before its parts do.
for (const file of [...files.filter(isPart), ...files.filter((file) => !isPart(file))]) put(file);
dropOlderThan(startedAt - KEPT_MS);
writeFileSync(STAMP, '');
utimesSync(STAMP, startedAt / 1_000, startedAt / 1_000);
