/** docs/configuration.md, made from the schema, so that it says what the program does. */

import { configMembers } from '../../src/grid/config-schema.ts';

const HEAD = `# Configuration

A node takes each value from the first of these that gives it:

1. a flag of \`conun daemon\`: \`--set provider.slots=2\`, or the named ones in \`conun help daemon\`
2. an environment variable: \`CONUN_PROVIDER_SLOTS=2\`
3. the file \`config.yaml\`
4. the default

\`conun doctor\` shows every value with where it comes from. An unknown member or a value that does not fit is
an error that names its source.

| folder | default | with \`--home <folder>\` or \`CONUN_HOME\` |
|---|---|---|
| configuration: keys, file | \`$XDG_CONFIG_HOME/conun\`, else \`~/.config/conun\` | \`<folder>\` |
| data: journal and blocks | \`$XDG_DATA_HOME/conun\`, else \`~/.local/share/conun\` | \`<folder>/data\` |
| runtime: sockets, locks | \`$XDG_RUNTIME_DIR/conun\`, else \`run\` in data | \`<folder>/run\` |

In flags and variables, lists are separated by commas, and objects are written as JSON.
`;

export function configurationDocument(): string {
  const sections = new Map<string, string[]>();
  for (const member of configMembers()) {
    const [section] = member.name.includes('.') ? member.name.split('.') : ['node'];
    const { name, kind, defaultText, variable, description } = member;
    const row = `| \`${name}\` | ${kind} | ${defaultText} | ${description} \`${variable}\` |`;
    sections.set(section!, [...(sections.get(section!) ?? []), row]);
  }
  const tables = [...sections].map(([section, rows]) => {
    const head = ['| member | value | default | what it does, and its variable |', '|---|---|---|---|'];
    return [`## ${section}`, '', ...head, ...rows].join('\n');
  });
  return `${HEAD}\n${tables.join('\n\n')}\n`;
}
