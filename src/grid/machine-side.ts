/**
 * This machine as every node watches it, whatever its roles: probes, their newest readings, and the governor.
 */

import { cpus } from 'node:os';
import { type ActorRef, ask, decode, encode, SECOND_MS } from '../actors/index.ts';
import {
  type Capability,
  type ExecutorMail,
  type GovernorMail,
  type GovernorView,
  governorBehaviour,
  machineProbes,
  measureSpeed,
  parsePreferences,
  probeBehaviour,
  readCapability,
} from '../fabric/index.ts';
import type { Foundation } from './foundation.ts';
import type { MachineView, ReadingsView } from './node.ts';

export interface MachineSide {
  readonly capability: Capability;
  view(): Promise<MachineView>;
  govern(mail: GovernorMail): void;
}

/** Where the speed of this processor is kept: measuring it takes a fifth of a second at each start. */
const SPEED_KEY = 'machine/speed';

/** Rejects with `FABRIC_PREFERENCES_INVALID`. */
export async function openMachineSide(
  base: Foundation,
  executor: ActorRef<ExecutorMail>,
): Promise<MachineSide> {
  const { config, clock, system } = base;
  const preferences = parsePreferences(config.provider.governor);
  const home = config.paths.data;
  const { slots } = config.provider;
  const speed = await knownSpeed(base);
  const capability = await readCapability(preferences, { home, speed, sandboxes: ['wasm'] });
  const governor = system.spawn('governor', () => governorBehaviour({ preferences, slots, executor }));
  for (const spec of machineProbes({ home, clock, preferences })) {
    const toMail = (reading: Awaited<ReturnType<typeof spec.read>>): GovernorMail => ({
      type: 'reading',
      reading,
    });
    system.spawn(`probe-${spec.name}`, () => probeBehaviour(spec, governor, toMail));
  }
  const view = () =>
    ask<GovernorMail, GovernorView>(governor, (reply) => ({ type: 'view', reply }), {
      timeoutMs: 5 * SECOND_MS,
      clock,
    });
  return {
    capability,
    govern: (mail) => void governor.tell(mail),
    async view() {
      const { verdict, paused, readings } = await view();
      const { state, reason } = verdict;
      return {
        capability,
        slots,
        readings: readingsView(base, readings),
        governor: { state, reason, paused },
      };
    },
  };
}

async function knownSpeed({ journal, clock }: Foundation): Promise<number> {
  const cpuModel = cpus()[0]?.model ?? 'unknown';
  const row = await journal.get(SPEED_KEY);
  const known = row && (decode(row) as { readonly cpuModel: string; readonly speed: number });
  if (known?.cpuModel === cpuModel && known.speed > 0) return known.speed;
  const speed = Math.round(await measureSpeed(clock));
  await journal.commit({ puts: [{ key: SPEED_KEY, value: encode({ cpuModel, speed }) }] });
  return speed;
}

function readingsView({ blocks }: Foundation, readings: GovernorView['readings']): ReadingsView | null {
  const { cpu, memory, presence, gpu } = readings;
  if (cpu === undefined || memory === undefined) return null;
  const { bytesTotal, bytesAvailable } = memory.reading;
  const idleMs = presence?.reading.idleMs ?? null;
  return {
    at: cpu.at,
    cpuLoad: cpu.reading.load,
    coreLoads: cpu.reading.coreLoads,
    memoryBytesUsed: bytesTotal - bytesAvailable,
    memoryBytesTotal: bytesTotal,
    temperatureCelsius: cpu.reading.temperatureCelsius,
    storageBytesUsed: blocks.bytesUsed(),
    storageBytesMax: blocks.quotaBytes,
    ownerPresent: idleMs === null ? null : idleMs < PRESENT_MS,
    gpus: (gpu?.reading.gpus ?? []).map((it) => ({
      model: it.model,
      load: it.load,
      memoryBytesUsed: it.memoryBytesUsed,
      temperatureCelsius: it.temperatureCelsius,
    })),
  };
}

/** Who touched a key within the last minute sits there. */
const PRESENT_MS = 60 * SECOND_MS;
