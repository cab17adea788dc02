/**
 * A provider that lies: the whole node of the daemon, composed with a sandbox that falsifies what programs
 * leave.
 *
 * It signs its lies, its digests are those of the falsified bytes, and it keeps to the protocol in every
 * other way; only comparison with honest replicas can tell. The daemon has no switch for this: it is another
 * program.
 */

import { loadConfig } from '../config.ts';
import { runDaemon } from '../daemon.ts';
import { daemonArguments } from './daemon-arguments.ts';
import { lying } from './lying.ts';

const { home, flags } = daemonArguments(process.argv.slice(2));
const { config } = await loadConfig({ home, flags });
await runDaemon(config, { sandbox: lying });
