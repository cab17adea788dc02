import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { configurationDocument } from './configuration-page.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url));

t.test('docs/configuration.md says what the schema says (UPDATE_DOCS=1 writes it)', async (t) => {
  const made = configurationDocument();
  if (process.env['UPDATE_DOCS'] === '1') await writeFile(DOCUMENT, made);
  t.equal(await readFile(DOCUMENT, 'utf8'), made);
});

t.test('every member has a sentence and a default', async (t) => {
  const rows = configurationDocument()
    .split('\n')
    .filter((line) => line.startsWith('| `') && line.includes('CONUN_'));
  t.ok(rows.length >= 20);
  for (const row of rows) t.notMatch(row, /undefined|\| {2}\|/, row);
});
