import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { serveFake } from '../../grid/api-fixture.ts';
import { batchView, counts, task } from '../fake-node.ts';
import { lacks } from '../../engine.ts';
import { openTerminal } from '../terminal.ts';

const CONUN = fileURLToPath(new URL('../../../bin/conun', import.meta.url));
const skip = lacks('tmux');

async function openTop(t: Test, size: { columns: number; rows: number }, locale = 'C.UTF-8') {
  const served = await serveFake(t.teardown);
  const command = `LC_ALL=${locale} '${CONUN}' top --home '${served.home}'; echo left with $?; cat`;
  const terminal = await openTerminal(`conun-test-${process.pid}-${size.columns}-${locale}`, command, size);
  t.teardown(() => terminal.close());
  return { ...served, terminal };
}

t.test('a person watches the node, pauses it, resumes it and leaves', { skip }, async (t) => {
  const { node, terminal } = await openTop(t, { columns: 80, rows: 24 });
  node.change(batchView({ counts: counts(1) }));
  const first = await terminal.shows(/Example 9000/, /t1 .*42% running/, /t2 .*queued/, /bunny .*1\/4 open/);
  for (const shown of [
    /fake/,
    /run The machine is idle/,
    /61 °C/,
    /credit 12 tasks/,
    /1\/2, 10 back/,
    /3 ms/,
  ]) {
    t.match(first, shown);
  }
  node.emit({ topic: 'task.finished', level: 'info', details: { task: 't9', note: '{red-fg}no markup' } });
  await terminal.shows(/task\.finished task=t9 note=\{red-fg\}no markup/);
  await terminal.keys('p');
  await terminal.shows(/suspend Paused: paused from conun top/, /governor\.changed state=suspend/);
  t.same(node.pauses, ['paused from conun top']);
  await terminal.keys('r');
  await terminal.shows(/run The machine is idle/, /resumed/);
  t.equal(node.resumes, 1);
  node.runningTasks = [task('t3', 'running', 0.9)];
  await terminal.shows(/t3 .*90% running/);
  await terminal.keys('?');
  await terminal.shows(/the daemon goes on/);
  await terminal.keys('?');
  await terminal.shows(/t3 .*90% running/);
  await terminal.keys('q');
  await terminal.shows(/left with 0/);
});

t.test('it fills a larger terminal, and follows when that changes', { skip }, async (t) => {
  const { terminal } = await openTop(t, { columns: 120, rows: 40 });
  const large = await terminal.shows(/1\/2, 10 back/);
  t.ok(
    large.split('\n').some((line) => line.length === 120 && line.endsWith('┐')),
    'up to the right edge',
  );
  await terminal.resize(80, 24);
  const small = await terminal.shows(/^│cpu .{34}││/m);
  t.ok(small.split('\n').every((line) => line.length <= 80));
});

t.test('without UTF-8 it draws with ASCII', { skip }, async (t) => {
  const { terminal } = await openTop(t, { columns: 80, rows: 24 }, 'C');
  const picture = await terminal.shows(/cpu +####\.\.\.\. +50%/);
  t.notMatch(picture, /[█░▁°]/);
});

t.test('the log scrolls back when it has the focus', { skip }, async (t) => {
  const { node, terminal } = await openTop(t, { columns: 80, rows: 24 });
  await terminal.shows(/t1 .*running/);
  for (let line = 0; line < 30; line++) node.emit({ topic: 'line', level: 'info', details: { line } });
  await terminal.shows(/line=29/);
  await terminal.keys('Tab', 'Tab', 'Tab', 'Tab');
  await terminal.keys(...Array.from({ length: 12 }, () => 'Up'));
  const picture = await terminal.shows(/line=1[0-9]/);
  t.notMatch(picture, /line=29/);
});

t.test('a daemon that goes away is told, and its return too', { skip }, async (t) => {
  const { server, options, terminal } = await openTop(t, { columns: 80, rows: 24 });
  await terminal.shows(/The machine is idle/);
  await server.close();
  await terminal.shows(/No daemon answers/);
  const { startApi } = await import('../../../src/grid/api/server.ts');
  const again = await startApi(options);
  t.teardown(() => again.close());
  await terminal.shows(/conun 0\.\d+\.\d+ +fake/);
});

t.test('without a daemon it does not take the screen', { skip }, async (t) => {
  const terminal = await openTerminal(
    `conun-test-${process.pid}-none`,
    `'${CONUN}' top --home /nonexistent; echo left with $?; cat`,
    { columns: 80, rows: 24 },
  );
  t.teardown(() => terminal.close());
  await terminal.shows(/GRID_DAEMON_UNREACHABLE/, /conun daemon/, /left with 3/);
});
