/** The program `conun`: the command line bound to this process. */

import { main } from './cli/program.ts';

const interrupted = new AbortController();
let presses = 0;

// The first Ctrl-C asks the command to end in order, the second ends it.
process.on('SIGINT', () => {
  presses += 1;
  interrupted.abort();
  if (presses > 1) process.exit(130);
});

// `conun status | head` closes the pipe early: no reason to complain.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

process.exitCode = await main(process.argv.slice(2), {
  // Opened by the commands that read it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  folder: process.cwd(),
  signal: interrupted.signal,
});

// Libraries leave timers of up to a second behind. What was written is out before the process ends.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
