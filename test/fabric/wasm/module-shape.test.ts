import fc from 'fast-check';
import t from 'tap';
import { Fault } from '../../../src/actors/index.ts';
import { PROGRAM_BYTES_MAX, shapeModule } from '../../../src/fabric/wasm/module-shape.ts';
import { assemble } from '../../fixtures/assembler.ts';
import { noopProgram, spinProgram } from '../../fixtures/programs.ts';

const all = () => true;

t.test('the memory becomes an import, after those that were there', async (t) => {
  const { bytes, initialPages, maximumPages } = shapeModule(noopProgram(), all);
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const imports = WebAssembly.Module.imports(module).map(
    ({ module, name, kind }) => `${module}.${name} ${kind}`,
  );
  t.same(imports, [
    'wasi_snapshot_preview1.path_open function',
    'wasi_snapshot_preview1.fd_write function',
    'conun.memory memory',
  ]);
  t.same([initialPages, maximumPages], [1, 65_536]);
});

t.test('a module without imports gets them', async (t) => {
  const text = '(module (memory (export "memory") 3 9) (func (export "_start")))';
  const { bytes, initialPages, maximumPages } = shapeModule(assemble(text), all);
  t.same([initialPages, maximumPages], [3, 9]);
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 5 });
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const instance = new WebAssembly.Instance(module, { conun: { memory } });
  t.equal(instance.exports['memory'], memory);
});

t.test('tables end at a hundred thousand elements, whatever they declare', async (t) => {
  for (const declared of ['1 funcref', '1 4000000 funcref', '1 100000 funcref']) {
    const declaration = `(table (export "t") ${declared})`;
    const text = `(module (memory (export "memory") 1) ${declaration} (func (export "_start")))`;
    const { bytes } = shapeModule(assemble(text), all);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(module, { conun: { memory } });
    const table = exports['t'] as WebAssembly.Table;
    table.grow(99_999);
    t.throws(() => table.grow(1), RangeError);
  }
});

t.test('custom sections go', async (t) => {
  const custom = [0, 6, 4, ...Buffer.from('name'), 0x2a];
  const { bytes } = shapeModule(Uint8Array.from([...noopProgram(), ...custom]), all);
  t.equal(bytes.length, shapeModule(noopProgram(), all).bytes.length);
});

t.test('what is too large is not even looked at', async (t) => {
  t.throws(() => shapeModule(new Uint8Array(PROGRAM_BYTES_MAX + 1), all), {
    code: 'FABRIC_PROGRAM_TOO_LARGE',
  });
});

t.test('whatever happens to a module, it is shaped to something valid or refused with a fault', async () => {
  const program = spinProgram();
  const change = fc.record({ at: fc.nat(program.length - 1), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(program.length), (changes, cut) => {
      const bytes = program.slice(0, cut % 3 === 0 ? cut : program.length);
      for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to;
      try {
        return WebAssembly.validate(shapeModule(bytes, all).bytes as Uint8Array<ArrayBuffer>);
      } catch (fault) {
        return fault instanceof Fault;
      }
    }),
    { numRuns: 2_000 },
  );
});
