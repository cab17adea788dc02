import t from 'tap';
import { createWasmSandbox } from '../../../src/fabric/wasm/sandbox.ts';
import { sandboxConformance } from '../../conformance/sandbox.ts';

// Some twenty processes are started in a row, at the lowest priority: a busy machine takes its time.
t.setTimeout(120_000);

t.test('the WASM sandbox keeps the promises of a sandbox', (t) =>
  sandboxConformance(t, (options) => createWasmSandbox(options)),
);
