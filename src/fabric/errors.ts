/** Everything that can go wrong on this one machine, with what to do about it. */

import { catalogue } from '../actors/index.ts';

export const fabricErrors = catalogue({
  FABRIC_STORE_LOCKED: {
    says: 'The store at {path} is open already, in this process or in another one.',
    todo: 'Stop the other daemon that uses this directory, or give this one a directory of its own.',
    retry: true,
  },
  FABRIC_STORE_CORRUPT: {
    says: 'The store at {path} is damaged: {reason}.',
    todo: 'Move the directory away and restore it from a backup; look at the health of the disk.',
    retry: false,
  },
  FABRIC_STORE_FULL: {
    says: 'The disk under {path} is full: {reason}.',
    todo: 'Free some space on that disk, then start again; what was acknowledged is kept.',
    retry: true,
  },
  FABRIC_STORE_FAILED: {
    says: 'The store at {path} failed: {reason}.',
    todo: 'Look at the reason: mostly a missing permission, a read-only mount or a failing disk.',
    retry: false,
  },
  FABRIC_STORE_CLOSED: {
    says: 'The store at {path} is closed.',
    todo: 'Nothing to do if the daemon is stopping; otherwise report it as a defect.',
    retry: false,
  },
  FABRIC_STORAGE_QUOTA: {
    says: '{bytes} bytes do not fit into the storage quota of {quotaBytes} bytes; {keptBytes} are in use.',
    todo: 'Raise the disk preference, or wait until running work has released what it pinned.',
    retry: true,
  },
  FABRIC_BLOCK_MISSING: {
    says: 'The content {cid} is not here, and no connected peer has sent it.',
    todo: 'Try again when a peer that holds it is connected.',
    retry: true,
  },
  FABRIC_BLOCK_CORRUPT: {
    says: 'The content {cid} does not hash to its address, and no connected peer has sent a good copy.',
    todo: 'Look at the health of the disk; connect a peer that holds the content, and try again.',
    retry: true,
  },
  FABRIC_BLOCK_TOO_LARGE: {
    says: 'The content {cid} is larger than the {bytesMax} bytes that are allowed for it.',
    todo: 'Ask the author to lower the size, or raise the limit that the task declares.',
    retry: false,
  },
  FABRIC_CID_INVALID: {
    says: '{cid} is not the address of a file: {reason}.',
    todo: 'Use a CID of version 1 in base32 with a SHA-256 digest, as "conun" prints it.',
    retry: false,
  },
  FABRIC_PROGRAM_INVALID: {
    says: 'The program is not a WebAssembly module that can run here: {reason}.',
    todo: 'Build it again for wasm32-wasi preview 1, exporting _start and memory; "conun app check" tries it.',
    retry: false,
  },
  FABRIC_PROGRAM_TOO_LARGE: {
    says: 'The program has {bytes} bytes; at most {bytesMax} are taken.',
    todo: 'Strip debug sections and move data into input files.',
    retry: false,
  },
  FABRIC_PROGRAM_IMPORT_UNKNOWN: {
    says: 'The program imports {module}.{name}, which the sandbox does not have.',
    todo: 'Use WASI preview 1 without sockets, and conun.yield and conun.progress; nothing else exists.',
    retry: false,
  },
  FABRIC_PROGRAM_FEATURE_REFUSED: {
    says: 'The program uses {feature}, with which two honest machines could differ.',
    todo: 'Build it without that feature, for instance with -mno-relaxed-simd or without -pthread.',
    retry: false,
  },
  FABRIC_PROGRAM_COMPILE_LIMIT: {
    says: 'Compiling the program took longer than {limitMs} ms or more memory than there is.',
    todo: 'Split very large functions, or build with less inlining.',
    retry: false,
  },
  FABRIC_PROGRAM_MISSING: {
    says: 'The program {program} was not loaded, or is no longer kept.',
    todo: 'Load it again, then start the task.',
    retry: true,
  },
  FABRIC_TASK_TRAPPED: {
    says: 'The program trapped: {reason}.',
    todo: 'Run it with the same input on your machine; the end of standard error may say more.',
    retry: false,
  },
  FABRIC_TASK_EXIT: {
    says: 'The program ended with exit code {exitCode}.',
    todo: 'Look at standard error; only exit code 0 counts as success.',
    retry: false,
  },
  FABRIC_TASK_TIME_LIMIT: {
    says: 'The task ran longer than its limit of {limitMs} ms.',
    todo: 'Raise runMsMax, or split the work into smaller units.',
    retry: false,
  },
  FABRIC_TASK_MEMORY_LIMIT: {
    says: 'The program needs more memory than its limit of {limitBytes} bytes.',
    todo: 'Raise memoryBytesMax, or use less.',
    retry: false,
  },
  FABRIC_TASK_OUTPUT_LIMIT: {
    says: 'What the program left under /out is over its limit: {reason}.',
    todo: 'Raise outputBytesMax, or write fewer, smaller or shorter-named files.',
    retry: false,
  },
  FABRIC_TASK_LOG_LIMIT: {
    says: 'Standard output and error together are over their limit of {limitBytes} bytes.',
    todo: 'Raise logBytesMax, or print less; results belong under /out.',
    retry: false,
  },
  FABRIC_TASK_CRASHED: {
    says: 'The process that ran the task ended: {reason}.',
    todo: 'If it happens again on other machines, the program exhausts the memory of its host.',
    retry: true,
  },
  FABRIC_TASK_INVALID: {
    says: 'The task cannot run as it is: {reason}.',
    todo: 'Correct what the plugin puts into its units.',
    retry: false,
  },
  FABRIC_TASK_STAGING: {
    says: 'An input of the task did not arrive: {reason}.',
    todo: 'Try again when a peer that holds the inputs is connected.',
    retry: true,
  },
  FABRIC_TASK_REFUSED: {
    says: 'The executor holds {tasksMax} tasks and takes no more.',
    todo: 'Send fewer tasks than the free credit that was announced.',
    retry: true,
  },
  FABRIC_SANDBOX_BROKEN: {
    says: 'No sandbox process can be started: {reason}.',
    todo: 'Look at free memory, the limit on processes and the Node version; "conun doctor" tries one.',
    retry: true,
  },
  FABRIC_PROBE_FAILED: {
    says: 'The probe {probe} cannot read this machine: {reason}.',
    todo: 'It is tried again, less and less often. If it goes on, look at the driver or program it asks.',
    retry: true,
  },
  FABRIC_PREFERENCES_INVALID: {
    says: "The owner's preferences are wrong at {at}: {reason}.",
    todo: 'Correct the section provider.governor of the configuration; "conun doctor" shows it.',
    retry: false,
  },
  FABRIC_HOME_IN_USE: {
    says: 'The home directory {path} is in use by the process {pid}.',
    todo: 'Stop that daemon first, or start this one with another home directory.',
    retry: true,
  },
  FABRIC_HOME_UNUSABLE: {
    says: 'The home directory {path} cannot be used: {reason}.',
    todo: 'Check that it is a directory that you own, and that its disk is writable and has space.',
    retry: false,
  },
});
