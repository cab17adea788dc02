/** What is piped into a command, with a bound. */

import { gridErrors } from '../errors.ts';
import type { Io } from './io.ts';

/** Rejects with `GRID_ARGUMENT_INVALID` when there is more. */
export async function readAll(io: Pick<Io, 'stdin'>, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of io.stdin) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > bytesMax) {
      const reason = `it is longer than ${bytesMax} bytes`;
      throw gridErrors.GRID_ARGUMENT_INVALID({ argument: 'standard input', reason });
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}
