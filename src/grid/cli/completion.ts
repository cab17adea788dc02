/**
 * `conun completion`: a script for the shell, made from the tree of commands, so that it cannot lag behind.
 */

import { gridErrors } from '../errors.ts';
import type { CommandTree, Run } from './invocation.ts';

export const run: Run = async (call) => {
  const [shell = ''] = call.arguments;
  const script = SCRIPTS[shell];
  if (script === undefined) {
    const reason = `${shell} is none of ${Object.keys(SCRIPTS).join(', ')}`;
    throw gridErrors.GRID_ARGUMENT_INVALID({ argument: 'shell', reason });
  }
  const text = script([...places(call.tree, [])]);
  await call.answer({ shell, script: text }, () => text.trimEnd());
  return undefined;
};

/** A place in the tree, and the words that can follow there. */
interface Place {
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly says: string }[];
}

function* places(command: CommandTree, path: readonly string[]): Iterable<Place> {
  const commands = command.commands.map((it) => ({ word: it.name(), says: it.description() }));
  const options = command.options.map((it) => ({ word: it.long ?? it.flags, says: it.description }));
  yield { path: path.join(' '), words: [...commands, ...options] };
  for (const inner of command.commands) yield* places(inner, [...path, inner.name()]);
}

const SCRIPTS: Readonly<Record<string, (places: readonly Place[]) => string>> = {
  bash: (all) => `# eval "$(conun completion bash)"
_conun() {
  local here="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case "$here $word" in
${all
  .filter((place) => place.path !== '')
  .map((place) => `      ' ${place.path}'|'${place.path}') here='${place.path}' ;;`)
  .join('\n')}
    esac ;; esac
  done
  case "$here" in
${all.map((it) => `    '${it.path}') words='${words(it)}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _conun conun
`,
  zsh: (all) => `# eval "$(conun completion zsh)"
autoload -U +X bashcompinit && bashcompinit
${SCRIPTS['bash']!(all)}`,
  fish: (all) =>
    `# conun completion fish | source
${all.flatMap((place) => place.words.map(({ word, says }) => fishLine(place, word, says))).join('\n')}
`,
};

function words(place: Place): string {
  return place.words.map(({ word }) => word).join(' ');
}

function fishLine(place: Place, word: string, says: string): string {
  const [first, ...rest] = place.path.split(' ');
  const condition = first
    ? [`__fish_seen_subcommand_from ${first}`, ...rest.map((it) => `__fish_seen_subcommand_from ${it}`)]
    : ['__fish_use_subcommand'];
  const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
  return `complete -c conun -n '${condition.join('; and ')}' ${what} -d '${says.replaceAll("'", '’')}'`;
}
