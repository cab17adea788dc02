import t from 'tap';
import { readAppFolder } from '../../../src/application/toolchain/app-folder.ts';

const MANIFEST = `
name: tried
version: 1.0.0
title: Tried
description: For tests.
category: testing
license: Apache-2.0
compare: digest
inputs: [mesh]
limits: { memory: 16MB, time: 60s, output: 1KB, log: 1KB }
`;

t.test('a manifest is read with its quantities', async (t) => {
  t.match(await readAppFolder(t.testdir({ 'manifest.yaml': MANIFEST })), {
    name: 'tried',
    inputs: ['mesh'],
    limits: { memoryBytesMax: 16_000_000, runMsMax: 60_000, outputBytesMax: 1_000, logBytesMax: 1_000 },
  });
});

t.test('what is wrong is told with its place', async (t) => {
  const wrong = (text: string) => readAppFolder(t.testdir({ 'manifest.yaml': text }));
  await t.rejects(wrong(MANIFEST.replace('1.0.0', '1')), {
    message: /line 3, column 10: version: .*exact version/,
  });
  await t.rejects(wrong(`${MANIFEST}program: ../../x.wasm\n`), {
    message: /program: .*path of a \.wasm file in this/,
  });
  await t.rejects(wrong(`${MANIFEST}entry: x\n`), { message: /entry: is not known/ });
  await t.rejects(readAppFolder(t.testdir({})), {
    code: 'APPLICATION_FOLDER_INVALID',
    message: /no manifest\.yaml/,
  });
});
