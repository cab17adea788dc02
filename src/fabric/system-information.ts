/**
 * The part of the hardware that needs another way to ask on each platform: all of it through
 * `systeminformation`, loaded when it is first asked, because it takes as long to load as the rest of a
 * command-line face.
 */

const library = () => import('systeminformation');

export interface GraphicsCard {
  readonly vendor: string;
  readonly model: string;
  readonly memoryBytes: number;
}

/** Of the processor's package; `null` without a sensor. */
export async function processorTemperature(): Promise<number | null> {
  const { cpuTemperature } = await library();
  const { main } = await cpuTemperature();
  return main;
}

export async function runsOnBattery(): Promise<boolean> {
  const { battery } = await library();
  const { hasBattery, acConnected } = await battery();
  return hasBattery && !acConnected;
}

export async function graphicsCards(): Promise<GraphicsCard[]> {
  const { graphics } = await library();
  const { controllers } = await graphics();
  return controllers.map(({ vendor, model, vram }) => ({
    vendor,
    model,
    // The library counts in MiB; integrated graphics have none of their own.
    memoryBytes: (vram ?? 0) * 1_048_576,
  }));
}

/** The names of all running programs, without their folders. */
export async function runningPrograms(): Promise<string[]> {
  const { processes } = await library();
  const { list } = await processes();
  return list.map(({ name }) => name);
}
