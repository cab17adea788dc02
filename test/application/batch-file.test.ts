import t from 'tap';
import { parseBatchFile } from '../../src/application/batch-file.ts';

t.test('a short file is completed', async (t) => {
  t.same(parseBatchFile('app: render@1.0.0\nname: bunny\n'), {
    app: 'render@1.0.0',
    name: 'bunny',
    parameters: {},
    inputs: {},
    quorum: { minQuorum: 2, targetNresults: 2, maxErrorResults: 3, maxTotalResults: 10 },
    delay_bound: 3_600_000,
    limits: {},
    priority: 0,
  });
});

t.test('everything can be said', async (t) => {
  const file = parseBatchFile(`
app: render
name: bunny
parameters: { width: 640, ratio: 1.5, title: x, deep: { list: [1, null, true] } }
inputs: { mesh: ./bunny.obj }
quorum: { min_quorum: 3, target_nresults: 4, max_error_results: 5, max_total_results: 9 }
delay_bound: 60s
limits: { memory: 256MB, time: 60s, output: 1MB, log: 64KB }
priority: -3
`);
  t.match(file, {
    parameters: { width: 640, ratio: 1.5, title: 'x', deep: { list: [1, null, true] } },
    inputs: { mesh: './bunny.obj' },
    quorum: { minQuorum: 3, targetNresults: 4, maxErrorResults: 5, maxTotalResults: 9 },
    delay_bound: 60_000,
    limits: { memoryBytesMax: 256_000_000, runMsMax: 60_000, outputBytesMax: 1_000_000, logBytesMax: 64_000 },
    priority: -3,
  });
});

t.test('what it may cost is said in tokens, and kept in their smallest unit', async (t) => {
  const { pay } = parseBatchFile('app: a\nname: x\npay: { budget: "100.25", stake: 10, work: 2d }\n');
  t.same(pay, {
    budget: 100_250_000_000_000_000_000n,
    stake: 10_000_000_000_000_000_000n,
    work: 172_800_000,
    window: 3_600_000,
  });
});

const WRONG: readonly (readonly [about: string, text: string, message: RegExp])[] = [
  ['a missing app', 'name: x', /batch\.yaml, line 1, column 1: app: is missing; write name@version/],
  ['an unknown member', 'app: a\nname: x\nquorm: 2', /line 3, column 1: quorm: is not known; remove it/],
  [
    'an unknown inner member',
    'app: a\nname: x\nquorum:\n  min: 2',
    /line 4, column 3: quorum\.min: is not known/,
  ],
  ['a wrong name', 'app: Render!\nname: x', /line 1, column 6: app: is not valid \("Render!"\); write name@/],
  [
    'a duration without unit',
    'app: a\nname: x\ndelay_bound: 60',
    /line 3, column 14: delay_bound: .*write a duration/,
  ],
  [
    'too much memory',
    'app: a\nname: x\nlimits:\n  memory: 64GiB',
    /line 4, column 11: limits\.memory: .*to 4GiB/,
  ],
  [
    'a fraction that floats',
    'app: a\nname: x\npay: { budget: 0.1 }',
    /pay\.budget: .*write an amount of tokens/,
  ],
  ['less than nothing', 'app: a\nname: x\npay: { budget: -1 }', /pay\.budget: .*write an amount of tokens/],
  ['a window too short', 'app: a\nname: x\npay: { budget: 1, window: 1m }', /pay\.window: .*from 10m to 3d/],
  ['a quorum of none', 'app: a\nname: x\nquorum: { min_quorum: 0 }', /quorum\.min_quorum: .*from 1 to 64/],
  [
    'fewer replicas than the quorum needs',
    'app: a\nname: x\nquorum: { min_quorum: 3, target_nresults: 2 }',
    /line 3, column 43: quorum\.target_nresults: .*at least min_quorum \(3\)/,
  ],
  [
    'an input that is no path',
    'app: a\nname: x\ninputs: { mesh: 5 }',
    /line 3, column 17: inputs\.mesh: .*path of a file/,
  ],
  ['an input name that leaves its folder', 'app: a\nname: x\ninputs: { ../x: y }', /inputs/],
  [
    'a number that is none',
    'app: a\nname: x\nparameters: { width: .nan }',
    /line 3, column 22: parameters\.width/,
  ],
  ['broken YAML', 'app: a\nname: "x', /line 2, column \d+: syntax: .*; correct the YAML/],
  ['a member given twice', 'app: a\napp: b\nname: x', /line 2, column 1: syntax: map keys must be unique/],
  ['a list', '- app', /line 1, column 1: file: /],
  ['nothing', '', /line 1, column 1: file: /],
];

for (const [about, text, message] of WRONG) {
  t.test(`${about} is refused with its place and what to write`, async (t) => {
    t.throws(() => parseBatchFile(text), { code: 'APPLICATION_FILE_INVALID', message });
  });
}

t.test('a small file cannot unfold into a large one', async (t) => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, at) => {
      const from = 'abcdefg'[at];
      return `${name}: &${name} [*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from}]`;
    }),
  ].join('\n');
  t.throws(() => parseBatchFile(bomb), {
    code: 'APPLICATION_FILE_INVALID',
    message: /aliases: .*write the value out/,
  });
});

t.test('a large file is not even parsed', async (t) => {
  const text = `name: ${'x'.repeat(300_000)}`;
  t.throws(() => parseBatchFile(text), { code: 'APPLICATION_FILE_TOO_LARGE' });
});
