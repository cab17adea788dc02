import t from 'tap';
import { MIB } from '../../src/actors/index.ts';
import { gpuProbe, readGpus } from '../../src/fabric/probe-gpu.ts';

/** What an H100 at work says to `nvidia-smi -q -x` (driver 580), as the library gives it, cut down. */
const h100 = {
  $: { id: '00000000:00:06.0' },
  product_name: 'NVIDIA H100 80GB HBM3',
  fb_memory_usage: { total: '81559 MiB', reserved: '480 MiB', used: '1011 MiB', free: '80069 MiB' },
  utilization: { gpu_util: '99 %', memory_util: '33 %', encoder_util: '0 %' },
  temperature: { gpu_temp: '57 C', gpu_temp_tlimit: '28 C', gpu_target_temperature: 'N/A' },
};
const log = (gpu?: unknown) => ({
  nvidia_smi_log: { driver_version: '580.159.04', attached_gpus: '1', gpu },
});
const saying = (log: unknown) => readGpus((done) => done(null, log));
const failing = (fault: unknown) => readGpus((done) => done(fault));

t.test('one GPU, and several, are read with what they do', async (t) => {
  const one = {
    vendor: 'NVIDIA',
    model: 'NVIDIA H100 80GB HBM3',
    driver: '580.159.04',
    memoryBytes: 81_559 * MIB,
    memoryBytesUsed: 1_011 * MIB,
    load: 0.99,
    temperatureCelsius: 57,
  };
  t.same(await saying(log(h100)), { kind: 'gpu', gpus: [one] });
  t.same(await saying(log([h100, h100])), { kind: 'gpu', gpus: [one, one] });
});

t.test('what a card does not tell is not known', async (t) => {
  const { gpus } = await saying(
    log({
      product_name: 'GeForce 210',
      fb_memory_usage: { total: 'N/A' },
      utilization: '',
      temperature: { gpu_temp: '[N/A]' },
    }),
  );
  t.match(gpus[0], { memoryBytes: 0, memoryBytesUsed: null, load: null, temperatureCelsius: null });
});

t.test('without program, driver or card there is no GPU', async (t) => {
  const none = { kind: 'gpu', gpus: [] };
  for (const code of [6, 9, 127]) {
    t.same(await failing(Object.assign(new Error('Command failed: nvidia-smi -q -x'), { code })), none);
  }
  t.same(await failing('/bin/sh: 1: nvidia-smi: not found\n'), none);
  t.same(await failing(new Error("'nvidia-smi' is not recognized as an internal command")), none);
  t.same(await saying(log()), none);
});

t.test('a machine without a GPU is asked once, one with a GPU each time', async (t) => {
  const asked = async (answers: readonly unknown[]) => {
    let times = 0;
    const probe = gpuProbe(() => saying(log(answers[times++])));
    for (const _ of answers) await probe();
    return { times, last: await probe() };
  };
  t.same(await asked([undefined, undefined]), { times: 1, last: { kind: 'gpu', gpus: [] } });
  t.match(await asked([h100, h100, undefined]), { times: 3 });
});

t.test('a GPU that could not be read is asked again', async (t) => {
  let times = 0;
  const probe = gpuProbe(() => (times++ === 0 ? failing('crashed') : saying(log(h100))));
  await t.rejects(probe(), { code: 'FABRIC_PROBE_FAILED' });
  t.equal((await probe()).gpus.length, 1);
});

t.test('what is not understood is a failure of the probe', async (t) => {
  const hostile = [
    undefined,
    null,
    'text',
    {},
    { nvidia_smi_log: '' },
    log('text'),
    log({}),
    log(Array(65).fill(h100)),
  ];
  for (const value of hostile) {
    await t.rejects(saying(value), { code: 'FABRIC_PROBE_FAILED' }, JSON.stringify(value)?.slice(0, 40));
  }
  await t.rejects(failing(Object.assign(new Error('crashed'), { code: 139 })), {
    code: 'FABRIC_PROBE_FAILED',
  });
  await t.rejects(failing('warning: infoROM is corrupted'), { code: 'FABRIC_PROBE_FAILED' });
});

t.test('this machine is asked without harm', async (t) => {
  t.equal((await readGpus()).kind, 'gpu');
});
