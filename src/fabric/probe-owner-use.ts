/** What the owner does with the machine beyond touching it: running on battery, running certain programs. */

import type { PowerReading, ProgramsReading } from './reading.ts';
import { runningPrograms, runsOnBattery } from './system-information.ts';

export async function readPower(onBattery = runsOnBattery): Promise<PowerReading> {
  return { kind: 'power', onBattery: await onBattery() };
}

/**
 * Names are compared without case and without `.exe`; listing processes is costly, so none are asked for
 * none.
 */
export function programsProbe(
  wanted: readonly string[],
  list = runningPrograms,
): () => Promise<ProgramsReading> {
  return async () => {
    if (wanted.length === 0) return { kind: 'programs', running: [] };
    const names = new Set((await list()).map(plain));
    return { kind: 'programs', running: wanted.filter((name) => names.has(plain(name))) };
  };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.exe$/, '');
}
