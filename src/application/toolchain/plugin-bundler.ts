/**
 * Makes one ES module out of an author's plugin, with everything it imports. The same sources give the same
 * bytes wherever they lie: whitespace and comments, which would carry paths, are left out.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildFailure } from 'esbuild';
import { applicationErrors } from '../errors.ts';
import { PLUGIN_BYTES_MAX } from '../manifest.ts';

/** Always the source, which the package exports: a plugin has the same bytes whoever makes it. */
const DOOR = fileURLToPath(import.meta.resolve('conun/plugin'));

/** Throws `APPLICATION_BUILD_FAILED` with file, line and what is wrong. */
export async function bundlePlugin(folder: string): Promise<Uint8Array> {
  // Here and not above: the compilers are large, and most commands never need them.
  const { build } = await import('esbuild');
  const built = await build({
    absWorkingDir: folder,
    entryPoints: [join(folder, 'plugin.ts')],
    alias: { 'conun/plugin': DOOR },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2024',
    charset: 'utf8',
    legalComments: 'none',
    minifyWhitespace: true,
    logLevel: 'silent',
    tsconfigRaw: {},
  }).catch((error: unknown) => {
    throw applicationErrors.APPLICATION_BUILD_FAILED({ part: 'plugin', reason: reasons(error) }, error);
  });
  const bytes = built.outputFiles[0]?.contents ?? new Uint8Array();
  if (bytes.length > PLUGIN_BYTES_MAX) {
    const reason = `the bundle has ${bytes.length} bytes, at most ${PLUGIN_BYTES_MAX} are taken`;
    throw applicationErrors.APPLICATION_BUILD_FAILED({ part: 'plugin', reason });
  }
  return bytes;
}

function reasons(error: unknown): string {
  const { errors = [] } = error as Partial<BuildFailure>;
  if (errors.length === 0) return String(error);
  return errors
    .slice(0, 5)
    .map(({ text, location }) =>
      location ? `${location.file}:${location.line}:${location.column}: ${text}` : text,
    )
    .join('; ');
}
