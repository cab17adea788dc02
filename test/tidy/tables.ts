/**
 * What the repository allows where. Each exception has its reason beside it; without a good one, change the
 * code.
 */

/** From the ground up: a layer may import those before it, through their doors. */
export const LAYERS = [
  'actors',
  'fabric',
  'connectivity',
  'resource',
  'collective',
  'application',
  'grid',
] as const;

/** Started by name, not imported: programs and doors to the outside. */
export const ENTRIES: Readonly<Record<string, string>> = {
  'src/grid/main.ts': 'bin/conun',
  'src/grid/demo/main.ts': 'npm start',
  'src/grid/demo/liar.ts': 'a process of the demonstration',
  'src/application/plugin.ts': 'the export conun/plugin of the package',
  'src/application/plugin-process.ts': 'the process in which a plugin runs',
  'src/fabric/wasm/host-process.ts': 'a process of the sandbox',
  'src/connectivity/key-agent-process.ts': 'the process that holds unlocked keys',
};

/**
 * Libraries, and the files that may import them: prefixes ending in `/`, or files. Packages stand for their
 * parts.
 */
export const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  '@bjorn3/browser_wasi_shim': ['src/fabric/wasm/wasi.ts', 'src/fabric/wasm/descriptors.ts'],
  '@libp2p/noise': ['src/connectivity/libp2p-host.ts'],
  '@libp2p/yamux': ['src/connectivity/libp2p-host.ts'],
  '@fastify/swagger': ['src/grid/api/server.ts'],
  '@helia/bitswap': ['src/connectivity/helia-node.ts'],
  '@helia/unixfs': ['src/connectivity/blocks.ts'],
  '@ipld/dag-cbor': ['src/actors/canonical.ts'],
  '@libp2p/crypto': ['src/connectivity/libp2p-host.ts'],
  '@libp2p/gossipsub': ['src/connectivity/libp2p-host.ts', 'src/connectivity/libp2p-gossip.ts'],
  '@libp2p/identify': ['src/connectivity/libp2p-host.ts'],
  // Types of the host that the bindings of our ports share: one port a file.
  '@libp2p/interface': [
    'src/connectivity/blocks.ts',
    'src/connectivity/helia-node.ts',
    'src/connectivity/libp2p-address.ts',
    'src/connectivity/libp2p-discovery.ts',
    'src/connectivity/libp2p-gossip.ts',
    'src/connectivity/libp2p-host.ts',
    'src/connectivity/libp2p-network.ts',
    'src/connectivity/libp2p-peers.ts',
    'src/connectivity/libp2p-stream.ts',
    'src/connectivity/libp2p-tcp.ts',
  ],
  '@libp2p/kad-dht': ['src/connectivity/libp2p-host.ts'],
  '@libp2p/mdns': ['src/connectivity/libp2p-host.ts'],
  '@libp2p/peer-id': ['src/connectivity/libp2p-address.ts'],
  '@libp2p/ping': ['src/connectivity/libp2p-host.ts'],
  '@libp2p/tcp': ['src/connectivity/libp2p-tcp.ts'],
  '@multiformats/multiaddr': ['src/connectivity/libp2p-address.ts', 'src/connectivity/libp2p-discovery.ts'],
  assemblyscript: ['src/application/toolchain/program-compiler.ts'],
  blessed: ['src/grid/top/screen.ts'],
  'blockstore-level': ['src/connectivity/block-shelf.ts'],
  bunny: ['plugins/render/'],
  'cli-progress': ['src/grid/cli/progress.ts'],
  commander: ['src/grid/cli/program.ts'],
  conun: ['plugins/'],
  esbuild: ['src/application/toolchain/plugin-bundler.ts', 'bin/build.ts'],
  // Accounts and their signatures in one layer, a chain in the next: nothing else knows that it is Ethereum,
  // but who makes one for the demonstration.
  ethers: ['src/connectivity/', 'src/resource/', 'src/grid/demo/local-chain.ts'],
  'fast-png': ['plugins/render/'],
  fastify: ['src/grid/api/'],
  helia: ['src/connectivity/blocks.ts', 'src/connectivity/helia-node.ts'],
  level: ['src/fabric/journal-level.ts'],
  libp2p: ['src/connectivity/libp2p-host.ts'],
  // Addresses of content: computed where bytes are hashed, read where blocks are fetched, kept and pinned.
  multiformats: [
    'src/fabric/content-address.ts',
    'src/connectivity/block-fetch.ts',
    'src/connectivity/block-shelf.ts',
    'src/connectivity/blocks.ts',
    'src/connectivity/content-tree.ts',
    'src/connectivity/peer-id.ts',
    'src/connectivity/pins.ts',
  ],
  'node-nvidia-smi': ['src/fabric/'],
  pino: ['src/grid/log.ts'],
  systeminformation: ['src/fabric/'],
  yaml: ['src/application/yaml-text.ts', 'src/grid/config.ts', 'src/grid/cli/batch-file-inputs.ts'],
  // A schema at each edge: the kernel has none, and what is inside is trusted.
  zod: [
    'src/fabric/',
    'src/connectivity/',
    'src/resource/',
    'src/collective/',
    'src/application/',
    'src/grid/',
  ],
};

/**
 * The files that may read the machine's clock or its chance; all others are given a `Clock` and a `Random`.
 */
export const TIME_AND_CHANCE: Readonly<Record<string, string>> = {
  'src/actors/system-clock.ts': 'is the clock',
  'src/actors/system-random.ts': 'is the chance',
  'src/actors/macrotask-dispatcher.ts': 'measures how long it keeps the event loop',
  'src/fabric/wasm/host-process.ts': 'a process of its own, which has no kernel',
  'src/fabric/wasm/task-runner.ts': 'measures what a task uses, in that process',
  'src/application/plugin-process.ts': 'takes chance away from plugins',
  'src/grid/demo/': 'a stopwatch for people',
};

/** Faces: what they print is what they are for. */
export const PRINTERS = ['src/grid/'] as const;

/** Files and folders (`…/`) whose test is not at the mirrored path, because only the whole can be tested. */
export const TESTED_BY: Readonly<Record<string, string>> = {
  // Words of a conversation, and a program of three lines: seen when both ends talk.
  'src/connectivity/key-agent-wire.ts': 'test/connectivity/key-agent-client.test.ts',
  'src/connectivity/key-agent-process.ts': 'test/connectivity/key-agent-client.test.ts',
  // How libp2p and helia are put together for those that talk over them.
  'src/connectivity/libp2p.ts': 'test/connectivity/libp2p-network.test.ts',
  'src/connectivity/helia-node.ts': 'test/connectivity/blocks.test.ts',
  // What these do is to put layers together: seen only when a grid of whole nodes computes something.
  'src/grid/foundation.ts': 'test/e2e/quorum.test.ts',
  'src/grid/machine-side.ts': 'test/e2e/quorum.test.ts',
  'src/grid/provider-side.ts': 'test/e2e/quorum.test.ts',
  'src/grid/broker-side.ts': 'test/e2e/recovery.test.ts',
  'src/grid/paying.ts': 'test/e2e/paid.test.ts',
  'src/grid/chain-ledger.ts': 'test/e2e/paid-chain.test.ts',
  // Begins, ends and is killed as a process.
  'src/grid/daemon.ts': 'test/e2e/recovery.test.ts',
  // What these do is to have a chain carry something out.
  'src/grid/account-ledger.ts': 'test/e2e/wallet.test.ts',
  'src/grid/cli/errand.ts': 'test/e2e/wallet.test.ts',
  'src/grid/cli/wallet-balance.ts': 'test/e2e/wallet.test.ts',
  // One script and its parts, played from beginning to end.
  'src/grid/demo/': 'test/e2e/demo.test.ts',
};

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 70;
export const LINE_COLUMNS_MAX = 110;
