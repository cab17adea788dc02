/**
 * Everything that can go wrong between an author's or a researcher's file and the grid, with what to do about
 * it.
 */

import { catalogue } from '../actors/index.ts';

export const applicationErrors = catalogue({
  APPLICATION_FILE_INVALID: {
    says: '{file}, line {line}, column {column}: {member}: {problem}; {advice}.',
    todo: 'Correct that line and send the file again.',
    retry: false,
  },
  APPLICATION_FILE_TOO_LARGE: {
    says: '{file} has {bytes} bytes; at most {bytesMax} are read.',
    todo: 'Pass large values as inputs: they are files of their own.',
    retry: false,
  },
  APPLICATION_INPUT_MISSING: {
    says: 'The app {app} needs the input "{input}", and the batch file does not give it.',
    todo: 'Add it under `inputs:` as `name: path`.',
    retry: false,
  },
  APPLICATION_INPUT_UNKNOWN: {
    says: 'The app {app} has no input "{input}"; it takes {known}.',
    todo: 'Remove or rename it under `inputs:`.',
    retry: false,
  },
  APPLICATION_INPUT_NOT_STORED: {
    says: 'The bytes of the input "{input}" ({cid}) are not on this node.',
    todo: 'Store the file first, then submit with the address that came back.',
    retry: true,
  },
  APPLICATION_INPUTS_TOO_LARGE: {
    says: 'The inputs have {bytes} bytes together; a plugin is handed at most {bytesMax}.',
    todo: 'Split the batch, or have the units generate what they need.',
    retry: false,
  },
  APPLICATION_MANIFEST_INVALID: {
    says: 'The manifest is not valid: {problem}.',
    todo: 'Correct manifest.yaml and build again.',
    retry: false,
  },
  APPLICATION_SIGNATURE_INVALID: {
    says: 'The manifest of {app} is not signed by {author}.',
    todo: 'Build and publish again with the key of the author whose name it carries.',
    retry: false,
  },
  APPLICATION_APP_UNKNOWN: {
    says: 'There is no app {app} here.{suggestion}',
    todo: 'Look at `conun app list`, or publish it first.',
    retry: false,
  },
  APPLICATION_APP_EXISTS: {
    says: '{app} is published already, with other contents.',
    todo: 'Give the new one a higher version: a published version never changes.',
    retry: false,
  },
  APPLICATION_APP_OWNED: {
    says: 'The name {name} belongs to the author {author}.',
    todo: 'Choose another name.',
    retry: false,
  },
  APPLICATION_APP_INCOMPLETE: {
    says: 'The {part} of {app} ({cid}) is not on this node.',
    todo: 'Store the blocks first, then publish.',
    retry: true,
  },
  APPLICATION_BUILD_FAILED: {
    says: 'The {part} does not build: {reason}',
    todo: 'Correct the source at the place that is named.',
    retry: false,
  },
  APPLICATION_FOLDER_INVALID: {
    says: '{folder}: {problem}.',
    todo: 'Compare it with what `conun app new` makes.',
    retry: false,
  },
  APPLICATION_NOT_REPRODUCIBLE: {
    says: 'Unit {unit} ({label}) gave two different outputs from the same inputs.',
    todo: 'Remove what differs between two runs of the program, or set `compare: plugin`.',
    retry: false,
  },
  APPLICATION_UNIT_FAILED: {
    says: 'Unit {unit} ({label}) failed with {code}: {reason}',
    todo: 'Correct the program; its standard error is part of the message.',
    retry: false,
  },
  APPLICATION_PLUGIN_FAILED: {
    says: 'The plugin of {app} failed in {step}: {reason}',
    todo: 'Change what the message names; if that is not the batch file, tell the author of the app.',
    retry: false,
  },
  APPLICATION_PLUGIN_TIMEOUT: {
    says: 'The plugin of {app} did not finish {step} within {timeoutMs} ms.',
    todo: 'Tell the author of the app; a smaller batch may pass.',
    retry: false,
  },
  APPLICATION_PLUGIN_ANSWER: {
    says: 'The plugin of {app} gave something unusable in {step}: {problem}.',
    todo: 'Tell the author of the app.',
    retry: false,
  },
  APPLICATION_PLUGIN_BUSY: {
    says: 'All {processes} plugin processes are busy.',
    todo: 'Try again in a moment.',
    retry: true,
  },
  APPLICATION_OUTPUT_DAMAGED: {
    says: 'The bytes of the output {cid} are not the ones that were verified.',
    todo: 'Look at the health of the disk; `conun results` gets them again from a provider.',
    retry: true,
  },
  APPLICATION_STOPPED: {
    says: 'This node is stopping.',
    todo: 'Try again when it runs again.',
    retry: true,
  },
});
