/** What can go wrong between a person and their node, as `docs/errors.md` lists it. */

import { catalogue } from '../actors/index.ts';

export const gridErrors = catalogue({
  GRID_CONFIG_INVALID: {
    says: '{source}: {member}: {reason}',
    todo: 'Correct that member: `conun doctor` shows where values come from, docs/configuration.md the rest.',
    retry: false,
  },
  GRID_CONFIG_UNREADABLE: {
    says: 'The configuration file {file} cannot be read: {reason}',
    todo: 'Make it readable and valid YAML, or move it away: without it the defaults apply.',
    retry: false,
  },
  GRID_DAEMON_UNREACHABLE: {
    says: 'No daemon answers at {socket}.',
    todo: 'Start one with `conun daemon`; if it runs with another home folder, give that with `--home`.',
    retry: true,
  },
  GRID_DAEMON_RUNNING: {
    says: 'A daemon already answers at {socket}.',
    todo: 'Use that one, stop it first, or give this one a home folder of its own with `--home`.',
    retry: false,
  },
  GRID_NODE_FAILED: {
    says: 'A node did not come up: {reason}.',
    todo: 'Read the end of its log; `conun doctor` checks its folders and its configuration.',
    retry: false,
  },
  GRID_SOCKET_PATH_TOO_LONG: {
    says: 'The socket path {socket} has {length} bytes; the system allows {lengthMax}.',
    todo: 'Choose a shorter home folder, or set `api.socket` to a short path.',
    retry: false,
  },
  GRID_TOKEN_FILE_UNSAFE: {
    says: 'The token file {file} cannot be used: {reason}',
    todo: 'Put at least 32 random characters into it and allow only yourself to read it: `chmod 600`.',
    retry: false,
  },
  GRID_API_UNAUTHORIZED: {
    says: 'This request carries no valid token.',
    todo: 'Send `Authorization: Bearer <the content of the token file>`.',
    retry: false,
  },
  GRID_API_REQUEST_INVALID: {
    says: 'The request is not valid: {reason}',
    todo: 'Compare it with the description at /v1/openapi.json.',
    retry: false,
  },
  GRID_API_ROUTE_UNKNOWN: {
    says: 'There is no {method} {path} here.',
    todo: 'Look at /v1/openapi.json for what there is; client and daemon may be of different versions.',
    retry: false,
  },
  GRID_API_FILE_UNKNOWN: {
    says: 'The result of batch {batch} has no file {path}.',
    todo: '`conun status <batch>` lists its files; there are none before the batch is done.',
    retry: false,
  },
  GRID_API_BODY_TOO_LARGE: {
    says: 'The body is larger than {bytesMax} bytes.',
    todo: 'Send less at once: split the input into several files.',
    retry: false,
  },
  GRID_API_INTERNAL: {
    says: 'The daemon met an unexpected condition: {reason}',
    todo: 'This is a defect: the daemon log holds the details to report. The daemon goes on.',
    retry: false,
  },
  GRID_API_ANSWER_INVALID: {
    says: 'The daemon at {socket} gave an answer that this program cannot read: {reason}',
    todo: 'Restart the daemon so that both are of one version.',
    retry: false,
  },
  GRID_API_INTERRUPTED: {
    says: 'The daemon closed the connection: {reason}',
    todo: 'See whether it still runs with `conun status`; batches go on by themselves.',
    retry: true,
  },
  GRID_ARGUMENT_INVALID: {
    says: '{argument}: {reason}',
    todo: 'See `conun help` for what is expected.',
    retry: false,
  },
  GRID_FILE_UNREADABLE: {
    says: '{file} cannot be read: {reason}',
    todo: 'Check the path and its permissions; paths in a batch file are relative to that file.',
    retry: false,
  },
  GRID_RESULT_PATH_UNSAFE: {
    says: 'The result file {path} would be written outside the chosen folder, or through a link.',
    todo: 'Choose an empty folder with `--out`; if that is refused too, tell the author of the app.',
    retry: false,
  },
  GRID_RESULT_FILE_EXISTS: {
    says: '{file} is there already.',
    todo: 'Choose another folder with `--out`, or overwrite what is there with `--force`.',
    retry: false,
  },
  GRID_RESULTS_NOT_READY: {
    says: 'Batch {batch} has no result: it is {phase}{reason}.',
    todo: 'Follow it with `conun watch`; `conun explain` says what a unit waits for.',
    retry: true,
  },
  GRID_BATCH_NOT_DONE: {
    says: 'Batch {batch} ended as {phase}{reason}.',
    todo: 'See its units with `conun status <batch>`, and one of them with `conun explain`.',
    retry: false,
  },
  GRID_TERMINAL_REQUIRED: {
    says: '`conun {command}` needs a terminal.',
    todo: 'Use `conun status --json` or `conun watch --json` in scripts.',
    retry: false,
  },
  GRID_ROLE_MISSING: {
    says: 'This node is no {role}.',
    todo: 'Ask a node that is one, or add the role under `roles` in config.yaml and start the daemon again.',
    retry: false,
  },
  GRID_ACCOUNT_UNKNOWN: {
    says: 'There is no account {account} here.',
    todo: 'See those that there are with `conun wallet list`; make one with `conun wallet create`.',
    retry: false,
  },
  GRID_ACCOUNT_UNCLEAR: {
    says: 'There are {count} accounts here, and none of them is named.',
    todo: 'Name one, or set `chain.account`; if there is none yet, `conun wallet create` makes one.',
    retry: false,
  },
  GRID_ACCOUNT_UNREADABLE: {
    says: 'The account in {file} cannot be used: {reason}',
    todo: 'Move that file away if it is none of ours; else bring it back from its words or from a copy.',
    retry: false,
  },
  GRID_PASSPHRASE_MISSING: {
    says: 'A passphrase is needed, and there is nobody at the keyboard to ask.',
    todo: 'Give a file with `--passphrase-file`, or unlock the account first with `conun wallet unlock`.',
    retry: false,
  },
  GRID_PASSPHRASE_UNFIT: {
    says: 'That passphrase cannot be taken: {reason}.',
    todo: 'Choose some words that only you put together, and type them twice the same.',
    retry: false,
  },
  GRID_QUESTION_LEFT: {
    says: 'The question was left without an answer. Nothing was done.',
    todo: 'Run the command again when you have what it asks for.',
    retry: false,
  },
  GRID_CONFIRMATION_MISSING: {
    says: 'The secret of {name} was not written: its name was not typed.',
    todo: 'Run the command at a terminal and type the name; or export the encrypted keystore instead.',
    retry: false,
  },
  GRID_DELEGATION_REFUSED: {
    says: 'No peer would believe that delegation: {flaw}.',
    todo: 'Print what is to be signed with `conun wallet delegate --typed-data`, and sign that with the account.',
    retry: false,
  },
  GRID_VERIFY_NO_REPORT: {
    says: 'No report is beside {file} or above it.',
    todo: 'Name it with `--report`; `conun results` writes one with each result.',
    retry: false,
  },
  GRID_VERIFY_REPORT_UNREADABLE: {
    says: '{report} is no report of `conun results`.',
    todo: 'Fetch the result again with `conun results`, and do not change its report.',
    retry: false,
  },
  GRID_VERIFY_OTHER_BATCH: {
    says: 'The report is of the batch {found}, not of {batch}.',
    todo: 'Name the report of the batch that you mean with `--report`.',
    retry: false,
  },
  GRID_VERIFY_NOTHING_ANCHORED: {
    says: '{report} says of no anchor on a chain.',
    todo: 'Only batches with `pay` are anchored. If it was, fetch the result again: its root may not have been there yet.',
    retry: false,
  },
  GRID_VERIFY_FILE_UNKNOWN: {
    says: '{file} is no file of that result; it has {known}.',
    todo: 'Name one of those files.',
    retry: false,
  },
  GRID_VERIFY_FILE_DIFFERS: {
    says: '{file} is not what the batch ended in: it was changed.',
    todo: 'Do not use it. Fetch the result again.',
    retry: false,
  },
  GRID_VERIFY_REPORT_DIFFERS: {
    says: '{report} is not what was anchored under the deal {deal}: it, or a file of the result, was changed.',
    todo: 'Do not believe it. Fetch the result again, from somebody else if it stays so.',
    retry: false,
  },
  GRID_VERIFY_NO_ANCHOR: {
    says: 'Nothing is anchored under the deal {deal} on the configured chain.',
    todo: 'Check `chain` in the configuration. A batch is anchored some blocks after its end.',
    retry: true,
  },
  GRID_CHAIN_MISSING: {
    says: 'This node knows no chain, and there is no money without one.',
    todo: 'Set `chain.rpc`, `chain.id` and `chain.contracts`; docs/configuration.md says what they are.',
    retry: false,
  },
  GRID_CONTRACTS_INVALID: {
    says: 'The contracts of the chain cannot be taken from {file}: {reason}',
    todo: 'Give `chain.contracts` the JSON file with an address for each contract that their deployment wrote.',
    retry: false,
  },
  GRID_CHAIN_UNWELL: {
    says: 'The chain cannot be relied on now: {reason}',
    todo: 'Wait until it makes blocks again, or name other nodes in `chain.rpc`. Nothing was sent.',
    retry: true,
  },
  GRID_FUNDS_TOO_LOW: {
    says: 'That takes {needed}, and there are {found} {place}.',
    todo: 'See what is where with `conun wallet balance`.',
    retry: false,
  },
  GRID_GAS_MISSING: {
    says: 'That takes gas, and {account} has no ether to pay for it.',
    todo: 'Send it a little from any wallet, or with `conun wallet send {account} 0.05 --ether` from another account.',
    retry: false,
  },
  GRID_LEDGER_REFUSED: {
    says: 'The contracts refused {call}: {error}.',
    todo: 'docs/money.md says when they do. What was confirmed before it stays; nothing else was changed.',
    retry: false,
  },
});
