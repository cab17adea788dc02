/** The command line in this process: what it wrote, and its exit code. */

import { PassThrough, type Readable } from 'node:stream';
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
  /** What is piped into it; nothing by default. */
  readonly stdin?: Readable;
  /** What a person types, one line for each question; without it nobody is at the keyboard. */
  readonly typed?: readonly string[];
}

export async function conun(words: readonly string[], world: World = {}): Promise<Told> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const read = Promise.all([buffer(stdout), buffer(stderr)]);
  const code = await main(words, {
    stdin: world.typed ? keyboard(world.typed, stderr) : (world.stdin ?? new PassThrough().end()),
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

/** A terminal at which the next line is typed when a question has appeared. */
function keyboard(lines: readonly string[], screen: PassThrough): Readable {
  const keys = Object.assign(new PassThrough(), { isTTY: true });
  const left = [...lines];
  screen.on('data', (shown: Buffer) => {
    if (shown.toString().endsWith(': ')) keys.write(left.length > 0 ? `${left.shift()}\r` : '\u0004');
  });
  return keys;
}
