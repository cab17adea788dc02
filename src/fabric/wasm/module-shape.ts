/**
 * Checks a program and cuts it to the sandbox's shape before it is compiled.
 *
 * The module's own memory becomes an import, `conun.memory`. So the host makes the memory: its maximum is the
 * task's limit, whatever the module declares, and the host can use it again. Mutable globals are exported for
 * the same reason (`module-rewind.ts`). Tables get a maximum. Custom sections are dropped: names and debug
 * information are megabytes that no task needs, and hints steer the compiler.
 */

import type { Bytes } from '../../actors/index.ts';
import { KIB, MIB } from '../../actors/index.ts';
import { fabricErrors } from '../errors.ts';
import { checkCode, skipType } from './module-code.ts';
import { leb, ModuleReader, malformed } from './module-reader.ts';
import { exportsWith, mutableGlobals } from './module-rewind.ts';

/** The largest real program we know of for this target (a Python interpreter) has 26 MB. */
export const PROGRAM_BYTES_MAX: Bytes = 32 * MIB;

export const PAGE_BYTES: Bytes = 64 * KIB;

/** What a 32-bit module can address at most. */
const PAGES_MAX = 65_536;

/**
 * All tables together at the start, and each one after growing. Large C++ programs have some 50 000 indirect
 * functions; an element costs about 32 bytes of the engine's heap, so 16 full tables stay below 52 MB.
 */
const TABLE_ELEMENTS_MAX = 100_000;
const TABLES_MAX = 16;

const Section = {
  custom: 0,
  type: 1,
  import: 2,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  code: 10,
  tag: 13,
} as const;

/** Header: `\0asm`, version 1. */
const HEADER_BYTES = 8;

export interface ShapedModule {
  readonly bytes: Uint8Array;
  readonly initialPages: number;
  /** What the module itself declares, or the most there can be. */
  readonly maximumPages: number;
  /** Mutable globals to set for rewinding an instance; undefined if it cannot be rewound. */
  readonly rewindable: readonly number[] | undefined;
}

/** Whether the sandbox has a function to import under this name. */
export type HasImport = (module: string, name: string) => boolean;

/**
 * Throws a fault: `FABRIC_PROGRAM_TOO_LARGE`, `FABRIC_PROGRAM_INVALID`, `FABRIC_PROGRAM_IMPORT_UNKNOWN`,
 * `FABRIC_PROGRAM_FEATURE_REFUSED`. Takes time proportional to the program.
 */
export function shapeModule(bytes: Uint8Array, hasImport: HasImport): ShapedModule {
  if (bytes.length > PROGRAM_BYTES_MAX) {
    throw fabricErrors.FABRIC_PROGRAM_TOO_LARGE({ bytes: bytes.length, bytesMax: PROGRAM_BYTES_MAX });
  }
  if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) throw malformed(whyInvalid(bytes));
  const sections = readSections(bytes);
  const memory = sections.find((section) => section.id === Section.memory);
  if (memory === undefined) {
    const imports = sections.find((section) => section.id === Section.import);
    importsWith(imports?.contents, 0, hasImport);
    throw malformed('it has no memory of its own');
  }
  const { initialPages, maximumPages } = readMemory(memory.contents);
  const work: Work = { initialPages, hasImport, rewindable: rewindableGlobals(sections) };
  const parts: Uint8Array[] = [bytes.subarray(0, HEADER_BYTES)];
  let imported = false;
  for (const section of sections) {
    if (!imported && section.id > Section.import) {
      parts.push(sectionOf(Section.import, importsWith(undefined, initialPages, hasImport)));
      imported = true;
    }
    if (section.id === Section.import) imported = true;
    const part = shapeSection(section, work);
    if (part !== undefined) parts.push(part);
  }
  return { bytes: concat(parts), initialPages, maximumPages, rewindable: work.rewindable };
}

interface Work {
  readonly initialPages: number;
  readonly hasImport: HasImport;
  /** Becomes undefined when a later section rules it out; its exports then do no harm. */
  rewindable: readonly number[] | undefined;
}

interface ModuleSection {
  readonly id: number;
  readonly contents: ModuleReader;
  /** The section with its head, as it stands in the module. */
  readonly whole: Uint8Array;
}

function readSections(bytes: Uint8Array): ModuleSection[] {
  const reader = new ModuleReader(bytes, HEADER_BYTES);
  const sections: ModuleSection[] = [];
  while (!reader.done) {
    const start = reader.at;
    const id = reader.byte();
    const contents = reader.part(reader.u32());
    if (id !== Section.custom) sections.push({ id, contents, whole: bytes.subarray(start, reader.at) });
  }
  return sections;
}

/** The section to write in place of this one, if any. */
function shapeSection(section: ModuleSection, work: Work): Uint8Array | undefined {
  switch (section.id) {
    case Section.type:
      checkTypes(section.contents);
      return section.whole;
    case Section.import:
      return sectionOf(Section.import, importsWith(section.contents, work.initialPages, work.hasImport));
    case Section.table:
      return sectionOf(Section.table, boundTables(section.contents));
    case Section.memory:
      return undefined;
    case Section.tag:
      throw fabricErrors.FABRIC_PROGRAM_FEATURE_REFUSED({ feature: 'exceptions' });
    case Section.export:
      return exportSection(section, work);
    case Section.code:
      if (checkCode(section.contents)) work.rewindable = undefined;
      return section.whole;
    default:
      return section.whole;
  }
}

function rewindableGlobals(sections: readonly ModuleSection[]): readonly number[] | undefined {
  if (sections.some((section) => section.id === Section.start)) return undefined;
  return mutableGlobals(sections.find((section) => section.id === Section.global)?.contents);
}

function exportSection(section: ModuleSection, work: Work): Uint8Array {
  if (work.rewindable === undefined) return section.whole;
  const contents = exportsWith(section.contents, work.rewindable);
  if (contents !== undefined) return sectionOf(Section.export, contents);
  work.rewindable = undefined;
  return section.whole;
}

/** Only function types: structures and arrays live on the engine's heap, which no limit of a task covers. */
function checkTypes(types: ModuleReader): void {
  const count = types.u32();
  for (let index = 0; index < count; index++) {
    if (types.byte() !== 0x60) {
      throw fabricErrors.FABRIC_PROGRAM_FEATURE_REFUSED({ feature: 'garbage-collected types' });
    }
    for (const _ of ['parameters', 'results']) {
      const values = types.u32();
      for (let value = 0; value < values; value++) skipType(types);
    }
  }
}

/** The import section's contents, checked, with the memory added. */
function importsWith(
  imports: ModuleReader | undefined,
  initialPages: number,
  hasImport: HasImport,
): Uint8Array[] {
  const count = imports === undefined ? 0 : imports.u32();
  const start = imports?.at ?? 0;
  for (let index = 0; index < count; index++) checkImport(imports!, hasImport);
  const functions = imports === undefined ? new Uint8Array(0) : imports.bytes.subarray(start, imports.at);
  const memory = [...nameBytes('conun'), ...nameBytes('memory'), 0x02, 0x00, ...leb(initialPages)];
  return [Uint8Array.from(leb(count + 1)), functions, Uint8Array.from(memory)];
}

function checkImport(imports: ModuleReader, hasImport: HasImport): void {
  const module = imports.name();
  const name = imports.name();
  const isFunction = imports.byte() === 0x00;
  if (!isFunction || !hasImport(module, name)) {
    throw fabricErrors.FABRIC_PROGRAM_IMPORT_UNKNOWN({
      module: module.slice(0, 80),
      name: name.slice(0, 80),
    });
  }
  imports.skipLeb();
}

/** Exactly one memory, with 32-bit addresses, not shared. */
function readMemory(memories: ModuleReader): { initialPages: number; maximumPages: number } {
  if (memories.u32() !== 1) throw malformed('it has more than one memory');
  const flags = memories.byte();
  if ((flags & 0x02) !== 0) throw fabricErrors.FABRIC_PROGRAM_FEATURE_REFUSED({ feature: 'threads' });
  if (flags > 0x01) throw malformed('its memory is not an ordinary 32-bit one');
  const initialPages = memories.u32();
  return { initialPages, maximumPages: flags === 0x01 ? memories.u32() : PAGES_MAX };
}

/** The table section's contents, each table with a maximum. */
function boundTables(tables: ModuleReader): Uint8Array[] {
  const count = tables.u32();
  if (count > TABLES_MAX) throw malformed(`it has more than ${TABLES_MAX} tables`);
  const parts: Uint8Array[] = [Uint8Array.from(leb(count))];
  let elements = 0;
  for (let index = 0; index < count; index++) {
    const start = tables.at;
    if (tables.bytes[start] === 0x40) throw malformed('it has a table with an initial value');
    skipType(tables);
    parts.push(tables.bytes.subarray(start, tables.at));
    const flags = tables.byte();
    if (flags > 0x01) throw malformed('its table is not an ordinary 32-bit one');
    const initial = tables.u32();
    const maximum = Math.min(flags === 0x01 ? tables.u32() : TABLE_ELEMENTS_MAX, TABLE_ELEMENTS_MAX);
    elements += initial;
    parts.push(Uint8Array.from([0x01, ...leb(initial), ...leb(maximum)]));
  }
  if (elements > TABLE_ELEMENTS_MAX) {
    throw malformed(`its tables hold more than ${TABLE_ELEMENTS_MAX} elements`);
  }
  return parts;
}

function sectionOf(id: number, contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return concat([Uint8Array.from([id, ...leb(length)]), ...contents]);
}

function nameBytes(name: string): number[] {
  return [name.length, ...Buffer.from(name, 'latin1')];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The engine says why only when asked to compile; it stops at the first error, so this costs no more than
 * validating.
 */
function whyInvalid(bytes: Uint8Array): string {
  try {
    new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    return 'it does not validate';
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'it does not validate';
  }
}
