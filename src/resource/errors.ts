/**
 * Every fault of the resource layer: what is wrong, what to do about it, whether the same may succeed later.
 */

import { catalogue } from '../actors/index.ts';

export const resourceErrors = catalogue({
  RESOURCE_OFFER_INVALID: {
    says: 'The offer of {provider} was refused: {reason}.',
    todo: 'Check the clock of the provider, and that its owner statement names this node and has not expired.',
    retry: false,
  },
  RESOURCE_OWNER_EXCLUDED: {
    says: 'This broker grants no leases to the owner {owner}: {reason}.',
    todo: 'Ask the broker for the evidence it keeps; offer to another broker meanwhile.',
    retry: false,
  },
  RESOURCE_LEASE_EXISTS: {
    says: 'The provider {provider} already holds a live lease of this broker.',
    todo: 'Attach to it, or offer again when it has ended.',
    retry: true,
  },
  RESOURCE_NO_WORK: {
    says: 'This broker has no work at present.',
    todo: 'Offer again after the time it named.',
    retry: true,
  },
  RESOURCE_BROKER_FULL: {
    says: 'This broker holds {leases} leases and takes no more.',
    todo: 'Offer again after the time it named, or raise the limit of leases at the broker.',
    retry: true,
  },
  RESOURCE_GRANT_INVALID: {
    says: 'The grant of {broker} was refused: {reason}.',
    todo: 'Nothing at this node; the broker runs another version or lies.',
    retry: false,
  },
  RESOURCE_LEASE_STALE: {
    says: 'The lease {lease} with epoch {epoch} is over at the broker.',
    todo: 'Offer again: a new lease gets a new epoch.',
    retry: false,
  },
  RESOURCE_LEASE_SILENT: {
    says: 'The provider {provider} was silent for {silentMs} ms.',
    todo: 'Look at that machine and its network; its tasks run elsewhere.',
    retry: true,
  },
  RESOURCE_LEASE_EXPIRED: {
    says: 'The lease {lease} reached its agreed end.',
    todo: 'Nothing: a new offer renews it.',
    retry: true,
  },
  RESOURCE_LEASE_REPLACED: {
    says: 'The provider {provider} made a new offer, so it no longer has the lease {lease}.',
    todo: 'Nothing: its new lease takes over.',
    retry: true,
  },
  RESOURCE_LEASE_RELEASED: {
    says: 'The lease {lease} was released: {reason}.',
    todo: 'Nothing.',
    retry: true,
  },
  RESOURCE_CREDIT_EXCEEDED: {
    says: 'The lease {lease} allows {limit} assignments in all, and {sent} were sent.',
    todo: 'Report the broker; it does not keep to the protocol.',
    retry: false,
  },
  RESOURCE_PROTOCOL_BROKEN: {
    says: 'The other side of the lease {lease} broke the protocol: {reason}.',
    todo: 'Update both sides to the same version; if they are, block the peer.',
    retry: false,
  },
  RESOURCE_SIGNATURE_WRONG: {
    says: 'The signature of bundle {bundle} under lease {lease} is not of its provider.',
    todo: 'Block the provider; the evidence is kept in the journal.',
    retry: false,
  },
  RESOURCE_DIGEST_WRONG: {
    says: 'The output of task {task} does not hash to the digest its provider signed.',
    todo: 'Block the provider; the evidence is kept in the journal.',
    retry: false,
  },
  RESOURCE_OUTPUT_UNAVAILABLE: {
    says: 'The output of task {task} could not be fetched: {reason}.',
    todo: 'Nothing: the task is tried elsewhere. If it happens often, look at the network of the provider.',
    retry: true,
  },
  RESOURCE_RETURN_TOO_LARGE: {
    says: 'What task {task} left does not fit into a message: {reason}.',
    todo: 'Write fewer or larger files under /out, and less to standard output.',
    retry: false,
  },
  RESOURCE_CAPACITY_SLOTS: {
    says: '{wanted} slots were asked for and {free} are free.',
    todo: 'Wait for a lease to end, or raise the number of cores in the preferences.',
    retry: true,
  },
  RESOURCE_CAPACITY_MEMORY: {
    says: '{wanted} bytes of memory were asked for and {free} are free.',
    todo: 'Wait for a lease to end, or raise the memory limit in the preferences.',
    retry: true,
  },
  RESOURCE_POLICY_BROKER: {
    says: 'The policy of this machine does not serve the broker {broker}.',
    todo: 'Change brokers.allow or brokers.deny in the policy file.',
    retry: false,
  },
  RESOURCE_POLICY_OWNER: {
    says: 'The policy of this machine does not serve the owner {owner}.',
    todo: 'Change owners.allow or owners.deny in the policy file.',
    retry: false,
  },
  RESOURCE_POLICY_LABEL: {
    says: 'The policy of this machine does not run work labelled {label}.',
    todo: 'Change labels.allow or labels.deny in the policy file.',
    retry: false,
  },
  RESOURCE_POLICY_SANDBOX: {
    says: 'The policy of this machine does not allow the sandbox {sandbox}.',
    todo: 'Add it to sandboxes in the policy file.',
    retry: false,
  },
  RESOURCE_POLICY_MEMORY: {
    says: 'A task asks for {wanted} bytes of memory; the policy of this machine allows {allowed}.',
    todo: 'Raise taskMemoryBytesMax in the policy file, or lower the limit of the app.',
    retry: false,
  },
  RESOURCE_POLICY_HOURS: {
    says: 'The policy of this machine allows no grid work at this hour.',
    todo: 'Wait, or change hours in the policy file.',
    retry: true,
  },
  RESOURCE_POLICY_LEASES: {
    says: 'This machine serves {held} brokers, and its policy allows {allowed}.',
    todo: 'Wait for a lease to end, or raise leasesMax in the policy file.',
    retry: true,
  },
  RESOURCE_POLICY_INVALID: {
    says: 'The provider policy is not valid: {reason}.',
    todo: 'Correct the named member of the policy file.',
    retry: false,
  },
  RESOURCE_ACCOUNT_INVALID: {
    says: 'The account {account} was refused: {reason}.',
    todo: 'Check that the registry knows the worker key of this node, and that its link names this node.',
    retry: false,
  },
  RESOURCE_ACCOUNT_IN_USE: {
    says: 'Another node works for the account {account} under the deal {deal}.',
    todo: 'Give each machine an account of its own; all may have the same payout address.',
    retry: true,
  },
  RESOURCE_VOUCHER_REFUSED: {
    says: 'A voucher under the deal {deal} is worth nothing: {reason}.',
    todo: 'Nothing at the provider; the broker runs another version or lies.',
    retry: false,
  },
  RESOURCE_COMMITMENT_WRONG: {
    says: 'The commitment to bundle {bundle} under lease {lease} is worth nothing: {reason}.',
    todo: 'Block the provider; what it signed is kept in the journal.',
    retry: false,
  },
  RESOURCE_DEAL_REFUSED: {
    says: 'The deal {deal} was refused: {reason}.',
    todo: 'Look at the terms of the deal and at the rules for payment in the configuration of the provider.',
    retry: false,
  },
  RESOURCE_DEAL_UNCHECKED: {
    says: 'The deal {deal} has not been looked up on the chain yet.',
    todo: 'Nothing: work begins when it has been.',
    retry: true,
  },
  RESOURCE_DEAL_PENDING: {
    says: 'The deal {deal} cannot pay for work yet: {reason}.',
    todo: 'Wait for the requester to open the deal, or to leave more of its budget free.',
    retry: true,
  },
  RESOURCE_CHAIN_UNHEALTHY: {
    says: 'No work is taken for money while the chain cannot be relied on: {reason}.',
    todo: 'Look at the chain endpoint in the configuration. Work goes on by itself when it is well again.',
    retry: true,
  },
  RESOURCE_STAKE_SHORT: {
    says: 'The deal {deal} locks {needed} of stake, and the account {account} has {free} free.',
    todo: 'Stake more, or wait for other deals to end.',
    retry: true,
  },
  RESOURCE_UNPAID: {
    says: 'The deal {deal} owes {owed} and has paid for {paid}; more than {max} is not computed unpaid.',
    todo: 'Nothing at the provider; work goes on when a voucher comes or the broker allocates more.',
    retry: true,
  },
  RESOURCE_VOUCHER_LATE: {
    says: 'No voucher has come under the deal {deal} for {waitedMs} ms of acknowledged work.',
    todo: 'Nothing at the provider; work goes on when a voucher comes.',
    retry: true,
  },
  RESOURCE_TASK_DEAR: {
    says: 'The task {task} may cost {cost}, and no more than {max} is computed unpaid.',
    todo: 'Lower the limit of processor time of the app, or raise the unpaid maximum of the provider.',
    retry: false,
  },
  RESOURCE_CHAIN_SILENT: {
    says: 'None of the named nodes answers for the chain: {reason}',
    todo: 'Check `chain.rpc` and `chain.id`, and that such a node runs and can be reached.',
    retry: true,
  },
  RESOURCE_ENDPOINT_FAILED: {
    says: 'The chain node {endpoint} gave no answer that can be used: {reason}',
    todo: 'Nothing, if it is once: others are asked, and it is asked again. Otherwise name another in `chain.rpc`.',
    retry: true,
  },
  RESOURCE_LEDGER_FULL: {
    says: 'There are {intents} intents of {account} waiting, and no more are taken.',
    todo: 'Look in the log for why they wait: a chain that is silent, or no ether for gas.',
    retry: true,
  },
  RESOURCE_LEDGER_BROKEN: {
    says: 'The ledger has stopped: {reason}',
    todo: 'Look at the log and at the disk, then restart the node; what was intended is remembered.',
    retry: false,
  },
  RESOURCE_INTENT_INVALID: {
    says: 'The intent {intent} cannot be carried out: {reason}.',
    todo: 'This is a defect of whoever intended it: report it with the log.',
    retry: false,
  },
  RESOURCE_SIGNER_MISSING: {
    says: 'Nobody here signs for the account {account}.',
    todo: 'Unlock it, or name another in `chain.account`.',
    retry: true,
  },
  RESOURCE_SIGNER_WRONG: {
    says: 'The signer of {account} gave back another transaction than it was asked to sign, or none.',
    todo: 'Do not use it any further before you know why.',
    retry: true,
  },
  RESOURCE_LEDGER_CLOSED: {
    says: 'The ledger was closed.',
    todo: 'Ask again after the next start: what was intended is remembered and goes on.',
    retry: true,
  },
  RESOURCE_INTENT_UNKNOWN: {
    says: 'Nothing was intended under the name {intent}.',
    todo: 'Intend it first; the same name twice is done once.',
    retry: false,
  },
  RESOURCE_BUSY: {
    says: 'This node has more mail waiting than it can take.',
    todo: 'Attach again after a while.',
    retry: true,
  },
});
