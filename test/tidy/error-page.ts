/** `docs/errors.md`, rendered from the catalogues, so that it cannot say anything else. */

import type { FaultEntry } from '../../src/actors/index.ts';

export interface LayerErrors {
  readonly layer: string;
  readonly entries: Readonly<Record<string, FaultEntry>>;
}

export function renderErrorPage(layers: readonly LayerErrors[]): string {
  const chapters = layers.map(({ layer, entries }) => {
    const codes = Object.keys(entries).sort();
    return [`## ${layer}`, ...codes.map((code) => renderEntry(code, entries[code]!))].join('\n\n');
  });
  return `${[HEAD, ...chapters].join('\n\n')}\n`;
}

const HEAD = `# Errors

Every error carries a code, says what is wrong, what to do, and whether the same request can succeed later
without being changed. Words in braces are filled in.

This page is generated from the catalogues, \`src/<layer>/errors.ts\`, by
\`UPDATE_DOCS=1 node test/tidy.test.ts\`, and a test compares the two.`;

function renderEntry(code: string, { says, todo, retry }: FaultEntry): string {
  const again = retry ? ' It may succeed when tried again.' : '';
  return `### ${code}\n\n${says}\n\n**What to do:** ${todo}${again}`;
}
