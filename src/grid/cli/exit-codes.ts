/** What the exit code of `conun` tells a script. Printed by `conun --help`. */

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  batchNotDone: 4,
  interrupted: 130,
} as const;

export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done',
  failed: 'refused or failed; the message says why and what to do',
  usage: 'the command line or the configuration is not valid',
  unreachable: 'no daemon answers',
  batchNotDone: 'the batch has ended without a result, or has none yet',
  interrupted: 'ended from the keyboard; what was submitted goes on',
};
