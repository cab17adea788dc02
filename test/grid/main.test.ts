import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { VERSION } from '../../src/grid/version.ts';
import { serveFake, temporaryFolder } from './api-fixture.ts';

const CONUN = fileURLToPath(new URL('../../bin/conun', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../src/grid/main.ts', import.meta.url));

/** New enough, and tells which program it would run. */
const TELLING_NODE = '#!/bin/sh\n[ "$1" = --version ] && echo v22.18.0 || echo "ran $2"\n';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, words, { env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

t.test('the launcher works through links and from any folder', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  await symlink(CONUN, join(folder, 'one'));
  await symlink('one', join(folder, 'two'));
  t.match(await run(join(folder, 'two'), ['--version']), { code: 0, stdout: `${VERSION}\n`, stderr: '' });
});

t.test('the exit code of a command is the exit code of the program', async (t) => {
  const home = await temporaryFolder(t.teardown);
  t.match(await run(CONUN, ['status', '--home', home]), { code: 3, stdout: '', stderr: /conun daemon/ });
  const { home: served } = await serveFake(t.teardown);
  t.match(await run(CONUN, ['status', '--home', served]), { code: 0, stdout: /fake/, stderr: '' });
});

t.test('an old Node is refused with what to do', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  const node = join(folder, 'node');
  for (const version of ['v20.19.0', 'v22.17.9', 'nonsense']) {
    await writeFile(node, `#!/bin/sh\necho ${version}\n`);
    await chmod(node, 0o755);
    const told = await run(CONUN, ['--version'], { CONUN_NODE: node });
    t.match(told, {
      code: 1,
      stdout: '',
      stderr: /^conun: it needs Node 22\.18 or newer[\s\S]*→ .*npm install/,
    });
  }
  await writeFile(node, TELLING_NODE);
  t.match(await run(CONUN, ['--version'], { CONUN_NODE: node }), { stdout: /^ran .*\/grid\/main\.[jt]s\n$/ });
});

t.test('what is compiled runs, unless a source is newer', async (t) => {
  const root = await temporaryFolder(t.teardown);
  const files = ['bin/build.ts', 'package-lock.json', 'src/grid/main.ts', 'node_modules/commander/index.js'];
  for (const file of [...files, 'dist/.built']) {
    await mkdir(join(root, file, '..'), { recursive: true });
    await writeFile(join(root, file), '');
  }
  for (const script of ['conun', 'current'])
    await copyFile(join(CONUN, '..', script), join(root, 'bin', script));
  const node = join(root, 'node');
  await writeFile(node, TELLING_NODE, { mode: 0o755 });
  const program = async () => {
    const { stdout } = await run(join(root, 'bin/conun'), ['--help'], { CONUN_NODE: node });
    return relative(`ran ${root}`, stdout.trim());
  };
  const later = new Date(Date.now() + 60_000);
  t.equal(await program(), 'dist/grid/main.js');
  for (const file of ['bin/build.ts', 'package-lock.json', 'src/grid/main.ts']) {
    await utimes(join(root, file), later, later);
    t.equal(await program(), 'src/grid/main.ts', `${file} is newer`);
    await utimes(join(root, file), new Date(0), new Date(0));
    t.equal(await program(), 'dist/grid/main.js');
  }
  await rm(join(root, 'dist'), { recursive: true });
  t.equal(await program(), 'src/grid/main.ts', 'nothing is compiled');
});

t.test('without dependencies it says how to get them', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  await mkdir(join(folder, 'bin'));
  await copyFile(CONUN, join(folder, 'bin/conun'));
  const told = await run(join(folder, 'bin/conun'), ['--help']);
  t.match(told, { code: 1, stderr: /dependencies are not installed[\s\S]*→ Run `npm install`/ });
});

t.test('help waits for nothing that only a node needs', async (t) => {
  const hook = join(await temporaryFolder(t.teardown), 'hook.mjs');
  const told = "process.stderr.write(url + '\\n')";
  await writeFile(
    hook,
    `import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => (${told}, next(url, context)) });`,
  );
  const { code, stderr } = await run(process.execPath, [`--import=${hook}`, PROGRAM, '--help']);
  t.equal(code, 0);
  t.match(stderr, /src\/grid\/cli\/program\.ts/, 'what is loaded is seen');
  t.notMatch(stderr, /node_modules\/(ethers|libp2p|helia|level|binaryen|fastify)\//);
});
