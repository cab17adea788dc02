/**
 * `docs/limits.md`, rendered from the code: every constant that ends in `_MAX` or `_MIN`, and every default
 * of a member that ends in `Max`, with its value as written and the reason that its comment gives.
 */

export interface Limit {
  readonly path: string;
  readonly name: string;
  /** As in the code: `64 * MIB` says more than 67108864. */
  readonly value: string;
  /** Empty when nobody has argued for the number. */
  readonly reason: string;
}

const CONSTANT = /^(?:export )?const (\w+_(?:MAX|MIN))(?:: \w+)? =\s+([^;]+);/;
const DEFAULT = /^ {2}(\w+Max): (?!z\.)([^,]+),$/;

/** The bounds of one file, top down. A comment speaks for all lines that follow it without a gap. */
export function limitsOf(path: string, text: string): Limit[] {
  const found: Limit[] = [];
  const lines = text.split('\n');
  const members = membersOf(lines);
  let reason = '';
  for (const [index, line] of lines.entries()) {
    const comment = commentEnding(lines, index);
    if (comment !== undefined) reason = comment;
    else if (line.trim() === '') reason = '';
    const constant = CONSTANT.exec(lines.slice(index, index + 4).join('\n'));
    const member = DEFAULT.exec(line);
    const [, name, value] = constant ?? member ?? [];
    if (name === undefined || value === undefined) continue;
    if (member !== null && !isDefault(lines, index)) continue;
    const said =
      member === null
        ? reason
        : [members.get(name), commentEnding(lines, index - 1)].filter(Boolean).join(' ');
    found.push({ path, name, value: value.replace(/\s+/g, ' '), reason: said });
  }
  return found;
}

/** What the interface of the same file says of each member. */
function membersOf(lines: readonly string[]): Map<string, string> {
  const members = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const name = /^ {2}readonly (\w+Max): /.exec(line)?.[1];
    if (name !== undefined) members.set(name, commentEnding(lines, index - 1) ?? '');
  }
  return members;
}

/** Whether a member stands in a constant object, not in a call or a type. */
function isDefault(lines: readonly string[], index: number): boolean {
  for (let at = index - 1; at >= 0; at -= 1) {
    if (/^\S/.test(lines[at]!)) return /^(?:export )?const \w+.*\{$/.test(lines[at]!);
  }
  return false;
}

/** The words of the comment whose last line this is. */
function commentEnding(lines: readonly string[], index: number): string | undefined {
  const line = lines[index] ?? '';
  if (/^\s*\/\//.test(line)) {
    let first = index;
    while (/^\s*\/\//.test(lines[first - 1] ?? '')) first -= 1;
    return words(lines.slice(first, index + 1));
  }
  if (!/\*\/$/.test(line)) return undefined;
  let first = index;
  while (first > 0 && !/^\s*\/\*\*/.test(lines[first]!)) first -= 1;
  return words(lines.slice(first, index + 1));
}

function words(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/^\s*(?:\/\*\*|\*\/|\*|\/\/)\s?|\s*\*\/$/g, '').trim())
    .join(' ')
    .trim();
}

const HEAD = `# Limits

Everything from outside lands in something bounded, and everything that waits has an end. These are the
bounds, layer by layer, with the value as it stands in the code and the reason for it. What an owner sets is
in [configuration.md](configuration.md).

This page is generated from the code by \`UPDATE_DOCS=1 node test/docs/limits.test.ts\`, and a test compares
the two.`;

export function renderLimitsPage(layers: readonly string[], limits: readonly Limit[]): string {
  const chapters = layers.map((layer) => {
    const own = limits.filter(({ path }) => path.startsWith(`src/${layer}/`));
    const rows = own.map(({ path, name, value, reason }) => {
      const file = path.slice(`src/${layer}/`.length);
      return `| \`${name}\` | \`${value}\` | \`${file}\` | ${reason.replaceAll('|', '\\|')} |`;
    });
    return [
      `## ${layer}`,
      ['| bound | value | where | what and why |', '|---|---|---|---|', ...rows].join('\n'),
    ];
  });
  return `${[HEAD, ...chapters.flat()].join('\n\n')}\n`;
}
