import fc from 'fast-check';
import t from 'tap';
import {
  collect,
  DirectoryNode,
  FileNode,
  inputTree,
  LimitReached,
  OUTPUT_NODES_MAX,
  OutputQuota,
} from '../../../src/fabric/wasm/file-tree.ts';

const output = (bytesMax: number) => {
  const quota = new OutputQuota(bytesMax);
  return { quota, root: new DirectoryNode(quota.nextInode(), undefined, quota) };
};
const overLimit = { code: 'FABRIC_TASK_OUTPUT_LIMIT' };

t.test('bytes count up to the limit and not one further', async (t) => {
  const { root } = output(10);
  root.createFile('a').write(new Uint8Array(6), 0);
  const b = root.createFile('b');
  b.write(new Uint8Array(4), 0);
  t.throws(() => b.write(new Uint8Array(1), 4), overLimit);
});

t.test('a hole counts like bytes, and is zero', async (t) => {
  const { root } = output(10);
  const file = root.createFile('a');
  file.write(Uint8Array.of(7), 5);
  t.same(file.bytes, Uint8Array.of(0, 0, 0, 0, 0, 7));
  t.throws(() => file.write(Uint8Array.of(7), 2 ** 50), overLimit);
});

t.test('what was cut off does not come back', async (t) => {
  const { root } = output(10);
  const file = root.createFile('a');
  file.write(Uint8Array.of(1, 2, 3), 0);
  file.resize(1);
  file.resize(3);
  t.same(file.bytes, Uint8Array.of(1, 0, 0));
});

t.test('a removed file counts until it is closed', async (t) => {
  const { root } = output(10);
  const file = root.createFile('a');
  file.opened();
  file.write(new Uint8Array(8), 0);
  root.remove('a');
  t.throws(() => root.createFile('b').write(new Uint8Array(8), 0), overLimit);
  const { root: other } = output(10);
  const again = other.createFile('a');
  again.opened();
  again.write(new Uint8Array(8), 0);
  other.remove('a');
  again.closed();
  t.doesNotThrow(() => other.createFile('b').write(new Uint8Array(8), 0));
});

t.test('names count, also those of directories, and are given back', async (t) => {
  const { root } = output(10);
  for (let index = 0; index < OUTPUT_NODES_MAX; index++) root.createDirectory(`d${index}`);
  t.throws(() => root.createFile('one more'), overLimit);
  const { root: other } = output(10);
  for (let index = 0; index < 3 * OUTPUT_NODES_MAX; index++) {
    other.createFile('again');
    other.remove('again');
  }
  t.equal(other.entries.size, 0);
});

t.test('files are collected by path, from however deep', async (t) => {
  const { root } = output(100);
  const deep = root.createDirectory('d').createDirectory('e');
  deep.createFile('z').write(Uint8Array.of(1), 0);
  root.createFile('b');
  root.createFile('a');
  root.createDirectory('empty');
  t.same(
    collect(root).map(({ path, bytes }) => `${path} ${bytes.length}`),
    ['a 0', 'b 0', 'd/e/z 1'],
  );
});

t.test('a path longer than any message carries is over the limit', async (t) => {
  const { root } = output(100);
  let directory = root;
  for (let depth = 0; depth < 128; depth++) directory = directory.createDirectory('d');
  directory.createFile('f');
  t.throws(() => collect(root), overLimit);
});

t.test('inputs make a tree, later ones over earlier ones', async (t) => {
  const root = inputTree(
    [
      { path: 'a', bytes: Uint8Array.of(1) },
      { path: 'd/b', bytes: Uint8Array.of(2) },
      { path: 'a', bytes: Uint8Array.of(3) },
    ],
    new OutputQuota(0),
  );
  t.same((root.entries.get('a') as FileNode).bytes, Uint8Array.of(3));
  t.notOk(root.writable);
  t.ok((root.entries.get('d') as DirectoryNode).entries.get('b') instanceof FileNode);
});

t.test('inputs that make no tree are refused, whatever they are called', async (t) => {
  const bytes = new Uint8Array(1);
  for (const paths of [[''], ['/a'], ['a/'], ['..'], ['a/../b'], ['./a'], ['a', 'a/b'], ['a/b', 'a']]) {
    const files = paths.map((path) => ({ path, bytes }));
    t.throws(() => inputTree(files, new OutputQuota(0)), { code: 'FABRIC_TASK_INVALID' }, paths.join());
  }
});

t.test('whatever is written and removed, the quota is the sum of what is there', async () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const action = fc.record({ name, size: fc.nat(60), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const { root, quota } = output(100);
      for (const { name, size, remove } of actions) {
        const file = root.entries.get(name) ?? root.createFile(name);
        const others = 100 - quota.spareBytes - (file as FileNode).size;
        if (remove) root.remove(name);
        else if (others + size <= 100) (file as FileNode).resize(size);
        else {
          try {
            (file as FileNode).resize(size);
            return false;
          } catch (limit) {
            return limit instanceof LimitReached;
          }
        }
        const sum = [...root.entries.values()].reduce((sum, node) => sum + (node as FileNode).size, 0);
        if (sum !== 100 - quota.spareBytes) return false;
      }
      return true;
    }),
  );
});
