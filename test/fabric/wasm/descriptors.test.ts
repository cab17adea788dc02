import t from 'tap';
import { DirectoryDescriptor, type FileDescriptor, TaskLog } from '../../../src/fabric/wasm/descriptors.ts';
import { DirectoryNode, type FileNode, OutputQuota } from '../../../src/fabric/wasm/file-tree.ts';
import { Errno } from '../../conformance/sandbox-escapes.ts';
import { Flag } from '../../fixtures/probe-text.ts';

const APPEND = 1;

function outTree() {
  const quota = new OutputQuota(1_000);
  const root = new DirectoryNode(quota.nextInode(), undefined, quota);
  return { root, out: new DirectoryDescriptor(root, '/out') };
}

const open = (directory: DirectoryDescriptor, path: string, oflags = 0, flags = 0) =>
  directory.path_open(0, path, oflags, 0n, 0n, flags);

const text = (value: string) => Buffer.from(value);

t.test('a file is read and written where its descriptor stands', async (t) => {
  const { out } = outTree();
  const file = open(out, 'f', Flag.create).fd_obj as FileDescriptor;
  file.fd_write(text('hello world'));
  t.same(file.fd_seek(-5n, 1), { ret: 0, offset: 6n });
  t.same(Buffer.from(file.fd_read(100).data).toString(), 'world');
  t.same(file.fd_read(100).data.length, 0);
  file.fd_pwrite(text('J'), 0n);
  t.same(Buffer.from(file.fd_pread(5, 0n).data).toString(), 'Jello');
  t.same(file.fd_seek(-1n, 0).ret, Errno.inval);
  t.same(file.fd_seek(0n, 9).ret, Errno.inval);
  t.same(file.fd_seek(-1n, 2), { ret: 0, offset: 10n });
});

t.test('appending always goes to the end', async (t) => {
  const { out, root } = outTree();
  const file = open(out, 'f', Flag.create, APPEND).fd_obj as FileDescriptor;
  file.fd_write(text('a'));
  file.fd_seek(0n, 0);
  file.fd_write(text('b'));
  t.same(Buffer.from((root.entries.get('f') as FileNode).bytes).toString(), 'ab');
});

t.test('opening obeys its flags', async (t) => {
  const { out } = outTree();
  t.equal(open(out, 'none').ret, Errno.noent);
  t.equal(open(out, 'f', Flag.create).ret, 0);
  t.equal(open(out, 'f', Flag.create | Flag.exclusive).ret, Errno.exist);
  t.equal(open(out, 'f', Flag.directory).ret, Errno.notdir);
  t.equal(open(out, 'f/').ret, Errno.notdir);
  t.equal(open(out, 'f/g').ret, Errno.notdir);
  t.equal(open(out, 'no/g', Flag.create).ret, Errno.noent);
  t.equal(open(out, '.', Flag.directory).ret, 0);
  t.equal(open(out, 'a\0b').ret, Errno.inval);
  t.equal(open(out, '').ret, Errno.noent);
});

t.test('directories are made, listed and removed', async (t) => {
  const { out } = outTree();
  t.equal(out.path_create_directory('d'), 0);
  t.equal(out.path_create_directory('d'), Errno.exist);
  open(out, 'd/f', Flag.create);
  const names: string[] = [];
  const listed = open(out, 'd').fd_obj as DirectoryDescriptor;
  for (let cookie = 0n; ; cookie += 1n) {
    const { dirent } = listed.fd_readdir_single(cookie);
    if (dirent === null) break;
    names.push(Buffer.from(dirent.dir_name).toString());
  }
  t.same(names, ['.', '..', 'f']);
  t.equal(out.path_remove_directory('d'), Errno.notempty);
  t.equal(out.path_unlink_file('d'), Errno.isdir);
  t.equal(out.path_remove_directory('d/f'), Errno.notdir);
  t.equal(out.path_unlink_file('d/f'), 0);
  t.equal(out.path_remove_directory('d'), 0);
  t.equal(out.path_remove_directory('.'), Errno.inval);
});

t.test('moving replaces what may be replaced and never makes a circle', async (t) => {
  const { out, root } = outTree();
  out.path_create_directory('d');
  out.path_create_directory('d/e');
  open(out, 'f', Flag.create);
  open(out, 'g', Flag.create);
  t.equal(out.moveTo('d', out, 'd/e/d'), Errno.inval);
  t.equal(out.moveTo('d', out, 'f'), Errno.notdir);
  t.equal(out.moveTo('f', out, 'd'), Errno.isdir);
  t.equal(out.moveTo('none', out, 'x'), Errno.noent);
  t.equal(out.moveTo('f', out, 'f'), 0);
  t.equal(out.moveTo('f', out, 'g'), 0);
  t.equal(out.moveTo('d/e', out, 'e'), 0);
  t.same([...root.entries.keys()].sort(), ['d', 'e', 'g']);
  t.equal(out.moveTo('d', out, 'e'), 0, 'an empty directory is replaced');
  t.same([...root.entries.keys()].sort(), ['e', 'g']);
});

t.test('dot-dot stays within the directory it starts from', async (t) => {
  const { out } = outTree();
  out.path_create_directory('d');
  open(out, 'f', Flag.create);
  t.equal(open(out, 'd/../f').ret, 0);
  t.equal(open(out, '../f').ret, Errno.notcapable);
  const inner = open(out, 'd').fd_obj as DirectoryDescriptor;
  t.equal(open(inner, '../f').ret, Errno.notcapable);
});

t.test('standard output and error share one limit, and nothing over it is kept', async (t) => {
  const log = new TaskLog(6);
  log.out.fd_write(text('out'));
  log.err.fd_write(text('err'));
  t.throws(() => log.err.fd_write(text('!')), { code: 'FABRIC_TASK_LOG_LIMIT' });
  t.same(Buffer.from(log.stdout()).toString(), 'out');
  t.equal(log.stderrEnd(2), 'rr');
});
