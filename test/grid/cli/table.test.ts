import t from 'tap';
import { plain, table } from '../../../src/grid/cli/table.ts';

t.test('columns line up, figures to the right, no blanks at the end', async (t) => {
  const rows = [
    { name: 'a', figure: 1 },
    { name: 'long name', figure: 100 },
  ];
  const text = table(rows, [
    { title: 'NAME', cell: (row) => row.name },
    { title: 'N', cell: (row) => String(row.figure), right: true },
    { title: 'END', cell: () => '' },
  ]);
  t.equal(text, 'NAME         N  END\na            1\nlong name  100');
});

t.test('what a terminal would obey is taken out', async (t) => {
  t.equal(plain('a\u001b[2Jb\r\n\u009bc'), 'a·[2Jb···c');
});
