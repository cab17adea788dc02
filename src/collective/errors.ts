/** Everything that can go wrong between many providers and one batch, by code. */

import { catalogue } from '../actors/index.ts';

export const collectiveErrors = catalogue({
  COLLECTIVE_ANNOUNCEMENT_FAILED: {
    says: 'work could not be announced: {reason}',
    todo: 'Nothing: it is repeated. Providers that are connected already work on.',
    retry: true,
  },
  COLLECTIVE_BATCH_UNKNOWN: {
    says: 'no batch {batch} is known here',
    todo: 'List the batches of this broker with `conun status` and check the id.',
    retry: false,
  },
  COLLECTIVE_BATCH_KNOWN: {
    says: 'batch {batch} was submitted before',
    todo: 'Nothing is lost: look at it with `conun status {batch}`.',
    retry: false,
  },
  COLLECTIVE_BATCH_ENDED: {
    says: 'batch {batch} is {phase} already',
    todo: 'Submit it again as a new batch if it should run once more.',
    retry: false,
  },
  COLLECTIVE_BATCH_RULE: {
    says: 'the quorum rule cannot be met: {reason}',
    todo: 'Choose 1 <= min_quorum <= target_nresults <= max_total_results and a delay bound above zero.',
    retry: false,
  },
  COLLECTIVE_BATCH_SOURCE: {
    says: 'the units of batch {batch} could not be drawn: {reason}',
    todo: "Check the batch file's inputs and parameters with `conun app check`, then submit it again.",
    retry: false,
  },
  COLLECTIVE_BATCH_MERGE: {
    says: 'the results of batch {batch} could not be merged: {reason}',
    todo: "The verified results are kept: read them with `conun results`, and correct the app's `merge`.",
    retry: false,
  },
  COLLECTIVE_BATCH_WITHOUT_RESULT: {
    says: 'none of the {units} units of batch {batch} has a verified result',
    todo: 'Ask `conun explain` why the first of them failed.',
    retry: false,
  },
  COLLECTIVE_BATCH_UNPAYABLE: {
    says: 'The batch is to be paid for, and this node has no chain to pay on.',
    todo: 'Configure `chain`, or leave out `pay`: then the batch is worked on for credit.',
    retry: false,
  },
  COLLECTIVE_BROKER_FULL: {
    says: 'this broker already runs {batches} batches, its limit',
    todo: 'Wait until one of them has ended, or submit to another broker.',
    retry: true,
  },
  COLLECTIVE_JOURNAL_CORRUPT: {
    says: 'an entry of {stream} in the journal cannot be read: {reason}',
    todo: 'Restore the data directory from a copy; keep the damaged one for examination.',
    retry: false,
  },
  COLLECTIVE_UNIT_UNKNOWN: {
    says: 'batch {batch} has no unit {unit}',
    todo: 'Units are numbered from 0 in the order in which the app splits the batch.',
    retry: false,
  },
  COLLECTIVE_UNIT_ERROR_LIMIT: {
    says: 'the unit failed on more providers than max_error_results allows',
    todo: "Read the program's error output in the unit's replicas; it most likely fails everywhere.",
    retry: false,
  },
  COLLECTIVE_UNIT_TOTAL_LIMIT: {
    says: 'max_total_results replicas were issued and no quorum was reached',
    todo: 'Raise max_total_results or the delay bound, or look for providers that stay longer.',
    retry: false,
  },
  COLLECTIVE_UNIT_DEADLOCKED: {
    says: 'the replicas disagree, and max_total_results leaves no room for a quorum',
    todo: "Check that the program is deterministic, or let the app's own comparison decide.",
    retry: false,
  },
  COLLECTIVE_COMPARISON: {
    says: "the app's comparison failed on unit {unit}: {reason}",
    todo: "The two results count as different. Correct the app's `compare`.",
    retry: false,
  },
});
