/**
 * The arguments of `conun daemon` as far as the stage gives them, for programs that are started in its place.
 */

import { parseArgs } from 'node:util';

export function daemonArguments(given: readonly string[]): {
  readonly home: string | undefined;
  readonly flags: Readonly<Record<string, string>>;
} {
  const { values } = parseArgs({
    args: [...given],
    allowPositionals: true,
    options: { home: { type: 'string' }, set: { type: 'string', multiple: true } },
  });
  const pairs = (values.set ?? []).map((text) => [
    text.slice(0, text.indexOf('=')),
    text.slice(text.indexOf('=') + 1),
  ]);
  return { home: values.home, flags: Object.fromEntries(pairs) };
}
