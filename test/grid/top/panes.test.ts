import t from 'tap';
import { footer, header, type Line, PANE_NAMES, pane } from '../../../src/grid/top/panes.ts';
import { EMPTY, fold, type Snapshot, type TopModel } from '../../../src/grid/top/view-model.ts';
import { batchView, counts, FakeNode, task } from '../fake-node.ts';

const text = (line: Line) => line.map((span) => span.text).join('');

async function modelOf(changes: Partial<Snapshot> = {}): Promise<TopModel> {
  const node = new FakeNode();
  const snapshot: Snapshot = {
    node: node.identity(),
    machine: await node.machine(),
    tasks: await node.tasks(),
    leases: await node.leases(),
    peers: await node.peers(),
    batches: [batchView({ counts: counts(1) })],
    credit: await node.credit(),
    ...changes,
  };
  return fold(EMPTY, { type: 'snapshot', snapshot });
}

t.test('what is said fits into the narrowest panes', async (t) => {
  const model = await modelOf();
  const widths = { machine: 38, tasks: 38, batches: 30, leases: 22, peers: 22, log: 78 };
  for (const name of PANE_NAMES) {
    for (const line of pane(name, model, { width: widths[name], unicode: true }).lines) {
      t.ok(text(line).length <= widths[name], `${name}: ${text(line)}`);
    }
  }
});

t.test('without unicode there is only ASCII', async (t) => {
  const model = await modelOf();
  for (const name of ['machine', 'tasks', 'batches'] as const) {
    const { lines } = pane(name, model, { width: 38, unicode: false });
    t.match(lines.map(text).join('\n'), /^[\n -~]+$/);
  }
});

t.test('sensors that are not there leave a dash, and no readings a sentence', async (t) => {
  const { machine } = (await modelOf()).snapshot!;
  const blind = { ...machine.readings!, cpuLoad: null, coreLoads: [], temperatureCelsius: null, gpus: [] };
  const style = { width: 38, unicode: true };
  const without = pane('machine', await modelOf({ machine: { ...machine, readings: blind } }), style);
  t.match(without.lines.map(text).join('\n'), /cpu +░+ +- +4 cores/);
  const none = pane('machine', await modelOf({ machine: { ...machine, readings: null } }), style);
  t.equal(text(none.lines[0]!), 'no readings yet');
});

t.test('fractions outside 0 to 1 do not break the picture', async (t) => {
  const tasks = [task('a', 'running', 7), task('b', 'running', -1), task('c', 'suspended', null)];
  const { lines } = pane('tasks', await modelOf({ tasks }), { width: 38, unicode: true });
  t.match(lines.map(text), [/100% running/, /0% running/, /- +suspended/]);
});

t.test('control characters from others never reach the terminal', async (t) => {
  const batches = [batchView({ name: '\u001b[2J', counts: counts(1) })];
  let model = await modelOf({ batches });
  model = fold(model, {
    type: 'inspection',
    event: { topic: 'x', details: { name: '\u001b]0;evil\u0007' } },
  });
  for (const name of PANE_NAMES) {
    const { lines, title } = pane(name, model, { width: 60, unicode: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    t.notMatch(title + lines.map(text).join(''), /[\u0000-\u001f]/);
  }
});

t.test('credit is shown only where there is some to show', async (t) => {
  const style = { width: 38, unicode: true };
  const without = pane('machine', await modelOf({ credit: null }), style)
    .lines.map(text)
    .join('\n');
  t.notMatch(without, /credit/);
});

t.test('the head says who and how, the foot what can be done', async (t) => {
  t.match(text(header(await modelOf())), /fake.*provider\+broker.*run/);
  t.match(text(header(fold(EMPTY, { type: 'lost', reason: 'No daemon answers' }))), /No daemon answers/);
  t.match(text(footer(fold(EMPTY, { type: 'notice', says: 'paused' }))), /q quit +paused/);
});
