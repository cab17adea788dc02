import { PassThrough } from 'node:stream';
import t from 'tap';
import { complain } from '../../../src/grid/cli/complaint.ts';
import { gridErrors } from '../../../src/grid/errors.ts';

function complained(thrown: unknown, json = false, env: Record<string, string> = {}) {
  const stderr = new PassThrough();
  const io = { stdout: new PassThrough(), stderr, env, folder: '/', signal: new AbortController().signal };
  const code = complain(thrown, io, json);
  return { code, text: String(stderr.read()) };
}

t.test('a fault is a sentence with its code, and what to do', async (t) => {
  const fault = gridErrors.GRID_RESULT_FILE_EXISTS({ file: 'a' });
  const told = complained(fault);
  t.same(told, { code: 1, text: `conun: a is there already. [GRID_RESULT_FILE_EXISTS]\n→ ${fault.todo}\n` });
});

t.test('exit codes tell what kind of fault it was', async (t) => {
  t.equal(complained(gridErrors.GRID_DAEMON_UNREACHABLE()).code, 3);
  t.equal(complained(gridErrors.GRID_CONFIG_INVALID()).code, 2);
  t.equal(complained(gridErrors.GRID_BATCH_NOT_DONE()).code, 4);
});

t.test('what is no fault is called a defect, with a stack only on demand', async (t) => {
  const told = complained(new TypeError('x is not a function'));
  t.match(told, { code: 1, text: /^conun: x is not a function \[GRID_UNEXPECTED\]\n→ This is a defect/ });
  t.notMatch(told.text, /\n {4}at /);
  const cause = new RangeError('deeper');
  const traced = complained(gridErrors.GRID_API_INTERNAL({}, cause), false, { CONUN_DEBUG: '1' });
  t.match(traced.text, /\n {4}at [\s\S]*caused by RangeError: deeper\n {4}at /);
  t.match(complained('just words').text, /just words/);
});

t.test('for programs it is the fault as JSON', async (t) => {
  const told = complained(gridErrors.GRID_API_UNAUTHORIZED(), true);
  t.same(JSON.parse(told.text), gridErrors.GRID_API_UNAUTHORIZED().toWire());
});
