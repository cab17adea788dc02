/**
 * Reads TypeScript just well enough to check the repository with it: no compiler, some regular expressions
 * over text in which comments and strings have been blanked. Positions and line breaks stay where they were.
 */

export interface Source {
  /** From the root of the repository, `/`-separated. */
  readonly path: string;
  readonly text: string;
  /** Comments, strings and regular expressions are spaces; quotes stay. */
  readonly code: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

export interface Import {
  readonly line: number;
  readonly specifier: string;
  /** Resolved for relative imports, else the specifier. */
  readonly target: string;
  /** What is taken: names of the exporting file, `*` for all of them, nothing for its side effects. */
  readonly names: readonly string[];
  /** `export … from`: what is taken is handed on. */
  readonly reexports: boolean;
  /** `import()`, `require`, `new URL('…', import.meta.url)`: another process or a later moment. */
  readonly deferred: boolean;
}

export interface Export {
  readonly line: number;
  readonly name: string;
  readonly isType: boolean;
}

export interface FunctionBody {
  readonly line: number;
  readonly lines: number;
}

export function scan(path: string, text: string): Source {
  const code = blank(text);
  return { path, text, code, imports: importsOf(path, text, code), exports: exportsOf(code) };
}

export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** Words after which a `/` begins a regular expression. */
const BEFORE_REGEXP = /(?:^|[=(,:[!&|?{};>+\-*%~^]|\b(?:return|typeof|case|in|of|await|yield|void))\s*$/;

function blank(text: string): string {
  const out: string[] = [];
  const templates: number[] = [];
  let depth = 0;
  let index = 0;
  const copy = (end: number) => {
    out.push(text.slice(index, end));
    index = end;
  };
  const hide = (end: number) => {
    out.push(text.slice(index, end).replace(/[^\n]/g, ' '));
    index = end;
  };
  const quoted = (end: number) => {
    copy(index + 1);
    hide(end - 1);
    copy(end);
  };
  const template = () => {
    const end = templateChunkEnd(text, index);
    hide(end);
    if (text[end] === '`') return copy(end + 1);
    copy(end + 2);
    templates.push(depth);
    depth += 1;
  };
  while (index < text.length) {
    const char = text[index];
    const pair = text.slice(index, index + 2);
    if (pair === '//') hide(endOr(text.indexOf('\n', index), text.length));
    else if (pair === '/*') hide(endOr(text.indexOf('*/', index + 2) + 2, text.length));
    else if (char === "'" || char === '"') quoted(stringEnd(text, index));
    else if (char === '`') {
      copy(index + 1);
      template();
    } else if (char === '/' && BEFORE_REGEXP.test(tail(out))) quoted(regexpEnd(text, index));
    else if (char === '}' && templates.at(-1) === depth - 1) {
      templates.pop();
      depth -= 1;
      copy(index + 1);
      template();
    } else {
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
      copy(index + 1);
    }
  }
  return out.join('');
}

function tail(out: readonly string[]): string {
  let text = '';
  for (let at = out.length - 1; at >= 0 && text.trim().length < 12; at -= 1) text = out[at] + text;
  return text;
}

function endOr(end: number, otherwise: number): number {
  return end <= 1 ? otherwise : end;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function regexpEnd(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    else if (text[at] === '/' && !inClass) return at + 1;
  }
  return text.length;
}

/** The position of the `` ` `` or `${` that ends this piece of a template. */
function templateChunkEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '`' && text.slice(at, at + 2) !== '${') {
    at += text[at] === '\\' ? 2 : 1;
  }
  return at;
}

const FROM = /\b(import|export)\b((?:\s+type\b)?[\s\w$*{},]*?)\bfrom\s*(['"])/g;
const BARE = /\bimport\s*(['"])/g;
const DEFERRED =
  /\b(?:import|import\.meta\.resolve|require|createRequire\(import\.meta\.url\)|new URL)\s*\(\s*(['"])/g;

function importsOf(path: string, text: string, code: string): Import[] {
  const imports: Import[] = [];
  const add = (match: RegExpExecArray, clause: string, reexports: boolean, deferred: boolean) => {
    const start = match.index + match[0].length;
    const specifier = text.slice(start, code.indexOf(match.at(-1)!, start));
    // These two can also name what is no module, or only ask where it is.
    if (/^(?:new URL|import\.meta)/.test(match[0]) && !specifier.startsWith('.')) return;
    const target = specifier.startsWith('.') ? resolve(path, specifier) : specifier;
    const line = lineAt(text, match.index);
    imports.push({ line, specifier, target, names: namesIn(clause), reexports, deferred });
  };
  for (const match of code.matchAll(FROM)) add(match, match[2] ?? '', match[1] === 'export', false);
  for (const match of code.matchAll(BARE)) add(match, '', false, false);
  for (const match of code.matchAll(DEFERRED)) add(match, '*', false, true);
  return imports;
}

function namesIn(clause: string): string[] {
  const [before = '', inside = ''] = clause.replace(/^\s*type\b/, '').split(/[{}]/);
  const names = inside
    .split(',')
    .map(
      (part) =>
        part
          .replace(/^\s*type\s+/, '')
          .trim()
          .split(/\s+as\s+/)[0] ?? '',
    )
    .filter((name) => name !== '');
  if (before.includes('*')) names.push('*');
  else if (before.replace(',', '').trim() !== '') names.push('default');
  return names;
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

const DECLARED =
  /\bexport\s+((?:declare|abstract|async)\s+)*(interface|type|function\*?|class|const|let)\s+([\w$]+)/g;
const LISTED = /\bexport\s+(type\s+)?\{([^}]*)\}(?!\s*from)/g;

function exportsOf(code: string): Export[] {
  const exports: Export[] = [];
  for (const match of code.matchAll(DECLARED)) {
    const isType = match[2] === 'interface' || match[2] === 'type';
    exports.push({ line: lineAt(code, match.index), name: match[3]!, isType });
  }
  for (const match of code.matchAll(LISTED)) {
    for (const part of match[2]!.split(',')) {
      const name = part
        .trim()
        .split(/\s+as\s+/)
        .at(-1)
        ?.replace(/^type\s+/, '');
      const isType = match[1] !== undefined || part.trim().startsWith('type ');
      if (name) exports.push({ line: lineAt(code, match.index), name, isType });
    }
  }
  return exports;
}

const CONTROL = /\b(?:if|for|while|switch|catch|with|await)\s*$/;

/** Bodies of functions, methods and arrows: a `{` after `=>`, or after parameters and perhaps a type. */
export function functionsOf(code: string): FunctionBody[] {
  const functions: FunctionBody[] = [];
  const open: { readonly index: number; readonly kind: 'function' | 'returned type' | 'other' }[] = [];
  let typed = -1;
  for (const match of code.matchAll(/[{}]/g)) {
    const { index } = match;
    if (match[0] === '{') {
      const before = code.slice(Math.max(0, index - 2_000), index);
      const afterType = typed !== -1 && /^[\s[\]|>]*$/.test(code.slice(typed + 1, index));
      if (afterType) open.push({ index, kind: 'function' });
      else if (/\)\s*:\s*$/.test(before)) open.push({ index, kind: 'returned type' });
      else open.push({ index, kind: opensFunction(before) ? 'function' : 'other' });
      continue;
    }
    const opened = open.pop();
    typed = opened?.kind === 'returned type' ? index : -1;
    if (opened?.kind !== 'function') continue;
    const line = lineAt(code, opened.index);
    functions.push({ line, lines: lineAt(code, index) - line + 1 });
  }
  return functions;
}

function opensFunction(before: string): boolean {
  if (/=>\s*$/.test(before)) return true;
  const head = /\)\s*(?::[^{}();=]*)?$/.exec(before);
  if (head === null) return false;
  let depth = 0;
  for (let at = head.index; at >= 0; at -= 1) {
    if (before[at] === ')') depth += 1;
    if (before[at] === '(') depth -= 1;
    if (depth === 0) return !CONTROL.test(before.slice(0, at));
  }
  return true;
}

/** Whether anything in it runs: functions or classes, once types are taken away. */
export function behaves(code: string): boolean {
  return /\b(?:function|class)\b|=>/.test(withoutTypes(code));
}

function withoutTypes(code: string): string {
  let rest = code;
  const declaration = /^(?:export\s+)?(?:declare\s+)?(?:interface\s+[\w$]+|type\s+[\w$]+[^=;]*=)/m;
  for (let match = declaration.exec(rest); match !== null; match = declaration.exec(rest)) {
    const end = declarationEnd(rest, match.index + match[0].length, match[0].endsWith('='));
    rest = rest.slice(0, match.index) + rest.slice(end);
  }
  return rest;
}

/** An interface ends with its body, an alias with the first `;` outside of all brackets. */
function declarationEnd(code: string, start: number, alias: boolean): number {
  let depth = 0;
  for (let at = start; at < code.length; at += 1) {
    const char = code[at]!;
    if ('{(['.includes(char)) depth += 1;
    if ('})]'.includes(char)) depth -= 1;
    if (depth === 0 && (alias ? char === ';' : char === '}')) return at + 1;
  }
  return code.length;
}
