/**
 * NVIDIA's GPUs and what they do, from the driver's own program.
 *
 * A machine without the program, without the driver or without a card has no GPU; that is an answer, not a
 * failure. What the program prints is not trusted: it changes between driver versions, and fields say "N/A".
 */

import { z } from 'zod';
import { MIB } from '../actors/index.ts';
import { fabricErrors } from './errors.ts';
import type { GpuReading, GpuState } from './reading.ts';

/** Runs `nvidia-smi -q -x` and gives its XML as plain objects; `fault` may be a text from standard error. */
type NvidiaSmi = (done: (fault: unknown, log?: unknown) => void) => void;

/** Loaded when it is asked for: its parser of XML is a fifth of what this layer would load. */
async function nvidiaSmi(): Promise<NvidiaSmi> {
  // @ts-expect-error: the package comes without types
  const { default: program } = await import('node-nvidia-smi');
  return program;
}

/**
 * Exit codes of nvidia-smi: 6 no device, 9 driver not loaded; the shell's 127 says that there is no such
 * program.
 */
const NO_GPU_EXITS: readonly unknown[] = [6, 9, 127];
const NO_PROGRAM = /not found|not recognized/i;

/** More than any machine holds; a longer list is no list of GPUs. */
const GPUS_MAX = 64;

const measure = z.string().max(100).optional();
const nothing = {};
const gpuLog = z.object({
  product_name: z.string().min(1).max(100),
  // Empty elements come as empty texts; what a card does not tell is not known.
  fb_memory_usage: z.object({ total: measure, used: measure }).catch(nothing),
  utilization: z.object({ gpu_util: measure }).catch(nothing),
  temperature: z.object({ gpu_temp: measure }).catch(nothing),
});
const smiLog = z.object({
  nvidia_smi_log: z.object({
    driver_version: z.string().max(100).optional(),
    // The library makes an object of one and a list of several.
    gpu: z.union([z.array(gpuLog).max(GPUS_MAX), gpuLog.transform((gpu) => [gpu])]).default([]),
  }),
});

/**
 * A machine that has no GPU is asked once: to start a program holds up a process as large as a node's
 * (30 to 95 ms with 149 MB resident, on a busy machine), and all that passes through it meanwhile.
 */
export function gpuProbe(read: () => Promise<GpuReading> = readGpus): () => Promise<GpuReading> {
  let hasGpu = true;
  return async () => {
    const reading: GpuReading = hasGpu ? await read() : { kind: 'gpu', gpus: [] };
    hasGpu = reading.gpus.length > 0;
    return reading;
  };
}

/** Rejects with `FABRIC_PROBE_FAILED` if the program fails, or says something that we do not understand. */
export async function readGpus(program?: NvidiaSmi): Promise<GpuReading> {
  const run = program ?? (await nvidiaSmi());
  const { fault, log } = await new Promise<{ fault: unknown; log: unknown }>((resolve) => {
    run((fault, log) => resolve({ fault, log }));
  });
  if (fault && saysNoGpu(fault)) return { kind: 'gpu', gpus: [] };
  if (fault) throw failed(fault instanceof Error ? fault.message : String(fault), fault);
  const result = smiLog.safeParse(log);
  if (!result.success) throw failed('its output has another form than expected', result.error);
  const { driver_version, gpu } = result.data.nvidia_smi_log;
  return { kind: 'gpu', gpus: gpu.map((one) => gpuState(one, driver_version ?? '')) };
}

function saysNoGpu(fault: unknown): boolean {
  if (typeof fault === 'string') return NO_PROGRAM.test(fault);
  if (!(fault instanceof Error)) return false;
  return ('code' in fault && NO_GPU_EXITS.includes(fault.code)) || NO_PROGRAM.test(fault.message);
}

function gpuState(gpu: z.infer<typeof gpuLog>, driver: string): GpuState {
  const { fb_memory_usage: memory, utilization, temperature } = gpu;
  const [total, used] = [amount(memory.total, 'MiB'), amount(memory.used, 'MiB')];
  const percent = amount(utilization.gpu_util, '%');
  return {
    vendor: 'NVIDIA',
    model: gpu.product_name,
    driver,
    memoryBytes: (total ?? 0) * MIB,
    memoryBytesUsed: used === null ? null : used * MIB,
    load: percent === null ? null : percent / 100,
    temperatureCelsius: amount(temperature.gpu_temp, 'C'),
  };
}

/** `143771 MiB` as a number; anything else, `N/A` for one, is not known. */
function amount(text: string | undefined, unit: string): number | null {
  const [number, found] = text?.split(' ') ?? [];
  return found === unit && number !== undefined && /^\d+$/.test(number) ? Number(number) : null;
}

function failed(reason: string, cause: unknown) {
  return fabricErrors.FABRIC_PROBE_FAILED({ probe: 'gpu', reason: reason.slice(0, 200) }, cause);
}
