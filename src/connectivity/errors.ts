/**
 * Everything that can go wrong between two machines, as data. A close reason that crosses the wire carries
 * its code; the reader looks it up here, so that what to do about it is said in the reader's own version's
 * words.
 */

import { catalogue } from '../actors/index.ts';

export const connectivityErrors = catalogue({
  CONNECTIVITY_KEY_MISSING: {
    says: 'There is no secret at {path}.',
    todo: 'Put back the file that was there. A daemon makes its keys at its first start.',
    retry: false,
  },
  CONNECTIVITY_KEY_MODE: {
    says: 'The secret at {path} has mode {mode}: others here can use it. chmod 600 {path} repairs that.',
    todo: 'Run the command. If others have had access for long, make a new key.',
    retry: false,
  },
  CONNECTIVITY_KEY_OWNER: {
    says: 'The secret at {path} is {found}, not a plain file of the user who runs this program.',
    todo: 'Copy it to a plain file that you own, with mode 600.',
    retry: false,
  },
  CONNECTIVITY_KEY_INVALID: {
    says: 'The file at {path} does not hold the private key that it should: {reason}',
    todo: 'Restore it from a backup, or remove it to get a new key; what the old one has earned stays with it.',
    retry: false,
  },
  CONNECTIVITY_KEY_EXISTS: {
    says: 'There is a file at {path} already, and a secret is never overwritten.',
    todo: 'Choose another path, or move the old one away.',
    retry: false,
  },
  CONNECTIVITY_KEY_UNREADABLE: {
    says: 'The secret at {path} cannot be read or written: {reason}',
    todo: 'Check the directory and its permissions.',
    retry: false,
  },
  CONNECTIVITY_ACCOUNT_INVALID: {
    says: 'What was given is not the secret of an account: {reason}',
    todo: 'Give the words in their order, the private key in hex, or the keystore as another wallet wrote it.',
    retry: false,
  },
  CONNECTIVITY_KEYSTORE_INVALID: {
    says: 'This is no keystore that can be opened: {reason}',
    todo: 'Give a keystore of version 3 as a wallet wrote it, or import the words or the key instead.',
    retry: false,
  },
  CONNECTIVITY_PASSPHRASE_WRONG: {
    says: 'The passphrase does not open this keystore.',
    todo: 'Try again; case counts. Without the passphrase, the words of the account bring it back.',
    retry: false,
  },
  CONNECTIVITY_ACCOUNT_LOCKED: {
    says: 'The wallet agent does not hold the key of {account} any more.',
    todo: 'Unlock it with `conun wallet unlock`, and try again.',
    retry: false,
  },
  CONNECTIVITY_AGENT_FAILED: {
    says: 'The wallet agent at {socket} does not serve: {reason}',
    todo: 'Lock it and unlock again. A socket has a short path, in a folder that only you can open.',
    retry: false,
  },
  CONNECTIVITY_PEER_ID_INVALID: {
    says: '"{text}" is not the peer id of an Ed25519 key.',
    todo: 'Peer ids begin with 12D3KooW; copy it again, whole.',
    retry: false,
  },
  CONNECTIVITY_ADDRESS_INVALID: {
    says: '"{address}" is not an address that can be used here: {reason}',
    todo: 'Addresses look like /ip4/192.0.2.7/tcp/4101/p2p/12D3KooW…',
    retry: false,
  },
  CONNECTIVITY_LISTEN_FAILED: {
    says: 'This node cannot listen on {addresses}: {reason}',
    todo: 'Choose another port, or end the program that holds it.',
    retry: true,
  },
  CONNECTIVITY_UNREACHABLE: {
    says: 'Peer {peer} cannot be reached: {reason}',
    todo: 'Try again later; check that it is running and that no firewall stands between.',
    retry: true,
  },
  CONNECTIVITY_PROTOCOL_REFUSED: {
    says: 'Peer {peer} does not speak {protocol}.',
    todo: 'Check that it plays the role you expect, and that both run compatible versions.',
    retry: false,
  },
  CONNECTIVITY_SELF_DIAL: {
    says: 'This node tried to open a channel to itself.',
    todo: 'Remove this node from the list of peers to contact.',
    retry: false,
  },
  CONNECTIVITY_NETWORK_CLOSED: {
    says: 'The network of this node has been closed.',
    todo: 'Nothing: the node is shutting down.',
    retry: false,
  },
  CONNECTIVITY_CONNECTION_LOST: {
    says: 'The connection to peer {peer} broke: {reason}',
    todo: 'Open a new channel; what was not acknowledged may not have arrived.',
    retry: true,
  },
  CONNECTIVITY_MESSAGE_INVALID: {
    says: 'A message that is not of {protocol} arrived: {reason}',
    todo: 'Update the older side; a peer that keeps sending such messages should be blocked.',
    retry: false,
  },
  CONNECTIVITY_FRAME_TOO_LARGE: {
    says: 'A frame of {bytes} bytes is larger than the {bytesMax} that the protocol allows.',
    todo: 'Send smaller messages; large values travel as blocks.',
    retry: false,
  },
  CONNECTIVITY_RATE_LIMITED: {
    says: 'Peer {peer} goes beyond what this node takes from one peer: {what}.',
    todo: 'Send less, or later.',
    retry: true,
  },
  CONNECTIVITY_BLOCKED: {
    says: 'Peer {peer} is blocked here.',
    todo: 'Nothing, unless its operator shows that the block was a mistake.',
    retry: false,
  },
  CONNECTIVITY_ALREADY_SERVED: {
    says: '{what} is served by another part of this node already.',
    todo: 'End the first service before starting the second.',
    retry: false,
  },
  CONNECTIVITY_GOSSIP_FAILED: {
    says: 'The message on {topic} could not be published: {reason}',
    todo: 'Try again when other peers are connected; keep gossip small.',
    retry: true,
  },
});
