import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkProgram, compileProgram } from '../../../src/application/toolchain/program-compiler.ts';

async function folder(t: Test, source: string): Promise<string> {
  const made = t.testdir();
  await mkdir(join(made, 'assembly'), { recursive: true });
  await writeFile(join(made, 'assembly/index.ts'), source);
  return made;
}

t.test('the same source gives the same bytes, wherever it lies', async (t) => {
  const source = 'import { args, print } from "conun"; print("hello " + args()[0]);';
  const one = await compileProgram(await folder(t, source));
  await t.test('in another folder', async (t) => {
    t.same(await compileProgram(await folder(t, source)), one);
  });
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(one)).map(({ module }) => module);
  t.same([...new Set(imports)].sort(), ['wasi_snapshot_preview1']);
});

t.test('a mistake is told with file and line', async (t) => {
  await t.rejects(compileProgram(await folder(t, '\nlet n: i32 = "text";')), {
    code: 'APPLICATION_BUILD_FAILED',
    message: /program does not build: .*not assignable to type 'i32'[\s\S]*assembly\/index\.ts\(2,14\)/,
  });
});

t.test('a module that no sandbox would start is refused', async (t) => {
  const { assemble } = {
    assemble: (text: number[]) => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...text]),
  };
  await t.rejects(checkProgram(new Uint8Array([1, 2, 3])), { message: /it is not WebAssembly/ });
  await t.rejects(checkProgram(assemble([])), { message: /does not export "_start"/ });
  // (import "env" "f" (func))
  const stranger = [1, 4, 1, 0x60, 0, 0, 2, 9, 1, 3, 101, 110, 118, 1, 102, 0, 0];
  await t.rejects(checkProgram(assemble(stranger)), {
    message: /it imports env\.f; only wasi_snapshot_preview1 and conun/,
  });
});
