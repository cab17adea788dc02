/** The command line in this process: what it wrote, and its exit code. */

import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { main } from '../../src/grid/cli/program.ts';

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function conun(words: readonly string[], world: World = {}): Promise<Told> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const read = Promise.all([buffer(stdout), buffer(stderr)]);
  const code = await main(words, {
    stdout,
    stderr,
    env: world.env ?? {},
    folder: world.folder ?? '/nonexistent',
    signal: world.signal ?? new AbortController().signal,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await read;
  return { code, out: out.toString(), err: err.toString() };
}
