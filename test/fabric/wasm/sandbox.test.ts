import t from 'tap';
import { createWasmSandbox } from '../../../src/fabric/wasm/sandbox.ts';
import { sandboxConformance } from '../../conformance/sandbox.ts';

t.test('the WASM sandbox keeps the promises of a sandbox', (t) =>
  sandboxConformance(t, (options) => createWasmSandbox(options)),
);
