/** A process that locks a home, says so, and stays until it is killed. */

import { Fault } from '../../src/actors/index.ts';
import { lockHome } from '../../src/fabric/home-lock.ts';

try {
  await lockHome(process.argv[2]!);
  process.stdout.write('locked\n');
  setInterval(() => undefined, 1e9);
} catch (error) {
  process.stdout.write(`${error instanceof Fault ? `${error.code} ${error.details.pid}` : String(error)}\n`);
}
