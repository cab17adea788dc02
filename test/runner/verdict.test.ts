import t from 'tap';
import type { FileRun } from './test-file.ts';
import { verdictOn } from './verdict.ts';

const clean: FileRun = {
  tap: '',
  complaints: '',
  code: 0,
  signal: null,
  overstayed: false,
  leftBehind: [],
  tookMs: 1,
};

const run = (lines: readonly string[], ending: Partial<FileRun> = {}) =>
  verdictOn({ ...clean, tap: `${['TAP version 14', ...lines].join('\n')}\n`, ...ending });

const nested = [
  '# Subtest: a block',
  '    # Subtest: a part',
  '        not ok 1 - should be equal',
  '          ---',
  '          diff: |',
  '            -2',
  '            +1',
  '          at: { fileName: x.ts, lineNumber: 7 }',
  '          ...',
  '        1..1',
  '    not ok 1 - a part',
  '    # Subtest: another part',
  '        ok 1 - fine # SKIP no engine',
  '        1..1',
  '    ok 2 - another part',
  '    1..2',
  'not ok 1 - a block',
  'ok 2 - a good block',
  'ok 3 - not here # SKIP no tmux',
  '1..3',
];

t.test('blocks are counted, failures told once with what differs, skips with their reasons', async (t) => {
  const { passed, failed, skipped } = run(nested, { code: 1 });
  t.equal(passed, 1);
  t.same(skipped, [
    { name: 'a block › another part › fine', reason: 'no engine' },
    { name: 'not here', reason: 'no tmux' },
  ]);
  t.same(failed, [{ name: 'a block', diagnosis: 'a block › a part › should be equal (x.ts:7)\n-2\n+1' }]);
});

t.test('a file that proves nothing, or does not end well, is a failure', async (t) => {
  const complaint = (lines: readonly string[], ending: Partial<FileRun>) =>
    run(lines, ending).failed.find(({ name }) => name === 'the whole file')?.diagnosis;
  const good = ['ok 1 - fine', '1..1'];
  t.equal(complaint(good, {}), undefined);
  t.match(complaint([], {}), /tests nothing/);
  t.match(complaint(['1..0'], {}), /tests nothing/);
  t.match(complaint(['ok 1 - fine'], {}), /before its plan/);
  t.match(complaint(['ok 1 - fine', '1..2'], {}), /before its plan/);
  t.match(complaint(good, { code: 3, complaints: 'why' }), /ended with 3\nwhy/);
  t.match(complaint(good, { signal: 'SIGSEGV', code: null }), /SIGSEGV/);
  t.match(complaint(good, { overstayed: true, signal: 'SIGKILL', code: null }), /more than/);
  t.match(complaint(good, { leftBehind: ['node daemon.ts'] }), /left a process behind: node daemon.ts/);
});

t.test('a file may skip itself whole, with a reason', async (t) => {
  const { passed, failed, skipped } = run(['1..0 # no tmux']);
  t.same({ passed, failed }, { passed: 0, failed: [] });
  t.same(skipped, [{ name: 'the whole file', reason: 'no tmux' }]);
});
