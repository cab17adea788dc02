/**
 * Engines that a machine may lack. A suite that needs one skips itself with a printed reason; where the
 * engine was promised (`CONUN_REQUIRED_ENGINES`, set by `.ci/run`), its absence is a failure instead.
 */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** For tap's `skip` option: `false` when the engine is here, else the reason. */
export function lacks(command: string): string | false {
  if (found(command)) return false;
  const required = (process.env['CONUN_REQUIRED_ENGINES'] ?? '').split(/[\s,]+/);
  if (required.includes(command)) return false;
  return `this machine has no ${command}`;
}

function found(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
