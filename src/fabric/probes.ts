/** All probes of a provider, with how often each is worth asking. */

import type { Clock, Milliseconds } from '../actors/index.ts';
import { SECOND_MS } from '../actors/index.ts';
import type { Preferences } from './preferences.ts';
import type { ProbeSpec } from './probe-actor.ts';
import { cpuProbe } from './probe-cpu.ts';
import { gpuProbe } from './probe-gpu.ts';
import { readMemory } from './probe-memory.ts';
import { programsProbe, readPower } from './probe-owner-use.ts';
import { presenceProbe } from './probe-presence.ts';
import { storageProbe } from './probe-storage.ts';
import type { Reading } from './reading.ts';

/** The owner who comes back waits at most this long plus a millisecond for their machine. */
const PRESENCE_MS: Milliseconds = SECOND_MS;

/** As often as people look at a dashboard. */
const GLANCE_MS: Milliseconds = 5 * SECOND_MS;

/** For what starts another program to find out, or changes with the hour. */
const LOOK_MS: Milliseconds = 15 * SECOND_MS;

export interface ProbesInit {
  readonly home: string;
  readonly clock: Clock;
  readonly preferences: Preferences;
}

export function machineProbes({ home, clock, preferences }: ProbesInit): readonly ProbeSpec<Reading>[] {
  return [
    { name: 'presence', intervalMs: PRESENCE_MS, read: presenceProbe({ clock }) },
    { name: 'cpu', intervalMs: GLANCE_MS, read: cpuProbe() },
    { name: 'memory', intervalMs: GLANCE_MS, read: readMemory },
    { name: 'power', intervalMs: GLANCE_MS, read: () => readPower() },
    { name: 'gpu', intervalMs: LOOK_MS, read: gpuProbe() },
    { name: 'storage', intervalMs: LOOK_MS, read: storageProbe(home) },
    { name: 'programs', intervalMs: LOOK_MS, read: programsProbe(preferences.exclusivePrograms) },
  ];
}
