import type { CpuInfo } from 'node:os';
import t from 'tap';
import { cpuProbe } from '../../src/fabric/probe-cpu.ts';

const core = (busy: number, idle: number): CpuInfo => ({
  model: 'test',
  speed: 1,
  times: { user: busy, nice: 0, sys: 0, idle, irq: 0 },
});

function machine(...looks: CpuInfo[][]) {
  let look = 0;
  return { cpus: () => looks[Math.min(look++, looks.length - 1)]!, temperature: async () => 55 };
}

t.test('load is the share of time since the look before, for each core and for all', async (t) => {
  const read = cpuProbe(machine([core(100, 900), core(0, 0)], [core(200, 900), core(100, 300)]));
  await read();
  const { load, coreLoads, temperatureCelsius } = await read();
  t.same(coreLoads, [1, 0.25]);
  t.equal(load, 0.4);
  t.equal(temperatureCelsius, 55);
});

t.test('counters that stand still or go back give no nonsense', async (t) => {
  const read = cpuProbe(machine([core(10, 10)], [core(10, 10)], [core(1, 3)], [core(1, 3), core(1, 1)]));
  await read();
  t.same((await read()).coreLoads, [0]);
  t.same((await read()).coreLoads, [0.25], 'a counter that began again');
  t.same((await read()).coreLoads, [0, 0.5], 'a core that came');
});

t.test('this machine has cores, and loads between 0 and 1', async (t) => {
  const { coreLoads } = await cpuProbe()();
  t.ok(coreLoads.length > 0);
  t.ok(coreLoads.every((load) => load >= 0 && load <= 1));
});

t.test('a machine without a sensor is asked for its temperature once', async (t) => {
  let asked = 0;
  const temperature = async () => {
    asked += 1;
    return null;
  };
  const read = cpuProbe({ cpus: () => [core(1, 1)], temperature });
  await read();
  t.equal((await read()).temperatureCelsius, null);
  t.equal(asked, 1);
});
