/**
 * A real terminal for tests: tmux on a server of its own. What it shows is read by asking again until it
 * fits, because a terminal tells nobody that it has changed.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Pictures asked for before giving up, one every 50 ms: 15 s, for a machine that does other things too. */
const LOOKS_MAX = 300;

let opened = 0;

export interface Terminal {
  keys(...keys: string[]): Promise<void>;
  /** The picture, as soon as every pattern is in it. Rejects with the last picture. */
  shows(...patterns: RegExp[]): Promise<string>;
  picture(): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  close(): Promise<void>;
}

/** Runs a shell command in a terminal of that size. */
export async function openTerminal(
  name: string,
  command: string,
  size: { readonly columns: number; readonly rows: number },
): Promise<Terminal> {
  // A server that is about to end would still take the next session.
  opened += 1;
  const server = `${name}-${opened}`;
  const tmux = (...words: string[]) => run('tmux', ['-L', server, '-f', '/dev/null', ...words]);
  await tmux('new-session', '-d', '-x', `${size.columns}`, '-y', `${size.rows}`, command);
  const picture = async () => (await tmux('capture-pane', '-p')).stdout;
  return {
    picture,
    async keys(...keys) {
      await tmux('send-keys', ...keys);
    },
    async shows(...patterns) {
      let last = '';
      for (let look = 0; look < LOOKS_MAX; look++) {
        last = await picture();
        if (patterns.every((pattern) => pattern.test(last))) return last;
        await run('sleep', ['0.05']);
      }
      throw new RangeError(`the terminal never showed ${patterns.join(' and ')}, but:\n${last}`);
    },
    async resize(columns, rows) {
      await tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
    },
    async close() {
      await tmux('kill-server').catch(() => undefined);
    },
  };
}
