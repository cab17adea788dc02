/** Columns of text that line up; as narrow as their content. */

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
}

export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((it) => plain(it.cell(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)));
  const pad = (cell: string, index: number) =>
    columns[index]!.right ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** Text from other peers, without what a terminal would obey. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
