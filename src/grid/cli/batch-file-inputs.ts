/**
 * Which files a batch file names as its inputs. Only that: everything else in it is judged by the broker,
 * which has to do so anyway.
 */

import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { CONTENT_BYTES_MAX } from '../api/content-limit.ts';
import { gridErrors } from '../errors.ts';

export interface NamedInput {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
}

export interface BatchFile {
  readonly text: string;
  readonly inputs: readonly NamedInput[];
}

/**
 * Rejects with `GRID_FILE_UNREADABLE`, `GRID_ARGUMENT_INVALID` or `GRID_API_BODY_TOO_LARGE`, before anything
 * is sent.
 */
export async function readBatchFile(file: string): Promise<BatchFile> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw gridErrors.GRID_FILE_UNREADABLE({ file, reason: error.message }, error);
  });
  const named = Object.entries(namedInputs(file, text));
  const inputs = await Promise.all(
    named.map(async ([name, path]) => {
      if (typeof path !== 'string') {
        throw gridErrors.GRID_ARGUMENT_INVALID({ argument: file, reason: `inputs.${name} is no path` });
      }
      return measured(name, resolve(dirname(file), path));
    }),
  );
  return { text, inputs };
}

function namedInputs(file: string, text: string): object {
  let tree: unknown;
  try {
    tree = parse(text, { maxAliasCount: 100 });
  } catch {
    // The broker refuses it, and names line and column.
    return {};
  }
  const inputs = (tree as { inputs?: unknown } | null)?.inputs ?? {};
  if (typeof inputs === 'object' && !Array.isArray(inputs)) return inputs;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: file, reason: 'inputs is no table of names and paths' });
}

async function measured(name: string, file: string): Promise<NamedInput> {
  const facts = await stat(file).catch((error: Error) => {
    throw gridErrors.GRID_FILE_UNREADABLE({ file, reason: error.message }, error);
  });
  if (!facts.isFile()) throw gridErrors.GRID_FILE_UNREADABLE({ file, reason: 'it is no file' });
  if (facts.size > CONTENT_BYTES_MAX) {
    throw gridErrors.GRID_API_BODY_TOO_LARGE({ bytesMax: CONTENT_BYTES_MAX, file });
  }
  return { name, file, bytes: facts.size };
}
