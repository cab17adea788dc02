import t from 'tap';
import { gridErrors } from '../../src/grid/errors.ts';
import { createLog, type LogOptions } from '../../src/grid/log.ts';

function logged(changes: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { lines, log: createLog({ level: 'info', format: 'json', name: 'lab-7', write, ...changes }) };
}

t.test('an inspection event becomes one line of JSON', async (t) => {
  const { lines, log } = logged();
  log.inspector({ topic: 'lease.granted', level: 'info', path: '/provider', details: { epoch: 7 } });
  t.equal(lines.length, 1);
  t.match(JSON.parse(lines[0]!), {
    level: 'info',
    node: 'lab-7',
    topic: 'lease.granted',
    message: 'lease.granted',
    path: '/provider',
    details: { epoch: 7 },
  });
});

t.test('events without a level are debug, faults are warnings', async (t) => {
  const { lines, log } = logged();
  log.inspector({ topic: 'actor.started' });
  t.same(lines, []);
  log.inspector({ topic: 'task.failed', fault: gridErrors.GRID_API_UNAUTHORIZED().toWire() });
  t.match(JSON.parse(lines[0]!), { level: 'warn', fault: { code: 'GRID_API_UNAUTHORIZED' } });
});

t.test('what is secret by its name is hidden', async (t) => {
  const { lines, log } = logged();
  const details = { token: 'abc-1', privateKey: 'abc-2', password: 'abc-3', peer: 'p1' };
  log.inspector({ topic: 'x', level: 'error', details });
  log.info('hello', { secret: 'abc-4' });
  t.notMatch(lines.join(''), /abc-/);
  t.match(lines[0], /p1/);
});

t.test('text is for people, one line an event', async (t) => {
  const { lines, log } = logged({ format: 'text' });
  log.info('node is ready', { port: 4400 });
  log.fault(gridErrors.GRID_DAEMON_RUNNING({ socket: '/s' }, new RangeError('cause')));
  t.match(lines[0], /^\d\d:\d\d:\d\d\.\d{3} info {2}node is ready port=4400\n$/);
  t.match(lines[1], /error A daemon already answers at \/s\. \[GRID_DAEMON_RUNNING\]\n$/);
});

t.test('silent says nothing', async (t) => {
  const { lines, log } = logged({ level: 'silent' });
  log.inspector({ topic: 'x', level: 'error' });
  log.info('y');
  t.same(lines, []);
});
