import fc from 'fast-check';
import t from 'tap';
import { leb, ModuleReader } from '../../../src/fabric/wasm/module-reader.ts';

const reader = (...bytes: number[]) => new ModuleReader(Uint8Array.from(bytes));

t.test('numbers of 32 bits come back as they were written', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      const read = reader(...leb(value));
      return read.u32() === value && read.done;
    }),
  );
});

t.test('numbers that do not end are refused', async (t) => {
  const endless = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];
  t.throws(() => reader(...endless).u32(), { code: 'FABRIC_PROGRAM_INVALID' });
  t.throws(() => reader(...endless).skipLeb(), { code: 'FABRIC_PROGRAM_INVALID' });
});

t.test('nothing is read past the end, not even within a part', async (t) => {
  t.throws(() => reader().byte(), { code: 'FABRIC_PROGRAM_INVALID' });
  t.throws(() => reader(1, 2).skip(3), { code: 'FABRIC_PROGRAM_INVALID' });
  t.throws(() => reader(5, 0x61).name(), { code: 'FABRIC_PROGRAM_INVALID' });
  const whole = reader(1, 2, 3, 4);
  const part = whole.part(2);
  t.same([part.byte(), part.byte(), part.done], [1, 2, true]);
  t.throws(() => part.byte(), { code: 'FABRIC_PROGRAM_INVALID' });
  t.equal(whole.byte(), 3);
});

t.test('names are UTF-8', async (t) => {
  const bytes = Buffer.from('größe');
  t.equal(reader(bytes.length, ...bytes).name(), 'größe');
});
