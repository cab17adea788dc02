import t from 'tap';
import { systemClock } from '../../../src/actors/index.ts';
import { withShared } from '../../../src/application/batch-spec.ts';
import { LocalExecution } from '../../../src/application/toolchain/local-execution.ts';
import type { UnitIndex } from '../../../src/collective/index.ts';
import { memoryContentStore, type TaskFile } from '../../../src/fabric/index.ts';
import { echoProgram, trapProgram } from '../../fixtures/programs.ts';
import { specOf } from '../fixtures.ts';
import { inProcessSandbox } from '../in-process-sandbox.ts';

const unit = 0 as UnitIndex;
const draft = { args: [], files: [], label: 'the first' };

async function opened(program: Uint8Array, shared: readonly TaskFile[] = []) {
  const content = memoryContentStore();
  const spec = withShared(await specOf(content, ''), shared);
  const common = { ...spec.common, program: await content.put(program) };
  return LocalExecution.open(
    { ...spec, common },
    { sandbox: inProcessSandbox, content, clock: systemClock() },
  );
}

t.test('a unit finds shared files and its own', async (t) => {
  const own = { path: 'x', content: { inline: new TextEncoder().encode('own') } };
  const shared = { path: 'x', content: { inline: new TextEncoder().encode('shared') } };
  const read = async (execution: LocalExecution, files: readonly TaskFile[]) => {
    const { output } = await execution.run(unit, { ...draft, files });
    const [file] = output.files;
    return file && 'inline' in file.content ? new TextDecoder().decode(file.content.inline) : '';
  };
  t.equal(await read(await opened(echoProgram(), [shared]), []), 'shared');
  t.equal(await read(await opened(echoProgram()), [own]), 'own');
});

t.test('a unit that fails is told with its label and the reason', async (t) => {
  const execution = await opened(trapProgram());
  await t.rejects(execution.run(unit, draft), {
    code: 'APPLICATION_UNIT_FAILED',
    message: /Unit 0 \(the first\) failed with FABRIC_TASK_TRAPPED/,
  });
  await execution.close();
});

t.test('a program that is none is refused before anything runs', async (t) => {
  await t.rejects(opened(new Uint8Array([1, 2, 3])), { code: /FABRIC_PROGRAM/ });
});
