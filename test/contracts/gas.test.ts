/**
 * What the grid costs on a chain: the goals of the design, and no growth that nobody has seen.
 * `UPDATE_GAS=1` writes the figures anew.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { measureGas } from '../../bench/gas.ts';

const page = new URL('../../contracts/gas.json', import.meta.url);

const gas = await measureGas();
if (process.env['UPDATE_GAS'] === '1') {
  writeFileSync(page, `${JSON.stringify(Object.fromEntries(gas), null, 2)}\n`);
}

t.test('a batch costs no more than the design allows', async (t) => {
  t.ok(gas.get('open_batch')! <= 150_000);
  t.ok(gas.get('provider_per_batch')! <= 50_000);
  t.ok(gas.get('close_batch')! <= 100_000);
});

t.test('nothing costs a twentieth more than it did', async (t) => {
  const before: Record<string, number> = JSON.parse(readFileSync(page, 'utf8'));
  t.same([...gas.keys()], Object.keys(before));
  for (const [name, cost] of gas) t.ok(cost <= before[name]! * 1.05, `${name}: ${before[name]} → ${cost}`);
});
