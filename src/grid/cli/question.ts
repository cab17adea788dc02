/**
 * Questions to the person at the keyboard. They are written to stderr, so that the output stays what a
 * program reads; a secret does not appear while it is typed.
 */

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { gridErrors } from '../errors.ts';
import type { Io } from './io.ts';

/** One line for each question. Rejects with `GRID_QUESTION_LEFT` on Ctrl-C and Ctrl-D. */
export async function ask(
  io: Io,
  questions: readonly string[],
  { secret }: { readonly secret: boolean },
): Promise<readonly string[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = secret ? nowhere : io.stderr;
  // `terminal`: it sets the raw mode, in which nothing is echoed but by us.
  const reader = createInterface({ input: io.stdin, output, terminal: true, historySize: 0 });
  const leave = () => reader.close();
  reader.on('SIGINT', leave);
  io.signal.addEventListener('abort', leave, { once: true });
  try {
    const answers: string[] = [];
    const lines = reader[Symbol.asyncIterator]();
    for (const question of questions) {
      io.stderr.write(question);
      const { value, done } = await lines.next();
      if (secret) io.stderr.write('\n');
      if (done) throw gridErrors.GRID_QUESTION_LEFT();
      answers.push(value);
    }
    return answers;
  } finally {
    io.signal.removeEventListener('abort', leave);
    reader.close();
  }
}

export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true;
}
