/**
 * Compiles an author's AssemblyScript to a WASI program. It imports nothing but what the sandbox gives; the
 * same sources give the same bytes.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applicationErrors } from '../errors.ts';

/** What programs import as `conun`. */
const SDK = fileURLToPath(new URL('../../../plugins/sdk/assembly/', import.meta.url));
const SDK_IMPORT = 'node_modules/conun/';
const OUTPUT = 'program.wasm';
/**
 * What is compiled: the author's module, and the SDK's even when the author does not import it, for its
 * `abort`.
 */
const ENTRY = 'conun-entry.ts';
const ENTRY_TEXT = 'import "conun";\nimport "./assembly/index";\n';
const IMPORTS_ALLOWED = new Set(['wasi_snapshot_preview1', 'conun']);

/** Runtime `stub` never frees: a unit is short, and its memory goes with it. */
const OPTIONS = [
  ...['--outFile', OUTPUT, '--exportStart', '_start', '--use', 'abort=~lib/conun/index/abort'],
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--noColors'],
];

/** Throws `APPLICATION_BUILD_FAILED` with the compiler's messages. */
export async function compileProgram(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  // Here and not above: the compiler is large, and most commands never need it.
  const { main } = await import('assemblyscript/asc');
  const written = new Map<string, Uint8Array<ArrayBuffer>>();
  const { error, stderr } = await main([ENTRY, ...OPTIONS], {
    readFile: (name) =>
      name === ENTRY ? ENTRY_TEXT : readFile(sourcePath(folder, name), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      written.set(name, typeof contents === 'string' ? new TextEncoder().encode(contents) : contents.slice());
    },
    listFiles: () => [],
  });
  const bytes = written.get(OUTPUT);
  if (error !== null || bytes === undefined) throw failed(stderr.toString().trim() || String(error));
  await checkProgram(bytes);
  return bytes;
}

/** Throws `APPLICATION_BUILD_FAILED` for what no sandbox would start. */
export async function checkProgram(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const module = await WebAssembly.compile(bytes).catch((error: unknown) => {
    throw failed(`it is not WebAssembly: ${error instanceof Error ? error.message : String(error)}`);
  });
  const stranger = WebAssembly.Module.imports(module).find((needed) => !IMPORTS_ALLOWED.has(needed.module));
  if (stranger !== undefined) {
    const allowed = [...IMPORTS_ALLOWED].join(' and ');
    throw failed(`it imports ${stranger.module}.${stranger.name}; only ${allowed} exist in the sandbox`);
  }
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  const missing = ['_start', 'memory'].find((needed) => !exported.includes(needed));
  if (missing !== undefined) throw failed(`it does not export "${missing}"`);
}

function sourcePath(folder: string, name: string): string {
  return name.startsWith(SDK_IMPORT) ? join(SDK, name.slice(SDK_IMPORT.length)) : join(folder, name);
}

function failed(reason: string): Error {
  return applicationErrors.APPLICATION_BUILD_FAILED({ part: 'program', reason });
}
