import t from 'tap';
import { Contents } from '../../src/fabric/executor-contents.ts';
import type { Cid, Task, TaskId } from '../../src/fabric/task.ts';
import { LIMITS } from '../fixtures/tasks.ts';

const cid = (name: string) => name as Cid;

const taskOf = (program: string, ...inputs: readonly (readonly [string, number])[]): Task => ({
  id: 'any' as TaskId,
  common: { sandbox: 'wasm', program: cid(program), files: [], limits: LIMITS },
  args: [],
  files: inputs.map(([name, bytes]) => ({ path: name, content: { cid: cid(name), bytes } })),
  seed: '',
});

const fetchAll = (contents: Contents): string[] => {
  const fetched: string[] = [];
  for (let need = contents.nextToFetch(99); need !== undefined; need = contents.nextToFetch(99)) {
    fetched.push(need.cid);
    contents.arrived(need, need.bytes);
  }
  return fetched;
};

t.test(
  'contents stay after their last user until the room is needed, the longest unused go first',
  async (t) => {
    const contents = new Contents(100);
    const [a, b, c] = [taskOf('p', ['a', 40]), taskOf('p', ['b', 40]), taskOf('p', ['c', 60])];
    contents.hold(a);
    contents.hold(b);
    t.same(fetchAll(contents), ['p', 'a', 'b']);
    t.notOk(contents.hasRoomFor(c));
    contents.release(b);
    contents.release(a);
    t.ok(contents.hasRoomFor(c));
    t.same(contents.hold(c).dropped, ['b']);
    t.equal(contents.hold(a).missing, 0, 'it is still here');
  },
);

t.test('the same bytes can be a program and an input', async (t) => {
  const contents = new Contents(100);
  t.equal(contents.hold(taskOf('same', ['same', 40])).missing, 2);
  t.same(fetchAll(contents), ['same', 'same']);
});

t.test('what nobody wants any more is not fetched', async (t) => {
  const contents = new Contents(100);
  const task = taskOf('p', ['a', 40]);
  contents.hold(task);
  contents.release(task);
  t.same(fetchAll(contents), []);
});

t.test('contents are fetched from whom the newest task names', async (t) => {
  const contents = new Contents(100);
  contents.hold({ ...taskOf('p'), from: 'old' });
  contents.hold({ ...taskOf('p', ['a', 40]), from: 'new' });
  contents.hold(taskOf('p'));
  t.same([contents.nextToFetch(9)?.from, contents.nextToFetch(9)?.from], ['new', 'new']);
});

t.test('what arrives too late is kept for the next one', async (t) => {
  const contents = new Contents(100);
  const task = taskOf('p');
  const program = { cid: cid('p'), use: 'program', bytes: 0 } as const;
  contents.hold(task);
  t.same(contents.nextToFetch(1), program);
  t.equal(contents.nextToFetch(1), undefined, 'one at a time');
  contents.release(task);
  t.same(contents.arrived(program, 0), []);
  t.equal(contents.hold(task).missing, 0);
});

t.test('thousands of contents that nobody uses are not remembered', async (t) => {
  const contents = new Contents(100);
  const dropped: string[] = [];
  for (let index = 0; index < 1_000; index++) {
    const task = taskOf('p', [`f${index}`, 0]);
    contents.hold(task);
    fetchAll(contents);
    dropped.push(...contents.release(task));
  }
  t.equal(dropped.length, 745);
  t.equal(dropped[0], 'f0');
});

t.test('answers to questions that were never asked are ignored', async (t) => {
  const contents = new Contents(100);
  const need = { cid: cid('x'), use: 'file', bytes: 1 } as const;
  t.same(contents.arrived(need, 1), []);
  t.same(contents.failed(need, { code: 'C', message: '', retry: false }), []);
  contents.lost(cid('x'));
  t.same(fetchAll(contents), []);
});
