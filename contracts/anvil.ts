/**
 * A chain of one process: real blocks, real gas, the limits of the main network. For proof and demonstration.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Anvil {
  readonly url: string;
  /** When this resolves, the process is gone. */
  stop(): Promise<void>;
}

/** On a port that the system chooses. `words` are anvil's own options. */
export async function startAnvil(words: readonly string[] = []): Promise<Anvil> {
  const program = join(import.meta.dirname, '../node_modules/.bin/anvil');
  const child = spawn(program, ['--port', '0', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // It would go on for ever, whatever became of this process.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let url: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /^Listening on (\S+)$/.exec(line)?.[1];
    if (address === undefined) continue;
    url = `http://${address}`;
    break;
  }
  // Nobody reads the log that follows; unread, it would fill the pipe and halt the chain.
  child.stdout.resume();
  if (url === undefined) throw new TypeError(`anvil ended before it listened: ${(await ended)[0]}`);
  return {
    url,
    async stop() {
      process.off('exit', end);
      child.kill('SIGTERM');
      await ended;
    },
  };
}
