/** How busy the processors are: a share of the time between two readings, whoever used it. */

import { type CpuInfo, cpus } from 'node:os';
import type { CpuReading } from './reading.ts';
import { processorTemperature } from './system-information.ts';

export interface CpuSources {
  readonly cpus: () => readonly CpuInfo[];
  readonly temperature: () => Promise<number | null>;
}

/** The first reading is over the time since the machine was started: all that one look can tell. */
export function cpuProbe(
  sources: CpuSources = { cpus, temperature: processorTemperature },
): () => Promise<CpuReading> {
  let before: readonly CpuInfo[] = [];
  // Asking for the temperature starts four programs: a machine that has no sensor is asked once.
  let hasSensor = true;
  return async () => {
    const temperatureCelsius = hasSensor ? await sources.temperature() : null;
    hasSensor = temperatureCelsius !== null;
    const now = sources.cpus();
    const spent = now.map((cpu, at) => timeBetween(before[at], cpu));
    before = now;
    const total = spent.reduce((sum, { busy, all }) => ({ busy: sum.busy + busy, all: sum.all + all }), NONE);
    return { kind: 'cpu', load: share(total), coreLoads: spent.map(share), temperatureCelsius };
  };
}

interface Spent {
  readonly busy: number;
  readonly all: number;
}

const NONE: Spent = { busy: 0, all: 0 };

/**
 * Processors can come and go (hot-plug, suspend), and counters with them: then the counter is all there is.
 */
function timeBetween(before: CpuInfo | undefined, now: CpuInfo): Spent {
  const [then, total] = [before === undefined ? NONE : spentOf(before), spentOf(now)];
  const spent = { busy: total.busy - then.busy, all: total.all - then.all };
  return spent.busy < 0 || spent.all < 0 ? total : spent;
}

function spentOf({ times: { user, nice, sys, idle, irq } }: CpuInfo): Spent {
  const busy = user + nice + sys + irq;
  return { busy, all: busy + idle };
}

function share({ busy, all }: Spent): number {
  return all === 0 ? 0 : busy / all;
}
