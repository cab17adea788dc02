/**
 * One run: a safety phase in which everything that can go wrong does, with the laws checked all along, and
 * then a liveness phase, in which the faults have ended and all work must come to its end within a bound (the
 * order is TigerBeetle's).
 */

import type { Milliseconds } from '../../src/actors/index.ts';
import { Chaos } from './chaos.ts';
import { SimulatedGrid } from './grid.ts';
import { LawBroken } from './laws.ts';
import { type Work, workOf } from './work.ts';

export interface RunOptions {
  readonly seed: number;
  readonly providers: number;
  readonly units: number;
}

export interface RunReport extends RunOptions {
  readonly trace: string;
  readonly simulatedMs: Milliseconds;
  /** From the end of the faults until everything was done. */
  readonly recoveredMs: Milliseconds;
  readonly agreed: number;
  readonly cancelled: number;
  readonly replicas: number;
  readonly lost: number;
  readonly disagreed: number;
  readonly excluded: number;
  readonly commits: number;
  readonly faults: Readonly<Record<string, number>>;
}

/** How long faults go on, at most. */
const CHAOS_MS: Milliseconds = 30_000;

/** Laws that look at everybody are checked this often; the others at every event. */
const STEP_MS: Milliseconds = 200;

/** Rejects with `LawBroken`, or with whatever else went wrong. */
export async function simulate(options: RunOptions): Promise<RunReport> {
  const { seed, providers, units } = options;
  // So that the work of the honest lasts about as long as the faults: two replicas a unit, two slots a
  // machine.
  const runMs = Math.max(20, Math.round((CHAOS_MS * providers) / (1.5 * Math.max(1, units))));
  const work = workOf(units, Math.min(runMs, 4_000));
  const grid = new SimulatedGrid({
    seed: `simulation/${seed}`,
    providers,
    work,
    runMs: Math.min(runMs, 4_000),
  });
  const startedAt = grid.clock.now();
  const chaos = new Chaos(grid);
  await safety(grid, work, chaos);
  const calmAt = grid.clock.now();
  await chaos.end();
  await liveness(grid, work, boundOf(options, runMs));
  await grid.laws.replayed(grid.disk);
  const report = reportOf(options, grid, work, chaos, startedAt, calmAt);
  await grid.stop();
  return report;
}

async function safety(grid: SimulatedGrid, work: readonly Work[], chaos: Chaos): Promise<void> {
  const until = grid.clock.now() + CHAOS_MS;
  while (grid.clock.now() < until) {
    await chaos.step();
    await grid.pass(STEP_MS);
    grid.checkCapacity();
    await press(grid, work);
    if (grid.random.below(60) === 0) await grid.cancel(work[2]!.spec.batch);
    if (grid.random.below(20) === 0) await grid.laws.replayed(grid.disk);
  }
}

async function liveness(grid: SimulatedGrid, work: readonly Work[], boundMs: Milliseconds): Promise<void> {
  const until = grid.clock.now() + boundMs;
  for (;;) {
    await grid.pass(STEP_MS);
    grid.checkCapacity();
    await press(grid, work);
    if (work.every(({ spec }) => (grid.laws.view(spec.batch)?.endedAt ?? null) !== null)) return;
    if (grid.clock.now() > until)
      throw new LawBroken('liveness', `not done after ${boundMs} ms: ${left(grid, work)}`);
  }
}

/** A researcher who submits again until the answer comes. */
async function press(grid: SimulatedGrid, work: readonly Work[]): Promise<void> {
  if (!grid.brokerIsUp) return;
  for (const one of work) if (!grid.laws.view(one.spec.batch)) await grid.submit(one);
}

/**
 * Everything once more at the pace of the honest, every lease granted anew, and each delay bound passed
 * twice.
 */
function boundOf({ units, providers }: RunOptions, runMs: Milliseconds): Milliseconds {
  const workMs = (4 * units * runMs) / Math.max(1, providers / 2);
  return 120_000 + workMs + 2 * Math.max(60_000, 40 * Math.min(runMs, 4_000));
}

function left(grid: SimulatedGrid, work: readonly Work[]): string {
  return work
    .map(({ spec }) => {
      const view = grid.laws.view(spec.batch);
      return `${spec.name} ${view?.phase ?? 'unknown'} ${JSON.stringify(view?.counts ?? {})}`;
    })
    .join('; ');
}

function reportOf(
  options: RunOptions,
  grid: SimulatedGrid,
  work: readonly Work[],
  chaos: Chaos,
  startedAt: Milliseconds,
  calmAt: Milliseconds,
): RunReport {
  const views = work.map(({ spec }) => grid.laws.view(spec.batch)!);
  for (const { name, phase, counts, reason } of views)
    if (phase === 'failed' || counts.failed > 0)
      throw new LawBroken('liveness', `${name} has failed units: ${counts.failed}, ${reason}`);
  const sum = (count: keyof (typeof views)[number]['counts']) =>
    views.reduce((total, { counts }) => total + (counts[count] ?? 0), 0);
  return {
    ...options,
    trace: grid.laws.trace(),
    simulatedMs: grid.clock.now() - startedAt,
    recoveredMs: grid.clock.now() - calmAt,
    agreed: sum('agreed'),
    cancelled: sum('cancelled'),
    replicas: sum('replicasAssigned'),
    lost: sum('replicasLost'),
    disagreed: sum('replicasDisagreed'),
    excluded: grid.laws.excluded.size,
    commits: grid.laws.commits,
    faults: chaos.counts,
  };
}
