/** The agent as a process: its one argument is the socket. It says `ready`, and nothing more. */

import { systemClock } from '../actors/index.ts';
import { startKeyAgent } from './key-agent.ts';

const [, , socket = ''] = process.argv;

await startKeyAgent({ socket, clock: systemClock() });
process.stdout.write('ready\n');
