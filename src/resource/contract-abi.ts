/**
 * What the ledger says to the contracts and hears of them, in Solidity's own words. A test holds every line
 * to the compiled contracts.
 */

import { Interface } from 'ethers/abi';

const TERMS =
  '(address requester, address agent, bytes32 spec, uint96 budget, uint96 stakeLock, uint8 minQuorum, ' +
  'uint40 workUntil, uint40 revealUntil, uint40 disputeUntil, uint40 redeemUntil, bytes32 salt)';
const ALLOCATION = '(address provider, uint96 amount, bytes acceptance)';
const VOUCHER = '(bytes32 deal, address provider, uint96 amount, uint24 bundles)';
const COMMITMENT = '(bytes32 deal, address provider, uint24 number, bytes32 seal)';
const TESTIMONY = '(address provider, uint24 number, bytes32 unit, bytes32 digest, bytes32[] proof)';
const DEAL = '(uint96 remaining, uint96 promised, uint40 openedAt, uint8 state)';
const SHARE =
  '(uint96 allocated, uint96 paid, uint16 committed, uint16 revealed, uint24 openCases, uint8 state)';
const CASE = '(address[] providers, bytes32[] digests, bool settled)';

export const tokenAbi = new Interface([
  'function approve(address spender, uint256 value) returns (bool)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
]);

export const marketAbi = new Interface([
  'function deposit(uint96 amount)',
  'function withdraw(address to, uint96 amount)',
  `function open(${TERMS} terms, bytes signature) returns (bytes32 id)`,
  `function allocate(${TERMS} terms, ${ALLOCATION}[] allocations)`,
  `function redeemMany(${TERMS} terms, ${VOUCHER}[] vouchers, bytes[] signatures)`,
  `function relinquish(${TERMS} terms, address provider)`,
  `function commit(${TERMS} terms, ${COMMITMENT} commitment, bytes signature)`,
  `function reveal(${TERMS} terms, address provider, uint24 number, bytes32 root, bytes32 salt)`,
  `function testify(${TERMS} terms, ${TESTIMONY} testimony)`,
  `function settle(${TERMS} terms, bytes32 unit)`,
  `function expire(${TERMS} terms, address provider)`,
  `function release(${TERMS} terms, address provider)`,
  `function close(${TERMS} terms)`,
  'function balanceOf(address account) view returns (uint96)',
  `function dealOf(bytes32 deal) view returns (${DEAL})`,
  `function shareOf(bytes32 deal, address provider) view returns (${SHARE})`,
  `function caseOf(bytes32 deal, bytes32 unit) view returns ${CASE}`,
  `event DealOpened(bytes32 indexed deal, address indexed requester, bytes32 indexed spec, ${TERMS} terms)`,
  'event Allocated(bytes32 indexed deal, address indexed provider, uint96 allocated)',
  'event Redeemed(bytes32 indexed deal, address indexed provider, address payout, uint96 amount)',
  'event Committed(bytes32 indexed deal, address indexed provider, uint24 number, bytes32 seal)',
  'event Settled(bytes32 indexed deal, bytes32 indexed unit, bytes32 digest)',
  'event Slashed(bytes32 indexed deal, address indexed provider, uint96 stake, uint96 forfeited)',
  'event Released(bytes32 indexed deal, address indexed provider, uint96 stake)',
  'event DealClosed(bytes32 indexed deal, address indexed requester, uint96 refund)',
]);

export const registryAbi = new Interface([
  'function register(address payout, address[] workers)',
  'function setPayout(address payout)',
  'function addWorker(address worker)',
  'function removeWorker(address worker)',
  'function stake(uint96 amount)',
  'function requestUnstake(uint96 amount)',
  'function unstake()',
  'function providerOf(address worker) view returns (address)',
  'function payoutOf(address provider) view returns (address)',
  'function stakeOf(address provider) view returns ((uint96 staked, uint96 locked))',
  'function unbondingOf(address provider) view returns ((uint96 amount, uint40 readyAt))',
]);

export const anchorAbi = new Interface([
  'function anchor(bytes32 subject, bytes32 root)',
  'function rootOf(address publisher, bytes32 subject) view returns (bytes32)',
]);

/** Of all contracts that a call can reach: the market hands on what registry and token refuse with. */
export const errorAbi = new Interface([
  'error AlreadyAnchored(address,bytes32)',
  'error AlreadyRegistered(address)',
  'error AmountZero()',
  'error BalanceTooLow(uint96,uint96)',
  'error BudgetExceeded(uint96,uint96)',
  'error BundleRevealed(uint24)',
  'error BundleUnknown(uint24)',
  'error CaseSettled(bytes32)',
  'error CaseUnknown(bytes32)',
  'error ConditionUnmet(bytes32,address)',
  'error CoolingDown(uint40)',
  'error CountsDiffer(uint256,uint256)',
  'error DealExists(bytes32)',
  'error DealNotOpen(bytes32)',
  'error ECDSAInvalidSignature()',
  'error ECDSAInvalidSignatureLength(uint256)',
  'error ECDSAInvalidSignatureS(bytes32)',
  'error ERC20ExceededCap(uint256,uint256)',
  'error ERC20InsufficientAllowance(address,uint256,uint256)',
  'error ERC20InsufficientBalance(address,uint256,uint256)',
  'error ERC20InvalidApprover(address)',
  'error ERC20InvalidCap(uint256)',
  'error ERC20InvalidReceiver(address)',
  'error ERC20InvalidSender(address)',
  'error ERC20InvalidSpender(address)',
  'error ERC2612ExpiredSignature(uint256)',
  'error ERC2612InvalidSigner(address,address)',
  'error IntakeStopped(uint40)',
  'error InvalidAccountNonce(address,uint256)',
  'error InvalidShortString()',
  'error KeyInUse(address)',
  'error KeyInvalid(address)',
  'error NotAgent(address)',
  'error NotProvider(address)',
  'error NotRegistered(address)',
  'error NothingToDo()',
  'error NumberInvalid(uint24)',
  'error NumberUsed(uint24)',
  'error OnlyGuardian()',
  'error OnlyMarket()',
  'error OnlyMinter()',
  'error ProofWrong()',
  'error ProviderUnknown(address)',
  'error RootInvalid()',
  'error SafeCastOverflowedUintDowncast(uint8,uint256)',
  'error SafeERC20FailedOperation(address)',
  'error SealWrong()',
  'error ShareSlashed(bytes32,address)',
  'error ShareUnknown(bytes32,address)',
  'error SignatureInvalid(address)',
  'error StakeTooLow(uint96,uint96)',
  'error StringTooLong(string)',
  'error TermsInvalid(string)',
  'error TestimonyRepeated(bytes32,address)',
  'error TooEarly(uint40)',
  'error TooLate(uint40)',
  'error VotesFull(bytes32)',
  'error WorkersFull(uint256)',
]);
