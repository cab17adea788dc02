/** Reads the state diagrams of `docs/states.md`, and the unions of texts that they are compared with. */

export interface Diagram {
  readonly title: string;
  readonly states: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  /** States that no way from the start leads to. */
  readonly unreachable: readonly string[];
}

/** What mermaid writes for the start and the end. */
const OUTSIDE = '[*]';

export function diagramsOf(page: string): Diagram[] {
  const chapters = page.split(/^## /m).slice(1);
  return chapters.map((chapter) => {
    const title = chapter.slice(0, chapter.indexOf('\n'));
    const drawing = /```mermaid\nstateDiagram-v2\n(.*?)```/s.exec(chapter)?.[1] ?? '';
    const arrows = drawing.split('\n').flatMap((line) => {
      const [, from, to, label] = /^ {2}(\S+) --> ([^\s:]+)(?:: (.+))?$/.exec(line) ?? [];
      return from === undefined || to === undefined ? [] : [{ from, to, label }];
    });
    const states = new Set(arrows.flatMap(({ from, to }) => [from, to]).filter((name) => name !== OUTSIDE));
    const labels = arrows.flatMap(({ label }) => label?.split(', ') ?? []);
    const reached = reachedBy(arrows);
    return {
      title,
      states,
      events: new Set(labels.map((label) => label.split(' ')[0]!)),
      unreachable: [...states].filter((state) => !reached.has(state)),
    };
  });
}

function reachedBy(arrows: readonly { readonly from: string; readonly to: string }[]): Set<string> {
  const reached = new Set([OUTSIDE]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { from, to } of arrows) if (reached.has(from)) reached.add(to);
  }
  return reached;
}

/** The texts of `type Name = 'a' | 'b'`, or of a member `name: 'a' | 'b'` in an interface. */
export function textsOf(source: string, name: string): Set<string> {
  const union =
    new RegExp(`(?:type ${name} =|\\b${name}:)((?:\\s*\\|?\\s*'\\w+')+);`).exec(source)?.[1] ?? '';
  return new Set([...union.matchAll(/'(\w+)'/g)].map(([, text]) => text!));
}

/** The `type`s of the members of `type Name = { type: 'a' } | { type: 'b' }`. */
export function typesOf(source: string, name: string): Set<string> {
  const start = source.search(new RegExp(`type ${name}\\b[^=]*=`));
  const end = source.slice(start + 1).search(/\n(?:export|const|function|interface|type) /);
  const union = source.slice(start, start + 1 + (end === -1 ? source.length : end));
  return new Set([...union.matchAll(/\btype: '([\w-]+)'/g)].map(([, text]) => text!));
}
